/**
 * Which calls a box may make when nobody says otherwise. What a profile allows is listed, and all else refused: here the list is every call that
 * is known, but for those below. They are Docker's choice, and each with its reason; where ours refuses more, it says so.
 */
import { capabilityMask, type Capability } from '../kernel/capabilities.ts'
import { SYSCALLS } from '../kernel/syscalls.ts'
import type { ArgumentRule, Seccomp, SyscallRule } from './seccomp.ts'

// #region refused
/** Refused, unless the box has one of these capabilities: a call that needs one asks for it anyway, and most of these are asked for little else. */
const REFUSED: [unless: Capability[], calls: string, why: string][] = [
  [['CAP_SYS_ADMIN'], 'mount umount2 mount_setattr move_mount open_tree open_tree_attr', 'the walls are made of these'],
  [['CAP_SYS_ADMIN'], 'fsopen fsconfig fsmount fspick', 'the same, newer; CVE-2022-0185'],
  [['CAP_SYS_ADMIN'], 'unshare setns', 'in a user namespace of its own anybody is root; CVE-2022-0492'],
  [
    ['CAP_SYS_ADMIN'],
    'sethostname setdomainname quotactl quotactl_fd lookup_dcookie fanotify_init',
    'an administrator’s',
  ],
  [['CAP_SYS_ADMIN'], 'lsm_get_self_attr lsm_set_self_attr lsm_list_modules', 'labels are set before the command'],
  [['CAP_SYS_ADMIN', 'CAP_BPF'], 'bpf', 'programs that run in the kernel'],
  [['CAP_SYS_ADMIN', 'CAP_PERFMON'], 'perf_event_open', 'looks into others, the kernel too'],
  [['CAP_SYS_ADMIN', 'CAP_SYSLOG'], 'syslog', 'the kernel’s log is the machine’s'],
  [['CAP_DAC_READ_SEARCH'], 'open_by_handle_at', 'opens any file of a file system, whatever the root'],
  [['CAP_SYS_PTRACE'], 'kcmp pidfd_getfd process_madvise', 'reach into other processes'],
  [['CAP_SYS_CHROOT'], 'chroot', 'lesson 1'],
  [['CAP_SYS_MODULE'], 'init_module finit_module delete_module', 'code for the kernel'],
  [['CAP_SYS_BOOT'], 'reboot', 'the machine’s'],
  [['CAP_SYS_TIME'], 'settimeofday clock_settime', 'the clock is the machine’s'],
  [['CAP_SYS_RAWIO'], 'iopl ioperm', 'the machine’s ports'],
  [['CAP_SYS_PACCT'], 'acct', 'accounting of all processes'],
  [['CAP_SYS_TTY_CONFIG'], 'vhangup', 'the terminal may be the host’s'],
  [['CAP_SYS_NICE'], 'mbind get_mempolicy set_mempolicy set_mempolicy_home_node', 'memory nodes are the machine’s'],
  [[], 'add_key keyctl request_key', 'keyrings know no namespace: they go by user number'],
  [[], 'kexec_load kexec_file_load pivot_root swapon swapoff nfsservctl migrate_pages move_pages', 'the machine’s'],
  [[], 'userfaultfd io_uring_setup io_uring_enter io_uring_register', 'so many holes in so few years'],
  [[], '_sysctl create_module get_kernel_syms query_module sysfs uselib ustat', 'of another age'],
  [[], 'vserver afs_syscall tuxcall security getpmsg putpmsg', 'numbers that never did anything'],
  [[], 'file_getattr file_setattr', 'newer than anybody’s list'],
]
// #endregion refused

// #region arguments
const EQ = (index: number, value: number): ArgumentRule => ({ index, value: BigInt(value), op: 'SCMP_CMP_EQ' })
const MASKED = (index: number, mask: number, value: number): ArgumentRule => ({
  index,
  value: BigInt(mask),
  valueTwo: BigInt(value),
  op: 'SCMP_CMP_MASKED_EQ',
})
const allow = (name: string, ...args: ArgumentRule[]): SyscallRule => ({
  names: [name],
  action: 'SCMP_ACT_ALLOW',
  args,
})
const refuse = (name: string, errnoRet: number, ...args: ArgumentRule[]): SyscallRule => ({
  names: [name],
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  args,
})

/** The kernel reads 32 bits of these arguments, so a rule that compared 64 could be passed by with any bit above them (CVE-2019-10063). */
const INT = 0xffffffff

const SOCKETS = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 }
const AF_PACKET = 17
const SOCK_PACKET = 10

/** Calls that are several calls in one: which, an argument says. */
function byArgument(has: (name: Capability) => boolean): SyscallRule[] {
  return [
    // Every flag that makes a namespace; clone3 hides its flags behind a pointer, and with ENOSYS a C library goes on with clone.
    ...(has('CAP_SYS_ADMIN')
      ? [allow('clone'), allow('clone3')]
      : [allow('clone', MASKED(0, 0x7e020000, 0)), refuse('clone3', 38)]),
    // Ours: Docker leaves out a few families, such as AF_VSOCK and AF_ALG; these four are what programs use.
    ...(has('CAP_NET_RAW')
      ? [allow('socket', MASKED(0, INT, AF_PACKET))]
      : [refuse('socket', 1, MASKED(1, 0xf, SOCK_PACKET))]),
    ...Object.values(SOCKETS).map((family) => allow('socket', MASKED(0, INT, family))),
    ...[0, 0x8, 0x20000, 0x20008, INT].map((value) => allow('personality', EQ(0, value))),
    // Ours: to put words into the mouth of a terminal's user, TIOCSTI, or of the console's, TIOCLINUX.
    allow('ioctl'),
    refuse('ioctl', 1, MASKED(1, INT, 0x5412)),
    refuse('ioctl', 1, MASKED(1, INT, 0x541c)),
  ]
}
// #endregion arguments

// #region default
/** @param capabilities that the box has: with a capability come the calls that are of no use without it. */
export function defaultSeccomp(capabilities: readonly Capability[]): Seccomp {
  const mask = capabilityMask(capabilities)
  const profile = made.get(mask) ?? profileFor(capabilities)
  made.set(mask, profile)
  return profile
}

/** By capabilities. A process that makes many boxes makes it once. */
const made = new Map<bigint, Seccomp>()

function profileFor(capabilities: readonly Capability[]): Seccomp {
  const has = (name: Capability): boolean => capabilities.includes(name)
  const refused = REFUSED.filter(([unless]) => !unless.some(has)).flatMap(([, calls]) => calls.split(' '))
  const some = byArgument(has)
  const apart = new Set([...refused, ...some.flatMap(({ names }) => names)])
  const names = [...new Set(Object.values(SYSCALLS).flatMap((table) => [...table.keys()]))].filter(
    (name) => !apart.has(name),
  )
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
    syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }, ...some],
  }
}
// #endregion default
