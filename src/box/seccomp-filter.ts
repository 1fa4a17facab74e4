/**
 * Lesson 8. A seccomp profile, made into the program that the kernel runs before each system call: seccomp(2). It is shown three things of a
 * call: whose table it was made by, its number, and its six arguments as they stand in the registers. No memory: what a pointer
 * points to it cannot see, and that could be changed after it had looked.
 */
import { assemble, encodeInstructions, type Node } from '../kernel/bpf.ts'
import {
  AUDIT_ARCH_32,
  COMPATIBLE,
  compatibleCalls,
  type Compatible,
} from '../kernel/syscalls-32.ts'
import {
  ARCHITECTURE,
  AUDIT_ARCH,
  SYSCALLS,
  type Architecture,
} from '../kernel/syscalls.ts'
import {
  ACTIONS,
  type ArgumentRule,
  type Seccomp,
  type SeccompAction,
  type SyscallRule,
} from '../oci/seccomp.ts'
import { narrowed } from './container/seccomp-narrowed.ts'

/** struct seccomp_data: the number, whose table, the instruction's address, the arguments. */
const NUMBER = 0
const ARCH = 4
const argument = (index: number): { low: number; high: number } => ({
  low: 16 + 8 * index,
  high: 20 + 8 * index,
})

/** `<errno.h>`. EPERM is what a profile means that names no other; ENOSYS makes a C library try an older call. */
const EPERM = 1
const ENOSYS = 38

/** The x32 calls are those of x86-64 once more, with this bit set: a filter that forgets them has a second door. */
const X32 = 0x40000000

/** What is further apart than any table's calls are: what follows is kept apart on purpose. */
const APART = 0x10000

// #region compile
/**
 * @returns the filter as the kernel takes it.
 * @throws RangeError when it has too many instructions.
 */
export function compileSeccomp(
  profile: Seccomp,
  architecture: Architecture = ARCHITECTURE,
): Buffer {
  const tables = tablesOf(profile, architecture)
  const own = load(NUMBER, search(native64(profile, architecture, tables)))
  const others = calls32By(profile, tables)
  const whose = test('equal', AUDIT_ARCH[architecture], own, others)
  return encodeInstructions(assemble(load(ARCH, whose)))
}
// #endregion compile

/** Of those that this kernel takes calls by beside its own, the ones that the profile knows. */
const tablesOf = (
  { architectures = [] }: Seccomp,
  architecture: Architecture,
): Compatible[] =>
  COMPATIBLE[architecture].filter((table) =>
    architectures.includes(WORDS[table]),
  )

/** A call by a table that the profile does not know ends the program. x32 has the numbers of the table of 64 bits. */
const calls32By = (profile: Seccomp, tables: readonly Compatible[]): Node =>
  tables.reduce<Node>(
    (next, table) =>
      table === 'x32'
        ? next
        : test('equal', AUDIT_ARCH_32[table], calls32(profile, table), next),
    answer('SCMP_ACT_KILL_PROCESS'),
  )

const WORDS = {
  x86: 'SCMP_ARCH_X86',
  x32: 'SCMP_ARCH_X32',
  arm: 'SCMP_ARCH_ARM',
} as const

const calls32 = (profile: Seccomp, table: 'x86' | 'arm'): Node =>
  load(
    NUMBER,
    search(rangesOf(narrowed(profile, table), compatibleCalls(table))),
  )

function native64(
  profile: Seccomp,
  architecture: Architecture,
  tables: readonly Compatible[],
): Range[] {
  const own = rangesOf(profile, SYSCALLS[architecture])
  if (architecture !== 'x86_64') return own
  if (!tables.includes('x32'))
    return merged([...own, { from: X32, then: noSuchCall }])
  const x32 = rangesOf(profile, compatibleCalls('x32'))
  return merged([
    ...own,
    ...x32.map(({ from, then }) => ({ from: X32 + from, then })),
  ])
}

// #region ranges
/** From this number on, up to the next range. */
interface Range {
  from: number
  then: Node
}

function rangesOf(
  profile: Seccomp,
  table: ReadonlyMap<string, number>,
): Range[] {
  const known = [...table].sort(([, a], [, b]) => a - b)
  const other = answer(profile.defaultAction, profile.defaultErrnoRet)
  const newer = refusesAll(profile) ? noSuchCall : other
  const rules = rulesByName(profile)
  const calls = known.map(([name, from]) => ({
    from,
    then: decide(rules.get(name) ?? [], other),
  }))
  const last = calls.at(-1)?.from ?? 0
  return merged([
    ...withGaps(calls, other, newer),
    { from: last + 1, then: newer },
  ])
}

/** Numbers between those that are known are nobody's: the default is for them. */
const withGaps = (calls: readonly Range[], other: Node, newer: Node): Range[] =>
  calls.flatMap((call, n) => {
    const next = calls[n + 1]?.from
    if (next === undefined || next === call.from + 1) return [call]
    const none = next - call.from > APART ? newer : other
    return [call, { from: call.from + 1, then: none }]
  })

