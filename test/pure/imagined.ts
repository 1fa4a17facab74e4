/** Failures that no machine here can be made to have: a scene that is made up for each, and what explain has to say of it. */
import * as kernel from '../../src/kernel/constants.ts'
import type { Attempt } from '../../src/workshop/explain/cause.ts'
import type { Place } from '../../src/workshop/explain/place.ts'
import type { Scene } from '../../src/workshop/explain/scene.ts'

const NAMESPACES = { mnt: 1, uts: 2, ipc: 3, user: 4, pid: 5, cgroup: 6, net: 7 }
const ALL = (1n << 41n) - 1n

/** Root of a machine on which nothing is wrong, with the differences that are told. */
export function scene(different: Partial<Scene> & { files?: Record<string, string> } = {}): Scene {
  const { files = {}, ...rest } = different
  return {
    pid: 4711,
    uid: 0,
    capabilities: ALL,
    threads: 1,
    filtered: false,
    root: '/',
    mounts: [],
    uidMap: '0          0 4294967295',
    namespaces: { ...NAMESPACES, pid_for_children: 5 },
    ours: NAMESPACES,
    cgroups: [],
    processes: () => [],
    look: (path): Place => ({ found: false, code: 'ENOENT', fact: `there is no "${path}"` }),
    read: (path) => files[path],
    onHost: (path) => path,
    ...rest,
  }
}

export const nobody = { uid: 1000, capabilities: 0n }
const user = [kernel.CLONE_NEWUSER]
const { ipc: _, ...withoutIpc } = NAMESPACES

interface Imagined {
  attempt: Attempt
  code: string
  fact: RegExp
  remedy: RegExp
  /** With which the call would be well, where the scene is not to blame. */
  fine?: readonly unknown[]
}

