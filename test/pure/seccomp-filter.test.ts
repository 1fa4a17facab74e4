/** The compiler against a machine of the tests' own, and against a reading of the profile that compiles nothing. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { AUDIT_ARCH, SYSCALLS, type Architecture } from '../../src/kernel/syscalls.ts'
import { ACTIONS, OPERATORS, type ArgumentRule, type Seccomp, type SeccompAction } from '../../src/oci/seccomp.ts'
import { runFilter } from './bpf-machine.ts'
import { seeded, type Random } from './random.ts'

const ALLOW = 0x7fff0000
const errno = (number: number): number => 0x00050000 + number
const numberOf = (name: string, architecture: Architecture = 'x86_64'): number =>
  SYSCALLS[architecture].get(name) ?? assert.fail(name)

function ask(profile: Seccomp, name: string, args: bigint[] = [], architecture: Architecture = 'x86_64'): number {
  const program = compileSeccomp(profile, architecture)
  return runFilter(program, { arch: AUDIT_ARCH[architecture], number: numberOf(name, architecture), args }).answer
}

const one = (action: SeccompAction, errnoRet?: number): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names: ['getpid'], action, ...(errnoRet !== undefined && { errnoRet }) }],
})

const ANSWERS: [action: SeccompAction, errnoRet: number | undefined, answer: number][] = [
  ['SCMP_ACT_KILL', undefined, 0],
  ['SCMP_ACT_KILL_THREAD', undefined, 0],
  ['SCMP_ACT_KILL_PROCESS', undefined, 0x80000000],
  ['SCMP_ACT_TRAP', undefined, 0x00030000],
  ['SCMP_ACT_ERRNO', undefined, 0x00050001],
  ['SCMP_ACT_ERRNO', 38, 0x00050026],
  ['SCMP_ACT_ERRNO', 0, 0x00050000],
  ['SCMP_ACT_TRACE', 7, 0x7ff00007],
  ['SCMP_ACT_NOTIFY', undefined, 0x7fc00000],
  ['SCMP_ACT_LOG', undefined, 0x7ffc0000],
  ['SCMP_ACT_ALLOW', undefined, 0x7fff0000],
]
for (const [action, errnoRet, answer] of ANSWERS)
  test(`compileSeccomp answers ${answer.toString(16)} when the action is ${action} with ${errnoRet ?? 'no errno'}`, () => {
    assert.equal(ask(one(action, errnoRet), 'getpid'), answer)
    assert.equal(ask(one(action, errnoRet), 'getppid'), ALLOW)
  })

const EDGE = 0x1_0000_0005n
const COMPARED: [rule: Omit<ArgumentRule, 'index'>, holds: bigint[], fails: bigint[]][] = [
  [{ op: 'SCMP_CMP_EQ', value: EDGE }, [EDGE], [5n, 0x1_0000_0004n, 0x2_0000_0005n, 0n]],
  [{ op: 'SCMP_CMP_NE', value: EDGE }, [5n, 0x1_0000_0004n, 0x2_0000_0005n], [EDGE]],
  [{ op: 'SCMP_CMP_GT', value: EDGE }, [EDGE + 1n, 0x2_0000_0000n, -1n], [EDGE, EDGE - 1n, 6n]],
  [{ op: 'SCMP_CMP_GE', value: EDGE }, [EDGE, EDGE + 1n, 0x2_0000_0000n], [EDGE - 1n, 0xffff_ffffn]],
  [{ op: 'SCMP_CMP_LT', value: EDGE }, [EDGE - 1n, 0xffff_ffffn, 0n], [EDGE, EDGE + 1n, 0x2_0000_0000n]],
  [{ op: 'SCMP_CMP_LE', value: EDGE }, [EDGE, EDGE - 1n, 7n], [EDGE + 1n, 0x2_0000_0000n]],
  [{ op: 'SCMP_CMP_MASKED_EQ', value: 0xf0n, valueTwo: 0x50n }, [0x50n, 0x5fn, 0x9_0000_0050n], [0x40n, 0n, 0xf0n]],
  [{ op: 'SCMP_CMP_MASKED_EQ', value: 0x1_0000_0001n, valueTwo: 0x1_0000_0000n }, [0x1_0000_0000n], [0n, EDGE]],
]
for (const [rule, holds, fails] of COMPARED)
  test(`compileSeccomp compares all 64 bits of an argument when it is asked for ${rule.op} ${rule.value.toString(16)}`, () => {
    const syscalls = [{ names: ['kill'], action: 'SCMP_ACT_ERRNO', args: [{ ...rule, index: 1 }] } as const]
    const profile: Seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [...syscalls] }
    for (const value of holds) assert.equal(ask(profile, 'kill', [0n, value]), errno(1), `${value}`)
    for (const value of fails) assert.equal(ask(profile, 'kill', [0n, value]), ALLOW, `${value}`)
  })

test('compileSeccomp kills a process that calls by the table of another architecture when that is not its own', () => {
  const program = compileSeccomp({ defaultAction: 'SCMP_ACT_ALLOW' }, 'x86_64')
  for (const arch of [0x40000003, AUDIT_ARCH.aarch64])
    assert.equal(runFilter(program, { arch, number: 1, args: [] }).answer, 0x80000000)
})

test('compileSeccomp has no second door when a call is made with the x32 bit', () => {
  const profile = one('SCMP_ACT_KILL')
  const call = { arch: AUDIT_ARCH.x86_64, number: numberOf('getpid') | 0x40000000, args: [] }
  assert.equal(runFilter(compileSeccomp(profile, 'x86_64'), call).answer, errno(38))
})

test('compileSeccomp says ENOSYS of calls that are newer than its table when all that is not named is refused', () => {
  const call = { arch: AUDIT_ARCH.x86_64, number: 900, args: [] }
  const answer = (profile: Seccomp): number => runFilter(compileSeccomp(profile, 'x86_64'), call).answer
  assert.equal(answer({ defaultAction: 'SCMP_ACT_ERRNO' }), errno(38))
  assert.equal(answer({ defaultAction: 'SCMP_ACT_ERRNO', defaultErrnoRet: 13 }), errno(13))
  assert.equal(answer({ defaultAction: 'SCMP_ACT_ALLOW' }), ALLOW)
  assert.equal(answer({ defaultAction: 'SCMP_ACT_KILL_PROCESS' }), 0x80000000)
})

test('compileSeccomp passes over a name when the machine has no such call', () => {
  const syscalls = [{ names: ['no_such_call', 'open', 'getpid'], action: 'SCMP_ACT_ALLOW' }] as const
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: syscalls.map((r) => ({ ...r, names: [...r.names] })),
  }
  assert.equal(ask(profile, 'getpid', [], 'aarch64'), ALLOW)
  assert.equal(ask(profile, 'open', []), ALLOW)
  assert.equal(ask(profile, 'openat', [], 'aarch64'), errno(1))
})

test('compileSeccomp asks rules with conditions first when another has none', () => {
  const args: ArgumentRule[] = [{ index: 1, op: 'SCMP_CMP_MASKED_EQ', value: 0xffffffffn, valueTwo: 0x5412n }]
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [
      { names: ['ioctl'], action: 'SCMP_ACT_ALLOW' },
      { names: ['ioctl'], action: 'SCMP_ACT_ERRNO', errnoRet: 25, args },
    ],
  }
  assert.equal(ask(profile, 'ioctl', [0n, 0x5401n]), ALLOW)
  assert.equal(ask(profile, 'ioctl', [0n, 0x5412n]), errno(25))
})

test('compileSeccomp takes two conditions on one argument as two rules, as runC does, and on two arguments as one', () => {
  const eq = (index: number, value: bigint): ArgumentRule => ({ index, value, op: 'SCMP_CMP_EQ' })
  const profile = (...args: ArgumentRule[]): Seccomp => ({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['kill'], action: 'SCMP_ACT_ERRNO', args }],
  })
  assert.equal(ask(profile(eq(0, 1n), eq(0, 2n)), 'kill', [2n]), errno(1))
  assert.equal(ask(profile(eq(0, 1n), eq(1, 2n)), 'kill', [1n, 3n]), ALLOW)
  assert.equal(ask(profile(eq(0, 1n), eq(1, 2n)), 'kill', [1n, 2n]), errno(1))
})

test('compileSeccomp reaches further than the 255 instructions of a jump when a call has hundreds of rules', () => {
  const rules = Array.from({ length: 300 }, (_, n) => ({
    names: ['prctl'],
    action: 'SCMP_ACT_ERRNO' as const,
    errnoRet: (n % 100) + 1,
    args: [{ index: 0, value: BigInt(n), op: 'SCMP_CMP_EQ' as const }],
  }))
  const profile: Seccomp = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: rules }
  for (const n of [0, 1, 77, 150, 299]) assert.equal(ask(profile, 'prctl', [BigInt(n)]), errno((n % 100) + 1))
  assert.equal(ask(profile, 'prctl', [300n]), ALLOW)
  assert.equal(ask(profile, 'arch_prctl'), ALLOW)
})

test('compileSeccomp throws a RangeError when the kernel would not take so many instructions', () => {
  const args = Array.from({ length: 2000 }, (_, n) => ({ index: 0, value: BigInt(n), op: 'SCMP_CMP_EQ' as const }))
  const profile: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['kill'], action: 'SCMP_ACT_LOG', args }],
  }
  assert.throws(() => compileSeccomp(profile), {
    name: 'RangeError',
    message: /^Cannot use a filter of \d+ instructions/,
  })
})

test('compileSeccomp finds any call in a dozen instructions when the profile names hundreds', () => {
  const names = [...SYSCALLS.x86_64.keys()].filter((_, n) => n % 2 === 0)
  const program = compileSeccomp(
    { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{ names, action: 'SCMP_ACT_ALLOW' }] },
    'x86_64',
  )
  for (const number of SYSCALLS.x86_64.values())
    assert.ok(runFilter(program, { arch: AUDIT_ARCH.x86_64, number, args: [] }).steps <= 14)
})

/** What a profile says of a call, read as it is written. */
function read(profile: Seccomp, name: string | undefined, number: number, args: readonly bigint[]): number {
  const said = ({ action, errnoRet = 1 }: { action: SeccompAction; errnoRet?: number }): number =>
    ACTIONS[action] + (['SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE'].includes(action) ? errnoRet : 0)
  const other = said({
    action: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { errnoRet: profile.defaultErrnoRet }),
  })
  if (number >= 0x40000000) return errno(38)
  if (name === undefined) return number > 469 && other === errno(1) ? errno(38) : other
  const rules = (profile.syscalls ?? []).filter(({ names }) => names.includes(name))
  const narrow = rules.find((rule) => rule.args?.length && matches(rule.args, args))
  const wide = rules.find((rule) => !rule.args?.length)
  const rule = narrow ?? wide
  return rule ? said(rule) : other
}

