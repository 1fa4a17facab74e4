/** Lesson 8: why a process may not give up rights, or have itself limited or filtered. capset(2), prctl(2), seccomp(2), setrlimit(2), landlock(7). */
import * as kernel from '../../../kernel/constants.ts'
import { capabilityNames, CAPABILITIES, type Capability } from '../../../kernel/capabilities.ts'
import { number, text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import { isInUserNamespace } from '../scene.ts'

/** `<linux/bpf_common.h>`: BPF_MAXINSNS, and struct sock_filter has eight bytes. */
const MOST = 4096

// #region confinement
export const confinementCauses: Cause[] = [
  {
    name: 'seccomp/no-promise',
    calls: ['seccomp'],
    codes: ['EACCES'],
    precondition:
      'Whoever asks for a filter has promised to gain nothing by execve, or may administer its user namespace',
    man: 'seccomp(2): The caller did not have the CAP_SYS_ADMIN capability in its user namespace, or had not set no_new_privs before using SECCOMP_SET_MODE_FILTER.',
    probe: promised,
  },
  {
    name: 'landlock/no-promise',
    calls: ['landlock_restrict_self'],
    codes: ['EPERM'],
    precondition:
      'Whoever restricts itself has promised to gain nothing by execve, or may administer its user namespace',
    man: "landlock_restrict_self(2): the calling thread is not running with no_new_privs, or it doesn't have the CAP_SYS_ADMIN in its user namespace.",
    probe: promised,
  },
  {
    name: 'seccomp/length',
    calls: ['seccomp'],
    codes: ['EINVAL'],
    precondition: 'A filter has 1 to 4096 instructions of eight bytes',
    man: 'seccomp(2): operation specified SECCOMP_SET_MODE_FILTER, but the filter program pointed to by args was not valid or the length of the filter program was zero or exceeded BPF_MAXINSNS (4096) instructions.',
    args: 2,
    probe: (attempt) => {
      const bytes = text(attempt, 1).length / 2
      if (bytes > 0 && bytes % 8 === 0 && bytes / 8 <= MOST) return 'so'
      return { fact: `it has ${bytes} bytes`, remedy: 'Let compileSeccomp(profile) make it, and name fewer arguments' }
    },
  },
  {
    name: 'capbset/capability',
    calls: ['capbset'],
    codes: ['EPERM'],
    precondition: 'The process has the capability CAP_SETPCAP',
    man: 'prctl(2): EPERM if the calling thread does not have the CAP_SETPCAP',
    probe: (attempt) =>
      may(attempt, 'CAP_SETPCAP')
        ? 'so'
        : {
            fact: `process ${attempt.scene.pid} does not have CAP_SETPCAP`,
            remedy: 'Take away the bounding set first, and then what the process has itself',
          },
  },
  {
    name: 'capset/raised',
    calls: ['capset'],
    codes: ['EPERM'],
    precondition: 'A process asks for no capability that it has not got',
    man: 'capset(2): An attempt was made to add a capability to the permitted set, or to set a capability in the effective set that is not in the permitted set.',
    args: 3,
    probe: (attempt) => {
      const permitted = setOf(attempt, 'CapPrm')
      if (permitted === undefined) return 'unknown'
      const [more] = capabilityNames((BigInt(number(attempt, 0)) | BigInt(number(attempt, 1))) & ~permitted)
      if (more === undefined) return 'so'
      return { fact: `process ${attempt.scene.pid} does not have ${more} to keep`, remedy: 'Leave it out of the list' }
    },
  },
  {
    name: 'setrlimit/above-hard',
    calls: ['setrlimit'],
    codes: ['EPERM'],
    precondition: 'A hard limit is raised by root of the machine alone',
    man: 'setrlimit(2): An unprivileged process tried to raise the hard limit; the CAP_SYS_RESOURCE capability is required to do this.',
    args: 3,
    probe: (attempt) => {
      if (!isInUserNamespace(attempt.scene) && may(attempt, 'CAP_SYS_RESOURCE')) return 'so'
      const hard = number(attempt, 2)
      return {
        fact: `process ${attempt.scene.pid} asks for ${hard === -1 ? 'no limit' : hard}, and may only lower what it has`,
        remedy: `See what that is in /proc/${attempt.scene.pid}/limits, and ask for no more`,
      }
    },
  },
  {
    name: 'setrlimit/order',
    calls: ['setrlimit'],
    codes: ['EINVAL'],
    precondition: 'The soft limit is not above the hard one',
    man: 'setrlimit(2): rlim->rlim_cur was greater than rlim->rlim_max',
    args: 3,
    probe: (attempt) => {
      const [soft, hard] = [number(attempt, 1), number(attempt, 2)].map((limit) => (limit === -1 ? Infinity : limit))
      if (Number(soft) <= Number(hard)) return 'so'
      return {
        fact: `${soft === Infinity ? 'no limit' : soft} is more than ${hard}`,
        remedy: 'Write the smaller one first',
      }
    },
  },
  {
    name: 'setrlimit/open-files',
    calls: ['setrlimit'],
    codes: ['EPERM'],
    precondition: 'No more files are to be open than the kernel lets one process have',
    man: 'setrlimit(2): The caller tried to increase the hard RLIMIT_NOFILE limit above the maximum defined by /proc/sys/fs/nr_open',
    args: 3,
    probe: (attempt) => {
      if (number(attempt, 0) !== kernel.RLIMIT_NOFILE) return 'apart'
      const most = attempt.scene.read('/proc/sys/fs/nr_open')?.trim()
      if (most === undefined) return 'unknown'
      const hard = number(attempt, 2)
      if (hard !== -1 && hard <= Number(most)) return 'so'
      return { fact: `/proc/sys/fs/nr_open is ${most}`, remedy: `Ask for ${most} or less` }
    },
  },
  {
    name: 'bpf/user-namespace',
    calls: ['bpf_prog_load', 'bpf_prog_attach'],
    codes: ['EPERM'],
    precondition: 'Programs for the kernel are loaded by root of the machine, and not of a user namespace',
    man: 'capabilities(7): Employ privileged BPF operations; see bpf(2) and bpf-helpers(7).',
    probe: (attempt) =>
      !isInUserNamespace(attempt.scene) && (may(attempt, 'CAP_BPF') || may(attempt, 'CAP_SYS_ADMIN'))
        ? 'so'
        : {
            fact: `process ${attempt.scene.pid} (user ${attempt.scene.uid}) is not root of the machine`,
            remedy: 'Run it with sudo, or without a list of devices',
          },
  },
  {
    name: 'keyctl/quota',
    calls: ['keyctl'],
    codes: ['EDQUOT'],
    precondition: 'The user has fewer keys than one may have',
    man: "keyctl(2): The key quota for the caller's user would be exceeded by creating a key or linking it to the keyring.",
    probe: ({ scene }) => {
      const [, count, most] =
        new RegExp(`^ *${scene.uid}: .* (\\d+)/(\\d+) \\d+/\\d+$`, 'm').exec(scene.read('/proc/key-users') ?? '') ?? []
      if (count === undefined || most === undefined) return 'unknown'
      if (Number(count) < Number(most)) return 'so'
      return {
        fact: `user ${scene.uid} has ${count} keys of ${most}, and each box has a keyring`,
        remedy: 'Allow more: sysctl -w kernel.keys.maxkeys=2000',
      }
    },
  },
]
// #endregion confinement

function promised(attempt: Attempt): Verdict {
  const { pid, read } = attempt.scene
  const promise = /^NoNewPrivs:\s*(\d)$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  if (promise === undefined) return 'unknown'
  if (promise === '1' || may(attempt, 'CAP_SYS_ADMIN')) return 'so'
  return {
    fact: `process ${pid} has not promised to gain nothing by execve, and no longer has CAP_SYS_ADMIN`,
    remedy: 'Promise it first: prctl(PR_SET_NO_NEW_PRIVS, 1, 0)',
  }
}

const may = ({ scene }: Attempt, name: Capability): boolean =>
  ((scene.capabilities >> BigInt(CAPABILITIES.indexOf(name))) & 1n) === 1n

const setOf = ({ scene }: Attempt, field: string): bigint | undefined => {
  const set = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(scene.read(`/proc/${scene.pid}/status`) ?? '')?.[1]
  return set === undefined ? undefined : BigInt(`0x${set}`)
}
