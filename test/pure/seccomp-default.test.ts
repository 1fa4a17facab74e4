/** The default profile, compiled and asked. Facts about Docker's are its published table of calls that it blocks. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { CAPABILITIES, type Capability } from '../../src/kernel/capabilities.ts'
import { AUDIT_ARCH, SYSCALLS, type Architecture } from '../../src/kernel/syscalls.ts'
import { defaultSeccomp } from '../../src/oci/seccomp-default.ts'
import { runFilter } from './bpf-machine.ts'

const ALLOW = 0x7fff0000
const EPERM = 0x00050001
const ENOSYS = 0x00050026

function asker(capabilities: readonly Capability[], architecture: Architecture = 'x86_64') {
  const program = compileSeccomp(defaultSeccomp(capabilities), architecture)
  return (name: string, ...args: (number | bigint)[]): number | undefined => {
    const number = SYSCALLS[architecture].get(name)
    if (number === undefined) return undefined
    return runFilter(program, { arch: AUDIT_ARCH[architecture], number, args: args.map(BigInt) }).answer
  }
}

/** docs.docker.com, "Significant syscalls blocked by the default profile"; without those that a newer kernel made harmless. */
const DOCKER =
  'acct add_key bpf clock_settime create_module delete_module finit_module get_kernel_syms get_mempolicy init_module ioperm iopl ' +
  'io_uring_enter io_uring_register io_uring_setup kcmp kexec_file_load kexec_load keyctl lookup_dcookie mbind mount move_pages nfsservctl ' +
  'open_by_handle_at perf_event_open pivot_root query_module quotactl reboot request_key set_mempolicy setns settimeofday ' +
  'swapon swapoff sysfs _sysctl umount2 unshare uselib userfaultfd ustat fsopen fsconfig fsmount fspick move_mount open_tree mount_setattr'

for (const architecture of ['x86_64', 'aarch64'] as const) {
  test(`defaultSeccomp refuses what Docker's profile refuses when the box has no capability, on ${architecture}`, () => {
    const ask = asker([], architecture)
    const allowed = DOCKER.split(' ').filter((name) => ![EPERM, undefined].includes(ask(name)))
    assert.deepEqual(allowed, [])
  })

  test(`defaultSeccomp allows what every program needs when the box has no capability, on ${architecture}`, () => {
    const ask = asker([], architecture)
    const needed =
      'read write openat close mmap brk execve exit_group wait4 futex rt_sigaction getrandom statx prlimit64 rseq ' +
      'set_robust_list socketpair connect accept4 bind listen sendmsg recvmsg epoll_pwait pipe2 dup3 faccessat2 setresuid capset prctl ' +
      'chown mknodat renameat2 unlinkat ptrace seccomp landlock_restrict_self memfd_create copy_file_range inotify_init1 timerfd_create'
    const refused = needed.split(' ').filter((name) => ![ALLOW, undefined].includes(ask(name)))
    assert.deepEqual(refused, [])
  })
}

const GIVEN: [capability: Capability, calls: string][] = [
  ['CAP_SYS_ADMIN', 'mount unshare setns clone3 bpf syslog perf_event_open fanotify_init'],
  ['CAP_BPF', 'bpf'],
  ['CAP_PERFMON', 'perf_event_open'],
  ['CAP_SYSLOG', 'syslog'],
  ['CAP_DAC_READ_SEARCH', 'open_by_handle_at'],
  ['CAP_SYS_PTRACE', 'kcmp pidfd_getfd'],
  ['CAP_SYS_CHROOT', 'chroot'],
  ['CAP_SYS_MODULE', 'init_module'],
  ['CAP_SYS_BOOT', 'reboot'],
  ['CAP_SYS_TIME', 'clock_settime settimeofday'],
  ['CAP_SYS_RAWIO', 'iopl ioperm'],
  ['CAP_SYS_PACCT', 'acct'],
  ['CAP_SYS_TTY_CONFIG', 'vhangup'],
  ['CAP_SYS_NICE', 'mbind'],
]
for (const [capability, calls] of GIVEN)
  test(`defaultSeccomp allows ${calls} when the box has ${capability}, and not before`, () => {
    const [without, having] = [asker([]), asker([capability])]
    for (const name of calls.split(' ')) {
      assert.ok([EPERM, ENOSYS].includes(without(name) ?? 0), name)
      assert.equal(having(name), ALLOW, name)
    }
  })

test('defaultSeccomp never allows keyrings, io_uring or kexec, whatever the box has', () => {
  const ask = asker(CAPABILITIES)
  for (const name of ['add_key', 'keyctl', 'request_key', 'io_uring_setup', 'kexec_load', 'userfaultfd', 'swapon'])
    assert.equal(ask(name), EPERM, name)
})

test('CVE-2022-0185: no fsconfig, no clone3, and no namespace by clone or unshare when the box has no CAP_SYS_ADMIN', () => {
  const ask = asker([])
  for (const name of ['fsopen', 'fsconfig', 'unshare', 'setns']) assert.equal(ask(name), EPERM, name)
  assert.equal(ask('clone3'), ENOSYS)
  assert.equal(ask('clone', 0x01200011), ALLOW)
  for (const flag of [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
    assert.equal(ask('clone', flag | 0x11), EPERM, flag.toString(16))
})

test('CVE-2019-10063: TIOCSTI and TIOCLINUX are refused when bits above the 32 that the kernel reads are set', () => {
  const ask = asker(CAPABILITIES)
  for (const request of [0x5412n, 0x541cn])
    for (const high of [0n, 1n << 32n, 0xdeadbeefn << 32n]) assert.equal(ask('ioctl', 0, request | high), EPERM)
  assert.equal(ask('ioctl', 0, 0x5413), ALLOW)
})

const SOCKETS: [family: number, type: number, without: number, raw: number][] = [
  [1, 1, ALLOW, ALLOW],
  [2, 0o2000001, ALLOW, ALLOW],
  [10, 2, ALLOW, ALLOW],
  [16, 3, ALLOW, ALLOW],
  [17, 3, EPERM, ALLOW],
  [2, 10, EPERM, ALLOW],
  [2, 0o2000012, EPERM, ALLOW],
  [38, 5, EPERM, EPERM],
  [40, 1, EPERM, EPERM],
  [21, 5, EPERM, EPERM],
]
for (const [family, type, without, raw] of SOCKETS)
  test(`defaultSeccomp answers ${without.toString(16)}, and ${raw.toString(16)} with CAP_NET_RAW, when a socket is of family ${family} and type ${type}`, () => {
    assert.equal(asker([])('socket', family, type), without)
    assert.equal(asker(['CAP_NET_RAW'])('socket', family, type), raw)
  })

test('defaultSeccomp allows the personalities of Linux alone when another is asked for', () => {
  const ask = asker([])
  for (const value of [0, 8, 0x20000, 0x20008, 0xffffffff]) assert.equal(ask('personality', value), ALLOW)
  for (const value of [1, 0x0400000, 0x100000000]) assert.equal(ask('personality', value), EPERM)
})

test('defaultSeccomp makes a filter of a few hundred instructions, and says the same whenever it is asked', () => {
  const filter = compileSeccomp(defaultSeccomp([]), 'x86_64')
  assert.ok(filter.length / 8 < 400, String(filter.length / 8))
  assert.ok(filter.equals(compileSeccomp(defaultSeccomp([]), 'x86_64')))
})
