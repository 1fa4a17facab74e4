/** unshare(2), setns(2), fork(2), the maps of user namespaces, and rights. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as kernel from '../../../src/kernel/constants.ts'
import type { Draft } from '../../../src/plan/plan.ts'
import { NOBODY, plain, step, tmpfs, USER, type Inject } from './injection.ts'

const { CLONE_NEWUSER, CLONE_NEWUTS } = kernel

/** Root without one of its rights, where it can do no harm should it have it after all. */
const without = (capability: string): string[] => [
  'unshare',
  '--mount',
  '--uts',
  'setpriv',
  `--bounding-set=-${capability}`,
]

const lacking =
  (capability: string, call: (place: string) => Draft): Inject =>
  ({ place }) => ({ as: without(capability), code: 'EPERM', steps: [call(place)] })

// #region rights
export const rightsInjections: Record<string, Inject> = {
  'chroot/capability': lacking('sys_chroot', (place) => step('chroot', place)),
  'mount/capability': lacking('sys_admin', (place) => tmpfs(place)),
  'umount2/capability': lacking('sys_admin', () => step('umount2', '/proc', 0)),
  'pivot_root/capability': lacking('sys_admin', () => step('pivot_root', '.', '.')),
  'unshare/capability': lacking('sys_admin', () => step('unshare', kernel.CLONE_NEWUTS)),
  'setns/capability': lacking('sys_admin', () => step('setns', '/proc/self/ns/uts', kernel.CLONE_NEWUTS)),
  'sethostname/capability': lacking('sys_admin', () => step('sethostname', 'refused')),
  'mknod/capability': lacking('mknod', (place) => step('mknod', `${place}/null`, kernel.S_IFCHR | 0o666, 259)),
  'mount/foreign-namespace': ({ place }) => ({
    as: ['unshare', '--user', '--map-root-user'],
    code: 'EPERM',
    steps: [tmpfs(place)],
  }),
  'sethostname/foreign-namespace': () => ({ as: USER, code: 'EPERM', steps: [step('sethostname', 'refused')] }),
}
// #endregion rights

// #region namespaces
export const namespaceInjections: Record<string, Inject> = {
  'unshare/threads': plain('EINVAL', step('unshare', kernel.CLONE_NEWUSER)),
  'unshare/pid-twice': plain('EINVAL', step('unshare', kernel.CLONE_NEWPID), step('unshare', kernel.CLONE_NEWPID)),
  'setns/other-kind': plain('EINVAL', step('setns', '/proc/self/ns/uts', kernel.CLONE_NEWIPC)),
  'setns/own-user-namespace': plain('EINVAL', step('setns', '/proc/self/ns/user', kernel.CLONE_NEWUSER)),
  'setns/shared-root': plain('EINVAL', step('setns', '/proc/self/ns/mnt', kernel.CLONE_NEWNS)),

  'unshare/limit': () => ({
    as: USER,
    code: 'ENOSPC',
    steps: [step('write', '/proc/sys/user/max_uts_namespaces', '0'), step('unshare', CLONE_NEWUTS)],
    fromInside: true,
  }),
  'unshare/chroot': async ({ place, start }) => {
    const script = 'mount --rbind / "$0" && exec chroot "$0" sh -c "unshare --user true; echo \\$?; exec sleep 1000"'
    return refusedUser(await start(['unshare', '--mount', 'sh', '-c', script, place]))
  },
  'unshare/unmapped': async ({ start }) =>
    refusedUser(await start(['unshare', '--user', 'sh', '-c', 'unshare --user true; echo $?; exec sleep 1000'])),
  'mount/network-of-others': async ({ place, start }) => {
    const script = `mount -t sysfs none ${place}; echo $?; exec sleep 1000`
    const { pid, first } = await start(['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script])
    const args = ['none', place, 'sysfs', 0, '']
    return { pid, call: 'mount' as const, args, code: first === '0' ? 'not refused' : 'EPERM' }
  },
  'setns/threads': async ({ start }) => {
    const { pid } = await start(['unshare', '--user', 'sh', '-c', 'echo there; exec sleep 1000'])
    return { code: 'EINVAL', steps: [step('setns', `/proc/${pid}/ns/user`, CLONE_NEWUSER)] }
  },
}
// #endregion namespaces

/** unshare(1) says with its exit status, the first line, whether it was refused. */
const refusedUser = ({ pid, first }: { pid: number; first: string }) => ({
  pid,
  call: 'unshare' as const,
  args: [CLONE_NEWUSER],
  code: first === '0' ? 'not refused' : 'EPERM',
})

/** Forks when it is told to, and says what came of it. */
const FORKER = `const { spawnSync } = require('node:child_process')
process.stdin.once('data', () => console.log(spawnSync('/bin/true').error?.code ?? 'not refused'))
console.log('ready')`

/** Has children until it is refused one. They end with it, as their input does. */
const BREEDER = `const { spawn } = require('node:child_process')
const bear = () => spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
let child = bear()
for (let born = 1; child.pid !== undefined && born < 100; born += 1) child = bear()
if (child.pid === undefined) child.on('error', ({ code }) => console.log(code))
else console.log('not refused')`

// #region fork
export const forkInjections: Record<string, Inject> = {
  'fork/pids-max': async ({ cgroup, start }) => {
    const directory = cgroup('pids')
    const { pid, tell, line } = await start([process.execPath, '-e', FORKER])
    writeFileSync(join(directory, 'cgroup.procs'), String(pid))
    writeFileSync(join(directory, 'pids.max'), '1')
    tell('now')
    return { pid, call: 'fork', args: [], code: await line() }
  },
  'fork/nproc': async ({ start }) => {
    const someone = ['setpriv', '--reuid=64123', '--regid=64123', '--clear-groups']
    const program = [...someone, process.execPath, '-e', BREEDER]
    const { pid, first } = await start(['prlimit', '--nproc=40:40', '--', ...program])
    return { pid, call: 'fork', args: [], code: first }
  },
  'fork/init-is-gone': async ({ start }) => {
    const script = 'trap "echo \\$?; read x" EXIT; /bin/true; /bin/true; :'
    const { pid, first } = await start(['unshare', '--pid', 'sh', '-c', script])
    return { pid, call: 'fork', args: [], code: first === '0' ? 'not refused' : 'ENOMEM' }
  },
}
// #endregion fork

/** Somebody whose user namespace has no map yet; and somebody like them, outside, who writes it. */
const map =
  (code: string, kind: 'uid' | 'gid', content: string): Inject =>
  async ({ start }) => {
    const { pid } = await start([...NOBODY, 'unshare', '--user', 'sh', '-c', 'echo there; exec sleep 1000'])
    return { as: NOBODY, code, steps: [step('write', `/proc/${pid}/${kind}_map`, content)] }
  }

// #region maps
export const mapInjections: Record<string, Inject> = {
  'user-map/form': map('EINVAL', 'uid', '0 65534 zero'),
  'user-map/setgroups': map('EPERM', 'gid', '0 65534 1'),
  'user-map/not-own-id': map('EPERM', 'uid', '0 65534 10'),
  'user-map/twice': () => ({ as: USER, code: 'EPERM', steps: [step('write', '/proc/self/uid_map', '0 0 1')] }),
  'user-map/no-rights-inside': () => ({
    as: ['unshare', '--user'],
    code: 'EPERM',
    steps: [step('write', '/proc/self/uid_map', '0 0 1')],
  }),
}
// #endregion maps
