/** One failure for each cause. */
import { symlinkSync } from 'node:fs'
import * as fs from 'node:fs'
import * as kernel from '../../../src/kernel/constants.ts'
import { cgroupInjections, removalInjections } from './cgroups.ts'
import { executeInjections } from './execute.ts'
import { writeFile } from './files.ts'
import { dir, NOBODY, OWN, plain, step, tmpfs, USER, type Inject } from './injection.ts'
import { mountInjections, overlayInjections, pivotInjections, umountInjections } from './mounts.ts'
import { forkInjections, mapInjections, namespaceInjections, rightsInjections } from './namespaces.ts'

const others: Record<string, Inject> = {
  'sethostname/too-long': plain('EINVAL', step('unshare', kernel.CLONE_NEWUTS), step('sethostname', 'x'.repeat(65))),
  'mknod/user-namespace': ({ place }) => ({
    as: USER,
    code: 'EPERM',
    steps: [step('mknod', `${place}/null`, kernel.S_IFCHR | 0o666, 259)],
  }),
  'write/permission': ({ place }) => ({
    as: NOBODY,
    code: 'EACCES',
    steps: [step('write', writeFile(`${place}/file`, '', 0o644), 'x')],
  }),

  'path/missing': ({ place }) => ({ code: 'ENOENT', steps: [step('chroot', `${place}/no/where`)] }),
  'path/not-a-directory': ({ place }) => ({ code: 'ENOTDIR', steps: [step('chroot', writeFile(`${place}/file`, ''))] }),
  'path/links': ({ place }) => {
    symlinkSync('b', `${place}/a`)
    symlinkSync('a', `${place}/b`)
    return { code: 'ELOOP', steps: [step('chdir', `${place}/a`)] }
  },
  'path/too-long': ({ place }) => ({ code: 'ENAMETOOLONG', steps: [step('chdir', `${place}/${'x'.repeat(256)}`)] }),
  'path/search': ({ place }) => {
    fs.mkdirSync(`${place}/closed/room`, { recursive: true })
    fs.chmodSync(`${place}/closed`, 0o700)
    return { as: NOBODY, code: 'EACCES', steps: [step('chdir', `${place}/closed/room`)] }
  },
  'path/taken': ({ place }) => ({ code: 'EEXIST', steps: [step('mkdir', place, 0o755)] }),
  'path/read-only': ({ place }) => ({
    code: 'EROFS',
    steps: [...OWN, tmpfs(place, kernel.MS_RDONLY), dir(`${place}/new`)],
  }),
}

export const injections: Record<string, Inject> = {
  ...rightsInjections,
  ...pivotInjections,
  ...executeInjections,
  ...namespaceInjections,
  ...forkInjections,
  ...mountInjections,
  ...overlayInjections,
  ...umountInjections,
  ...mapInjections,
  ...cgroupInjections,
  ...removalInjections,
  ...others,
}

const NATIVE = 'the call is one of the native launcher’s, and failures are made by the inline one'

/** What cannot be made at will: why not. These are tried on a scene that is made up. */
export const imaginary: Record<string, string> = {
  'unshare/not-in-this-kernel': 'this kernel has every namespace',
  'unshare/apparmor': 'it takes a machine with AppArmor, and a setting of all of it',
  'unshare/not-for-users': "it takes Debian's kernel, and a setting of all of it",
  'netlink/capability': 'only native/launch plays it, and the box has every right in its network by then',
  'netlink/network-of-others': 'a plan that would do so is refused before it is played',
  'any/seccomp': 'no program here sets a seccomp filter',
  'any/security-module': 'it takes a machine with a security module, and a profile of its own',
  'seccomp/no-promise': NATIVE,
  'landlock/no-promise': NATIVE,
  'seccomp/length': NATIVE,
  'capbset/capability': NATIVE,
  'capset/raised': NATIVE,
  'setrlimit/above-hard': NATIVE,
  'setrlimit/order': NATIVE,
  'setrlimit/open-files': NATIVE,
  'bpf/user-namespace': NATIVE,
  'keyctl/quota': NATIVE,
  'setuid/unmapped': NATIVE,
  'setgid/unmapped': NATIVE,
  'setuid/capability': NATIVE,
  'setgid/capability': NATIVE,
  'setgroups/denied': NATIVE,
  'setgroups/no-map': NATIVE,
  'mount_setattr/not-for-users': NATIVE,
  'open_tree/foreign-namespace': NATIVE,
  'mkdir/nobody': 'a Node that is nobody could not be started in there',
}
