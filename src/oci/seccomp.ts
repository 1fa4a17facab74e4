/** Which system calls a container may make: runtime-spec config-linux.md §seccomp. The names are libseccomp's, as everywhere. */

// #region profile
export interface Seccomp {
  defaultAction: SeccompAction
  defaultErrnoRet?: number
  /** Tables that calls may come from, besides the machine's own: calls of any other are refused. */
  architectures?: readonly string[]
  flags?: readonly SeccompFlag[]
  /** A socket that the descriptor of the filter is sent to, with what its owner wants to know about the container: seccomp_unotify(2). */
  listenerPath?: string
  listenerMetadata?: string
  syscalls?: readonly SyscallRule[]
}

/** What happens to these calls, when all conditions hold. Names that the machine does not know are passed over. */
export interface SyscallRule {
  names: readonly string[]
  action: SeccompAction
  errnoRet?: number
  args?: readonly ArgumentRule[]
}

/** Compares one argument, 64 bits of it. For SCMP_CMP_MASKED_EQ `value` is the mask and `valueTwo` what has to be left of it. */
export interface ArgumentRule {
  index: number
  value: bigint
  valueTwo?: bigint
  op: SeccompOperator
}
// #endregion profile

export type SeccompAction = keyof typeof ACTIONS
export type SeccompFlag = keyof typeof FLAGS
export type SeccompOperator = (typeof OPERATORS)[number]

/** `<linux/seccomp.h>`: what a filter answers. The lower 16 bits are for an errno, or for whoever traces. */
export const ACTIONS = {
  SCMP_ACT_KILL: 0x00000000,
  SCMP_ACT_KILL_THREAD: 0x00000000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_NOTIFY: 0x7fc00000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
} as const

/** `<linux/seccomp.h>`: seccomp(2), SECCOMP_SET_MODE_FILTER. */
export const FLAGS = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 32,
} as const

/** Tables of calls, by libseccomp's names. */
export const ARCHITECTURES = [
  ...(['SCMP_ARCH_X86', 'SCMP_ARCH_X86_64', 'SCMP_ARCH_X32', 'SCMP_ARCH_ARM', 'SCMP_ARCH_AARCH64'] as const),
  ...([
    'SCMP_ARCH_LOONGARCH64',
    'SCMP_ARCH_M68K',
    'SCMP_ARCH_MIPS',
    'SCMP_ARCH_MIPS64',
    'SCMP_ARCH_MIPS64N32',
  ] as const),
  ...(['SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL64N32', 'SCMP_ARCH_PPC', 'SCMP_ARCH_PPC64'] as const),
  ...(['SCMP_ARCH_PPC64LE', 'SCMP_ARCH_S390', 'SCMP_ARCH_S390X', 'SCMP_ARCH_SH', 'SCMP_ARCH_SHEB'] as const),
  ...(['SCMP_ARCH_PARISC', 'SCMP_ARCH_PARISC64', 'SCMP_ARCH_RISCV64'] as const),
] as const

export const OPERATORS = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
] as const