/** What no machine here can be made to do. Each is named first, and names what is so. */
export const IMAGINED: Record<string, Imagined> = {
  'unshare/not-in-this-kernel': {
    attempt: { call: 'unshare', args: [kernel.CLONE_NEWIPC], scene: scene({ namespaces: withoutIpc }) },
    code: 'EINVAL',
    fact: /no \/proc\/4711\/ns\/ipc: this kernel was built without that namespace/,
    remedy: /Leave CLONE_NEWIPC out/,
  },
  'unshare/apparmor': {
    attempt: { call: 'unshare', args: user, scene: withSysctl('kernel/apparmor_restrict_unprivileged_userns', '1') },
    code: 'EPERM',
    fact: /apparmor_restrict_unprivileged_userns is 1/,
    remedy: /sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0$/,
  },
  'unshare/not-for-users': {
    attempt: { call: 'unshare', args: user, scene: withSysctl('kernel/unprivileged_userns_clone', '0') },
    code: 'EPERM',
    fact: /unprivileged_userns_clone is 0/,
    remedy: /sysctl -w kernel\.unprivileged_userns_clone=1$/,
  },
  'netlink/capability': {
    attempt: { call: 'netlink', args: [], scene: scene(nobody) },
    code: 'EPERM',
    fact: /process 4711 \(user 1000\) does not have CAP_NET_ADMIN/,
    remedy: /before rights are dropped, or as root$/,
  },
  'netlink/network-of-others': {
    attempt: { call: 'netlink', args: [], scene: scene({ uidMap: '0 1000 1' }) },
    code: 'EPERM',
    fact: /its network is the host's still$/,
    remedy: /unshare\(CLONE_NEWNET\)$/,
  },
  'any/seccomp': {
    attempt: { call: 'mount', args: [], scene: scene({ filtered: true, files: { '/.dockerenv': '' } }) },
    code: 'EPERM',
    fact: /process 4711 has a seccomp filter/,
    remedy: /--privileged --cgroupns=private$/,
  },
  'any/security-module': {
    attempt: {
      call: 'mount',
      args: [],
      scene: scene({ files: { '/proc/4711/attr/current': 'docker-default (enforce)\n' } }),
    },
    code: 'EACCES',
    fact: /confined by the profile "docker-default \(enforce\)"/,
    remedy: /dmesg/,
  },
  'seccomp/no-promise': {
    attempt: { call: 'seccomp', args: [0, '00'.repeat(8)], scene: weak(1n << 21n) },
    code: 'EACCES',
    fact: /process 4711 has not promised to gain nothing/,
    remedy: /PR_SET_NO_NEW_PRIVS/,
  },
  'landlock/no-promise': {
    attempt: { call: 'landlock_restrict_self', args: [1], scene: weak(1n << 21n) },
    code: 'EPERM',
    fact: /no longer has CAP_SYS_ADMIN/,
    remedy: /PR_SET_NO_NEW_PRIVS/,
  },
  'seccomp/length': {
    attempt: { call: 'seccomp', args: [0, '00'.repeat(8 * 4097)], scene: scene() },
    code: 'EINVAL',
    fact: /it has 32776 bytes/,
    remedy: /compileSeccomp/,
    fine: [0, '00'.repeat(8 * 4096)],
  },
  'capbset/capability': {
    attempt: { call: 'capbset', args: [0], scene: weak(1n << 8n) },
    code: 'EPERM',
    fact: /does not have CAP_SETPCAP/,
    remedy: /bounding set first/,
  },
  'capset/raised': {
    attempt: { call: 'capset', args: [3, 3, 0], scene: scene({ files: { '/proc/4711/status': 'CapPrm:\t01\n' } }) },
    code: 'EPERM',
    fact: /does not have CAP_DAC_OVERRIDE to keep/,
    remedy: /Leave it out/,
  },
  'setrlimit/above-hard': {
    attempt: { call: 'setrlimit', args: [7, -1, -1], scene: weak(1n << 24n) },
    code: 'EPERM',
    fact: /asks for no limit, and may only lower/,
    remedy: /\/proc\/4711\/limits/,
  },
  'setrlimit/order': {
    attempt: { call: 'setrlimit', args: [7, -1, 5], scene: scene() },
    code: 'EINVAL',
    fact: /no limit is more than 5/,
    remedy: /smaller one first/,
    fine: [7, 5, -1],
  },
  'setrlimit/open-files': {
    attempt: { call: 'setrlimit', args: [7, 1, 2000], scene: scene({ files: { '/proc/sys/fs/nr_open': '1024\n' } }) },
    code: 'EPERM',
    fact: /nr_open is 1024/,
    remedy: /Ask for 1024 or less/,
  },
  'bpf/user-namespace': {
    attempt: { call: 'bpf_prog_load', args: [1, ''], scene: scene({ uidMap: '0 1000 1' }) },
    code: 'EPERM',
    fact: /is not root of the machine/,
    remedy: /sudo/,
  },
  'setuid/unmapped': {
    attempt: { call: 'setuid', args: [5], scene: scene({ files: { '/proc/4711/uid_map': '0 1000 1\n' } }) },
    code: 'EINVAL',
    fact: /5 is no number in the user namespace of process 4711: its uid_map says "0 1000 1"/,
    remedy: /uid_map/,
  },
  'setgid/unmapped': {
    attempt: { call: 'setgid', args: [0], scene: scene({ files: { '/proc/4711/gid_map': '' } }) },
    code: 'EINVAL',
    fact: /its gid_map is empty/,
    remedy: /gid_map/,
  },
  'setuid/capability': {
    attempt: { call: 'setuid', args: [5], scene: weak(1n << 7n) },
    code: 'EPERM',
    fact: /does not have CAP_SETUID/,
    remedy: /before/,
  },
  'setgid/capability': {
    attempt: { call: 'setgid', args: [5], scene: weak(1n << 6n) },
    code: 'EPERM',
    fact: /does not have CAP_SETGID/,
    remedy: /before/,
  },
  'setgroups/denied': {
    attempt: { call: 'setgroups', args: [[]], scene: scene({ files: { '/proc/4711/setgroups': 'deny\n' } }) },
    code: 'EPERM',
    fact: /says "deny"/,
    remedy: /newgidmap/,
  },
  'setgroups/no-map': {
    attempt: { call: 'setgroups', args: [[]], scene: scene({ files: { '/proc/4711/gid_map': '' } }) },
    code: 'EPERM',
    fact: /gid_map is empty/,
    remedy: /Write it first/,
  },
  'mount_setattr/not-for-users': {
    attempt: {
      call: 'mount_setattr',
      args: [0, 0, kernel.MOUNT_ATTR_IDMAP, 0, '/proc/1/ns/user'],
      scene: scene({ uidMap: '0 1000 1' }),
    },
    code: 'EPERM',
    fact: /root of a user namespace only/,
    remedy: /sudo/,
  },
  'open_tree/foreign-namespace': {
    attempt: { call: 'open_tree', args: [0, '/', 1], scene: scene({ namespaces: { ...NAMESPACES, user: 99 } }) },
    code: 'EPERM',
    fact: /may not mount anything/,
    remedy: /CLONE_NEWNS/,
  },
  'mkdir/nobody': {
    attempt: {
      call: 'mkdir',
      args: ['/dev/pts', 0o755],
      scene: scene({ uidMap: '', namespaces: { ...NAMESPACES, user: 99 } }),
    },
    code: 'EOVERFLOW',
    fact: /is nobody in its user namespace: its uid_map is empty/,
    remedy: /setuid/,
  },
  'keyctl/quota': {
    attempt: {
      call: 'keyctl',
      args: [1, 'x'],
      scene: scene({ uid: 9, files: { '/proc/key-users': '    9:   200 200/200 200/200 3800/20000\n' } }),
    },
    code: 'EDQUOT',
    fact: /user 9 has 200 keys of 200/,
    remedy: /maxkeys/,
  },
}

/** What a process says that has promised, and may do anything. */
export const WELL = {
  '/proc/4711/status': 'CapPrm:\t000001ffffffffff\nNoNewPrivs:\t1\n',
  '/proc/4711/uid_map': '0 0 4294967295\n',
  '/proc/4711/gid_map': '0 0 4294967295\n',
  '/proc/sys/fs/nr_open': '1048576\n',
  '/proc/key-users': '    0:     1 1/1 1/200 19/20000\n',
}

/** Root without one of its rights, who has promised nothing. */
function weak(right: bigint): Scene {
  return scene({
    capabilities: ALL & ~right,
    files: { '/proc/4711/status': 'CapPrm:\t000001ffffffffff\nNoNewPrivs:\t0\n' },
  })
}

function withSysctl(name: string, value: string): Scene {
  return scene({ ...nobody, files: { [`/proc/sys/${name}`]: `${value}\n` } })
}
