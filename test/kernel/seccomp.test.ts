/** The compiled filter in the real kernel, beside the tests' own machine for it: what the one answers, the other does. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { ARCHITECTURE, AUDIT_ARCH, SYSCALLS } from '../../src/kernel/syscalls.ts'
import { ACTIONS, OPERATORS, type Seccomp, type SeccompAction } from '../../src/oci/seccomp.ts'
import { defaultSeccomp } from '../../src/oci/seccomp-default.ts'
import { runFilter } from '../pure/bpf-machine.ts'
import { seeded, type Random } from '../pure/random.ts'

type Call = readonly [name: string, ...args: bigint[]]

const numberOf = (name: string): number => SYSCALLS[ARCHITECTURE].get(name) ?? assert.fail(name)
const six = (args: readonly bigint[]): bigint[] => Array.from({ length: 6 }, (_, n) => args[n] ?? 0n)

/** Makes calls under filters; nothing where there is no compiler to build the program that does. */
function filtered(t: TestContext): ((filter: Buffer, calls: readonly Call[]) => number[]) | undefined {
  const place = mkdtempSync(join(tmpdir(), 'boxwright-filtered-'))
  t.after(() => rmSync(place, { recursive: true, force: true }))
  const [program, file] = [join(place, 'filtered'), join(place, 'filter')]
  const { error } = spawnSync('cc', ['-o', program, join(import.meta.dirname, 'filtered.c')], { stdio: 'inherit' })
  if (error) return undefined
  return (filter, calls) => {
    writeFileSync(file, filter)
    const input = calls.map(([name, ...args]) => [numberOf(name), ...six(args)].join(' ')).join('\n')
    const { stdout, status } = spawnSync(program, [file], { input, encoding: 'utf8' })
    assert.equal(status, 0)
    return stdout.trim().split('\n').map(Number)
  }
}

/** What the kernel does with an answer, seccomp(2); SIGSYS is 31. Nobody traces or is notified here, and then the call is ENOSYS. */
function expected(answer: number): number {
  const action = (answer & 0xffff0000) >>> 0
  if (action === ACTIONS.SCMP_ACT_ERRNO) return answer & 0xffff
  if (action === ACTIONS.SCMP_ACT_ALLOW || action === ACTIONS.SCMP_ACT_LOG) return 0
  return action === ACTIONS.SCMP_ACT_TRACE || action === ACTIONS.SCMP_ACT_NOTIFY ? 38 : -31
}

/** They look at no argument, change nothing and never fail. */
const HARMLESS = ['getpid', 'getppid', 'gettid', 'getuid', 'geteuid', 'getgid', 'getegid', 'sched_yield']
const VALUES = [0n, 1n, 2n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, 0xffff_ffff_ffff_ffffn]

function randomProfile(random: Random): Seccomp {
  const action = (): SeccompAction => random.pick(Object.keys(ACTIONS) as SeccompAction[])
  const argument = () => ({
    index: random.below(6),
    op: random.pick(OPERATORS),
    value: random.pick(VALUES),
    valueTwo: random.pick(VALUES),
  })
  const rule = () => ({
    names: [random.pick(HARMLESS)],
    action: action(),
    errnoRet: random.below(100),
    args: random.list(3, argument),
  })
  return {
    defaultAction: action(),
    syscalls: [...random.list(30, rule), { names: ['exit_group'], action: 'SCMP_ACT_ALLOW' }],
  }
}

test('the kernel does what the filter answers when profile and call are random', (t) => {
  const make = filtered(t)
  if (!make) {
    t.skip('there is no C compiler to build the program that makes calls')
    return
  }
  const random = seeded(t)
  for (let round = 0; round < 40; round++) {
    const filter = compileSeccomp(randomProfile(random))
    const calls = Array.from({ length: 25 }, (): Call => [
      random.pick(HARMLESS),
      ...Array.from({ length: 6 }, () => random.pick(VALUES)),
    ])
    const answers = calls.map(
      ([name, ...args]) => runFilter(filter, { arch: AUDIT_ARCH[ARCHITECTURE], number: numberOf(name), args }).answer,
    )
    assert.deepEqual(make(filter, calls), answers.map(expected))
  }
})

test('the kernel refuses what the default profile refuses when root makes the call', (t) => {
  const make = filtered(t)
  if (!make) {
    t.skip('there is no C compiler to build the program that makes calls')
    return
  }
  const CLONE_NEWUSER = 0x10000000n
  const [AF_PACKET, AF_ALG, AF_VSOCK] = [17n, 38n, 40n]
  const calls: Call[] = [
    ['getpid'],
    ['socket', 1n, 1n],
    ['socket', AF_PACKET, 3n],
    ['socket', AF_ALG, 5n],
    ['socket', AF_VSOCK, 1n],
    ['unshare', CLONE_NEWUSER],
    ['clone', CLONE_NEWUSER | 17n],
    ['clone3'],
    ['keyctl', 0n],
    ['fsopen'],
    ['io_uring_setup'],
    ['bpf', 99n],
    ['ioctl', 0n, 0x5412n],
    ['ioctl', 0n, (7n << 32n) | 0x541cn],
    ['personality', 0xffffffffn],
    ['personality', 0x0400000n],
  ]
  assert.deepEqual(make(compileSeccomp(defaultSeccomp([])), calls), [0, 0, 1, 1, 1, 1, 1, 38, 1, 1, 1, 1, 1, 1, 0, 1])
})