/** Neighbours with the same answer are one range. */
const merged = (ranges: readonly Range[]): Range[] =>
  ranges.filter(({ then }, n, all) => then !== all[n - 1]?.then)
// #endregion ranges

/** A profile that refuses what it does not name cannot have meant calls that are newer than its list: to them it says "no such call". */
const refusesAll = ({
  defaultAction,
  defaultErrnoRet = EPERM,
}: Seccomp): boolean =>
  defaultAction === 'SCMP_ACT_ERRNO' && defaultErrnoRet === EPERM

// #region search
/** By halves: among 380 calls nine comparisons find one. */
function search(ranges: readonly Range[]): Node {
  const half = ranges.length >> 1
  const middle = ranges[half]
  if (middle === undefined) throw new TypeError('Cannot search among no calls')
  if (half === 0) return middle.then
  const [below, above] = [ranges.slice(0, half), ranges.slice(half)]
  return test('from', middle.from, search(above), search(below))
}
// #endregion search

// #region rules
/** Rules with conditions are asked in the profile's order; then the first that has none; then the default. */
function decide(rules: readonly SyscallRule[], other: Node): Node {
  const always = rules.find(({ args = [] }) => args.length === 0)
  const last = always ? answer(always.action, always.errnoRet) : other
  const narrow = rules.filter(({ args = [] }) => args.length > 0)
  return narrow.reduceRight((next, rule) => conditions(rule, next), last)
}

/** All have to hold. Where two are about one argument, each stands for a rule of its own: so runC reads a profile. */
function conditions(
  { action, errnoRet, args = [] }: SyscallRule,
  no: Node,
): Node {
  const yes = answer(action, errnoRet)
  const repeated = new Set(args.map(({ index }) => index)).size < args.length
  if (repeated)
    return args.reduceRight((next, arg) => compare(arg, yes, next), no)
  return args.reduceRight((next, arg) => compare(arg, next, no), yes)
}
// #endregion rules

function rulesByName({ syscalls = [] }: Seccomp): Map<string, SyscallRule[]> {
  const rules = new Map<string, SyscallRule[]>()
  for (const rule of syscalls)
    for (const name of rule.names)
      rules.set(name, [...(rules.get(name) ?? []), rule])
  return rules
}

// #region compare
/** The machine's words have 32 bits and an argument 64: the upper half decides, and where it is equal the lower one. */
function compare(
  { index, op, value, valueTwo = 0n }: ArgumentRule,
  yes: Node,
  no: Node,
): Node {
  const { high, low } = argument(index)
  const [upper, lower] = halves(value)
  const lows = (how: Test['op'], holds: Node, fails: Node): Node =>
    load(low, test(how, lower, holds, fails))
  const ordered = (how: 'above' | 'from', holds: Node, fails: Node): Node =>
    load(
      high,
      test(
        'above',
        upper,
        holds,
        test('equal', upper, lows(how, holds, fails), fails),
      ),
    )
  const equal = (holds: Node, fails: Node): Node =>
    load(high, test('equal', upper, lows('equal', holds, fails), fails))

  if (op === 'SCMP_CMP_EQ') return equal(yes, no)
  if (op === 'SCMP_CMP_NE') return equal(no, yes)
  if (op === 'SCMP_CMP_GT') return ordered('above', yes, no)
  if (op === 'SCMP_CMP_LE') return ordered('above', no, yes)
  if (op === 'SCMP_CMP_GE') return ordered('from', yes, no)
  if (op === 'SCMP_CMP_LT') return ordered('from', no, yes)
  const [wantedHigh, wantedLow] = halves(valueTwo)
  return load(
    high,
    test(
      'equal',
      wantedHigh,
      load(low, test('equal', wantedLow, yes, no), lower),
      no,
    ),
    upper,
  )
}
// #endregion compare

type Test = Extract<Node, { kind: 'test' }>

const test = (op: Test['op'], value: number, yes: Node, no: Node): Node =>
  yes === no ? yes : { kind: 'test', op, value, yes, no }

const load = (offset: number, next: Node, mask?: number): Node => ({
  kind: 'load',
  offset,
  next,
  ...(mask !== undefined && { mask }),
})

function halves(value: bigint): [upper: number, lower: number] {
  const bits = BigInt.asUintN(64, value)
  return [Number(bits >> 32n), Number(bits & 0xffffffffn)]
}

/** Each answer is one node, whoever gives it: so ranges that answer alike are known to. */
const ANSWERS = new Map<number, Node>()

function answer(action: SeccompAction, errno = EPERM): Node {
  const data =
    action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE'
      ? errno & 0xffff
      : 0
  const value = ACTIONS[action] + data
  const node = ANSWERS.get(value) ?? { kind: 'return', value }
  ANSWERS.set(value, node)
  return node
}

const noSuchCall = answer('SCMP_ACT_ERRNO', ENOSYS)
