/** What people get wrong. Each mistake is named, with what is so and what to do, and leaves nothing behind: no box, no word on standard output. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { machineOf } from '../../src/kernel/elf.ts'
import { BOXWRIGHT, skipWithoutRoot, World, type Ran } from './world.ts'

const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]

interface Mistake {
  args: string[]
  /** What was given, as it has to be named. */
  value: string
}

/** Seen from the words alone: no privilege is needed to be told. */
const WORDS: Record<string, Mistake> = {
  'a command of boxwright is misspelt': { args: ['docter'], value: 'docter' },
  'a command of boxwright is unknown': { args: ['launch-the-missiles'], value: 'launch-the-missiles' },
  'there is no such stage': { args: ['stage', '99', 'run', 'sh'], value: '99' },
  'a stage is named by the empty word': { args: ['stage', '', 'run', 'sh'], value: '' },
  'a stage is asked for another verb': { args: ['stage', '3', 'exec', 'sh'], value: 'exec' },
  'a difference is asked for with an unknown stage': { args: ['diff', '2', '99'], value: '99' },
  'there is no such attack': { args: ['attack', 'shouting'], value: 'shouting' },
  'an attack is asked for on an unknown stage': { args: ['attack', '--stage', '0'], value: '0' },
  'an option is unknown': { args: run(1, '--no-such-option', 'sh'), value: 'no-such-option' },
  'an option is misspelt': { args: run(4, '--memroy', '64m', 'sh'), value: 'memroy' },
  'an option has no value': { args: run(1, '--rootfs'), value: 'rootfs' },
  'a moment to explain is unknown': { args: run(1, '--explain=never', 'sh'), value: 'never' },
  'a step is left out by a word': { args: run(1, '--without', 'two', 'sh'), value: 'two' },
  'a step is left out that has number zero': { args: run(1, '--without', '0', 'sh'), value: '0' },
  'a memory limit is taken at stage 3': { args: run(3, '--memory', '64m', 'sh'), value: '--memory' },
  'a host name is taken at stage 1': { args: run(1, '--hostname=ship', 'sh'), value: '--hostname=ship' },
  'a device is no block device': { args: run(4, '--write-bps', '/dev/null:1m', 'sh'), value: '/dev/null:1m' },
  'a device has no rate': { args: run(4, '--read-bps', '/dev/vda', 'sh'), value: '/dev/vda' },
  'a device is not there': { args: run(4, '--read-bps', '/dev/nowhere:1m', 'sh'), value: '/dev/nowhere:1m' },
  ...limits('memory', ['0', '-1', '12q', String(2n ** 70n), '', '1.5g', ' 64m', '0x40', '64 m']),
  ...limits('pids', ['0', '-1', '12q', String(2n ** 70n), '', '1e3', '+5']),
  ...limits('cpus', ['0', '-1', '12q', String(2n ** 70n), '', '0.001', 'Infinity', 'NaN']),
  ...limits('cpuset', ['-1', '12q', '', '3-1', '0,,1', '1-', 'all']),
  'the root is not there': { args: run(1, '--rootfs', '/nowhere/at-all', 'sh'), value: '/nowhere/at-all' },
  'the root is a file': { args: run(2, '--rootfs', BOXWRIGHT, 'sh'), value: BOXWRIGHT },
  'the root is the machine’s own': { args: run(3, '--rootfs', '/', 'sh'), value: '/' },
  'the root is the machine’s own by another name': { args: run(3, '--rootfs', '/.//.', 'sh'), value: '/.//.' },
  'the root is the machine’s own by a link': {
    args: run(3, '--rootfs', '/proc/self/root', 'sh'),
    value: '/proc/self/root',
  },
  'the root has two dots in its path': { args: run(4, '--rootfs', '/tmp/../tmp', 'sh'), value: '/tmp/../tmp' },
  'the root is the empty word': { args: run(1, '--rootfs', '', 'sh'), value: '' },
}

for (const [name, { args, value }] of Object.entries(WORDS))
  test(`boxwright says what is wrong when ${name}`, async () => {
    await using world = new World()
    const before = world.inventory()
    // What can be told without a box is told before there is one, and to anybody: the same when a plan is only shown.
    const shown = args[2] === 'run' ? [...args.slice(0, 3), '--explain', ...args.slice(3)] : args
    const tried = skipWithoutRoot ? [shown] : [shown, args]
    for (const ran of await Promise.all(tried.map((words) => world.run(words)))) assertRefusal(ran, value)
    assert.equal(world.ids.size, 0)
    assert.deepEqual(world.left(before), [])
  })

test('boxwright says what to do when no command is given', async () => {
  await using world = new World()
  for (const args of [run(1), run(4, '--memory', '64m'), run(2, '--')]) {
    const { status, stdout, stderr } = await world.run(args)
    assert.match(stderr, /^boxwright: Cannot run nothing: no command was given\n {2}\S/)
    assert.deepEqual([status, stdout], [125, ''])
  }
})