function matches(rules: readonly ArgumentRule[], args: readonly bigint[]): boolean {
  const holds = ({ index, op, value, valueTwo = 0n }: ArgumentRule): boolean => {
    const arg = BigInt.asUintN(64, args[index] ?? 0n)
    if (op === 'SCMP_CMP_EQ') return arg === value
    if (op === 'SCMP_CMP_NE') return arg !== value
    if (op === 'SCMP_CMP_LT') return arg < value
    if (op === 'SCMP_CMP_LE') return arg <= value
    if (op === 'SCMP_CMP_GT') return arg > value
    if (op === 'SCMP_CMP_GE') return arg >= value
    return (arg & value) === valueTwo
  }
  return new Set(rules.map(({ index }) => index)).size < rules.length ? rules.some(holds) : rules.every(holds)
}

/** Few values, near each other and near 2^32, so that comparisons meet. */
const VALUES = [0n, 1n, 2n, 0xffff_fffen, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, 0xffff_ffff_ffff_ffffn]

function randomProfile(random: Random, names: readonly string[]): Seccomp {
  const actions = Object.keys(ACTIONS) as SeccompAction[]
  return {
    defaultAction: random.pick(actions),
    defaultErrnoRet: random.pick([1, 38]),
    syscalls: random.list(40, () => ({
      names: random.list(4, () => random.pick(names)),
      action: random.pick(actions),
      errnoRet: random.below(200),
      args: random.list(3, () => ({
        index: random.below(6),
        op: random.pick(OPERATORS),
        value: random.pick(VALUES),
        valueTwo: random.pick(VALUES),
      })),
    })),
  }
}

test('compileSeccomp answers what the profile says when profile and call are random', (t) => {
  const random = seeded(t)
  for (const architecture of ['x86_64', 'aarch64'] as const) {
    const table = [...SYSCALLS[architecture]]
    const named = new Map(table.map(([name, number]) => [number, name]))
    for (let round = 0; round < 150; round++) {
      const few = Array.from({ length: 12 }, () => random.pick(table)[0])
      const profile = randomProfile(random, few)
      const program = compileSeccomp(profile, architecture)
      for (let asked = 0; asked < 60; asked++) {
        const name = random.pick(few)
        const number = random.below(3) > 0 ? numberOf(name, architecture) : random.below(1000)
        const args = Array.from({ length: 6 }, () => random.pick(VALUES))
        const { answer } = runFilter(program, { arch: AUDIT_ARCH[architecture], number, args })
        const expected = read(profile, named.get(number), number, args)
        assert.equal(
          answer,
          expected,
          `${number} ${args.join(' ')} ${JSON.stringify(profile, (_, v: unknown) => (typeof v === 'bigint' ? `${v}` : v))}`,
        )
      }
    }
  }
})
