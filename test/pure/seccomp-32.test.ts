/** One profile for the calls of several tables: what a machine of 64 bits runs besides its own programs. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { AUDIT_ARCH_32, compatibleCalls, type Compatible } from '../../src/kernel/syscalls-32.ts'
import { AUDIT_ARCH, SYSCALLS } from '../../src/kernel/syscalls.ts'
import type { ArgumentRule, Seccomp, SyscallRule } from '../../src/oci/seccomp.ts'
import { runFilter } from './bpf-machine.ts'

const [ALLOW, KILL] = [0x7fff0000, 0x80000000]
const errno = (number: number): number => 0x00050000 + number
const X32 = 0x40000000
const ALL = [
  'SCMP_ARCH_X86_64',
  'SCMP_ARCH_X86',
  'SCMP_ARCH_X32',
  'SCMP_ARCH_ARM',
  'SCMP_ARCH_AARCH64',
  'SCMP_ARCH_S390',
]

const refusing = (...syscalls: SyscallRule[]): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ALL,
  syscalls,
})
const refuse = (names: string[], ...args: ArgumentRule[]): SyscallRule => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet: 7,
  args,
})

function ask(profile: Seccomp, table: Compatible, call: string | number, ...args: bigint[]): number {
  const own = table === 'arm' ? 'aarch64' : 'x86_64'
  const arch = table === 'x32' ? AUDIT_ARCH.x86_64 : AUDIT_ARCH_32[table]
  const number = typeof call === 'number' ? call : (compatibleCalls(table).get(call) ?? assert.fail(call))
  return runFilter(compileSeccomp(profile, own), { arch, number: number + (table === 'x32' ? X32 : 0), args }).answer
}

/** `<asm/unistd_32.h>`, `<asm/unistd_x32.h>`, arm's `<asm/unistd-common.h>`. */
const NUMBERS: [table: Compatible, name: string, number: number | undefined][] = [
  ['x86', 'open', 5],
  ['x86', 'socketcall', 102],
  ['x86', 'socket', 359],
  ['x86', 'clock_gettime64', 403],
  ['x86', 'openat2', 437],
  ['x86', 'file_setattr', 469],
  ['x32', 'openat2', 437],
  ['x32', 'open', 2],
  ['x32', 'ioctl', 514],
  ['x32', 'execve', 520],
  ['x32', 'pwritev2', 547],
  ['x32', 'uselib', undefined],
  ['arm', 'openat', 322],
  ['arm', 'socket', 281],
  ['arm', 'sync_file_range2', undefined],
  ['arm', 'arm_sync_file_range', 341],
  ['arm', 'set_tls', 0xf0005],
  ['arm', 'mmap', undefined],
  ['arm', 'file_setattr', 469],
]
for (const [table, name, number] of NUMBERS)
  test(`${name} is ${number ?? 'no call'} in the table of ${table}`, () =>
    assert.equal(compatibleCalls(table).get(name), number))

for (const table of ['x86', 'x32', 'arm'] as const) {
  test(`compileSeccomp refuses a call by the number that it has in ${table} when that is among the architectures`, () => {
    const profile = refusing(refuse(['openat']))
    assert.equal(ask(profile, table, 'openat'), errno(7))
    assert.equal(ask(profile, table, 'close'), ALLOW)
  })

  test(`compileSeccomp answers a call of ${table} as one of nobody when that is not among the architectures`, () => {
    const profile = { ...refusing(), architectures: ['SCMP_ARCH_X86_64'] }
    assert.equal(ask(profile, table, 'close'), table === 'x32' ? errno(38) : KILL)
  })

  test(`compileSeccomp says ENOSYS of what is newer than the table of ${table} when all that is not named is refused`, () => {
    const profile: Seccomp = { defaultAction: 'SCMP_ACT_ERRNO', architectures: ALL }
    assert.equal(ask(profile, table, 900), errno(38))
    assert.equal(ask(profile, table, 'close'), errno(1))
  })
}

test('compileSeccomp knows arm’s own calls, and nothing between them and the others, when all else is refused', () => {
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    architectures: ALL,
    syscalls: [{ names: ['set_tls', 'cacheflush'], action: 'SCMP_ACT_ALLOW' }],
  }
  assert.deepEqual(
    [0xf0002, 0xf0003, 0xf0005, 0xf0000, 0xf0007].map((number) => ask(profile, 'arm', number)),
    [ALLOW, errno(1), ALLOW, errno(38), errno(38)],
  )
})

test('compileSeccomp leaves the machine’s own calls as they were when there are other architectures', () => {
  const [one, other] = [refusing(refuse(['openat'])), { ...refusing(refuse(['openat'])), architectures: [] }]
  for (const number of SYSCALLS.x86_64.values()) {
    const call = { arch: AUDIT_ARCH.x86_64, number, args: [] }
    assert.equal(
      runFilter(compileSeccomp(one, 'x86_64'), call).answer,
      runFilter(compileSeccomp(other, 'x86_64'), call).answer,
    )
  }
})

/** `<linux/net.h>`, `<linux/ipc.h>`. */
const BY_MANY: [many: string, code: bigint, name: string][] = [
  ['socketcall', 1n, 'socket'],
  ['socketcall', 3n, 'connect'],
  ['socketcall', 17n, 'recvmsg'],
  ['socketcall', 20n, 'sendmmsg'],
  ['ipc', 1n, 'semop'],
  ['ipc', 13n, 'msgget'],
  ['ipc', 24n, 'shmctl'],
]
for (const [many, code, name] of BY_MANY)
  test(`compileSeccomp refuses ${many}(${code}) when ${name} is refused to programs of x86`, () => {
    const profile = refusing(refuse([name]))
    assert.equal(ask(profile, 'x86', many, code), errno(7))
    assert.equal(ask(profile, 'x86', many, code + 1n), ALLOW)
    assert.equal(ask(profile, 'x86', many, code | 0x10000n), errno(7))
  })

test('compileSeccomp compares 32 bits of an argument when the program’s registers have no more', () => {
  const profile = refusing(refuse(['socket'], { index: 0, op: 'SCMP_CMP_EQ', value: 2n ** 64n - 1n }))
  assert.equal(ask(profile, 'x86', 'socket', 0xffffffffn), errno(7))
  assert.equal(ask(profile, 'x32', 'socket', 0xffffffffn), ALLOW)
  assert.equal(ask(profile, 'x32', 'socket', 2n ** 64n - 1n), errno(7))
  assert.equal(ask(profile, 'x86', 'socketcall', 1n), ALLOW)
})