/** Seen when the box's process tries to become the command; 127 when something was not found, 126 when it cannot run. */
const COMMANDS: Record<
  string,
  { command: string; status: number; file?: { content: string | Buffer; mode?: number } }
> = {
  'does not exist': { command: 'no-such-command', status: 127 },
  'does not exist at its path': { command: '/bin/no-such-command', status: 127 },
  'lies below a file': { command: '/etc/passwd/sh', status: 127 },
  'is the empty word': { command: '', status: 127 },
  'is a directory': { command: '/etc', status: 126 },
  'is not executable': { command: '/bin/plain', status: 126, file: { content: '#!/bin/sh\n', mode: 0o644 } },
  'is for another architecture': { command: '/bin/alien', status: 126, file: { content: elf(otherMachine()) } },
  'lacks its loader': { command: 'orphan', status: 127, file: { content: elf(ownMachine(), '/lib/no-such-loader') } },
  'lacks its interpreter': { command: '/bin/script', status: 127, file: { content: '#!/no/such/interpreter -x\n' } },
}
for (const [name, { command, status, file }] of Object.entries(COMMANDS))
  for (const stage of [1, 4])
    test(`stage ${stage} says what is wrong when its command ${name}`, { skip: skipWithoutRoot }, async () => {
      await using world = new World()
      const before = world.inventory()
      const rootfs = world.copyOfBase()
      if (file)
        fs.writeFileSync(join(rootfs, 'bin', command.replace('/bin/', '')), file.content, { mode: file.mode ?? 0o755 })
      const ran = await world.run(run(stage, '--rootfs', rootfs, command, 'argument'))
      assertRefusal(ran, command)
      assert.equal(ran.status, status, ran.stderr)
      assert.deepEqual(world.left(before), [])
    })

test(
  'a box is given five megabytes of arguments when the kernel lets them be given',
  { skip: skipWithoutRoot },
  async () => {
    await using world = new World()
    const many = Array.from({ length: 52 }, () => '$x').join(' ')
    const script = `ulimit -s unlimited; x=$(head -c 100000 /dev/zero | tr '\\0' x); exec "$@" ${many}`
    const program = ['sh', '-c', script, 'sh', process.execPath, BOXWRIGHT]
    const { status, stdout, stderr } = await world.run(run(4, 'sh', '-c', 'echo $# $*', 'sh'), { program })
    assert.deepEqual([status, stderr], [0, ''])
    assert.equal(stdout, `52${` ${'x'.repeat(100_000)}`.repeat(52)}\n`)
  },
)

/** `Cannot <do what> "<value>": <what is so>`, and on the next line what to do. */
function assertRefusal({ status, stdout, stderr }: Ran, value: string): void {
  const [first = '', second = ''] = stderr.split('\n')
  assert.match(first, /^boxwright: Cannot .+: \S/)
  assert.ok(first.includes(`"${value}"`) || first.includes(value), first)
  assert.match(second, /^ {2}\S/)
  assert.doesNotMatch(stderr, /^ {4}at /m, 'a stack is not for people')
  assert.equal(stdout, '')
  assert.ok(status > 0 && status < 128, String(status))
}

function limits(option: string, values: string[]): Record<string, Mistake> {
  const entries = values.map((value): [string, Mistake] => [
    `--${option} is "${value}"`,
    { args: run(4, `--${option}`, value, 'sh'), value },
  ])
  return Object.fromEntries(entries)
}

/** The least that the kernel looks at: elf(5), a header and, for a loader, one entry of type PT_INTERP. */
function elf(machine: number, interpreter = ''): Buffer {
  const file = Buffer.alloc(64 + 56 + interpreter.length + 1)
  file.write('\x7fELF\x02\x01\x01', 'latin1') // 64 bits, little-endian, version 1
  file.writeUInt16LE(2, 16) // e_type: ET_EXEC
  file.writeUInt16LE(machine, 18)
  file.writeUInt32LE(1, 20) // e_version
  file.writeBigUInt64LE(64n, 32) // e_phoff
  file.writeUInt16LE(64, 52) // e_ehsize
  file.writeUInt16LE(56, 54) // e_phentsize
  file.writeUInt16LE(1, 56) // e_phnum
  file.writeUInt32LE(interpreter ? 3 : 4, 64) // p_type: PT_INTERP or PT_NOTE
  file.writeBigUInt64LE(120n, 64 + 8) // p_offset
  file.writeBigUInt64LE(BigInt(interpreter.length + 1), 64 + 32) // p_filesz
  file.write(interpreter, 120)
  return file
}

function ownMachine(): number {
  return machineOf(process.arch) ?? 0
}

/** EM_RISCV, or EM_X86_64 where this is RISC-V itself. */
function otherMachine(): number {
  return ownMachine() === 243 ? 62 : 243
}
