/** What a box says, in a file: CRI's lines, whatever is in them and however much there is. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encode } from '../../src/plan/encode.ts'
import { box } from '../../src/plan/plan.ts'
import { LAUNCH, planned, play, skipWithoutLauncher } from './native-world.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutLauncher }
const sh = (script: string) => planned(box('execvpe', ['sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin']], ''))

interface Line {
  stream: string
  tag: string
  text: string
}

function logged(world: World, script: string): Line[] {
  const file = join(world.newPlace(), 'log')
  assert.equal(play(world, encode(sh(script)), { options: ['-l', file] }).status, 0)
  return linesIn(fs.readFileSync(file, 'latin1'))
}

/** Each line is one of CRI's, and ends as one. */
function linesIn(log: string): Line[] {
  assert.ok(log === '' || log.endsWith('\n'))
  return log
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [all, stream = '', tag = '', text = ''] =
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) ([FP]) (.*)$/s.exec(line) ?? []
      assert.ok(all !== undefined, line)
      return { stream, tag, text }
    })
}

test(
  'a log has a line for each of a box’s when they are short, empty, long, binary or never ended',
  options,
  async () => {
    await using world = new World()
    const lines = logged(
      world,
      `echo one; echo; head -c 10000 /dev/zero | tr '\\0' x; echo; printf '\\001\\377\\n'; printf end`,
    )
    const lengths = lines.map(({ tag, text }) => `${tag}${text.length}`)
    assert.deepEqual(lengths, ['F3', 'F0', 'P4096', 'P4096', 'F1808', 'F2', 'P3'])
    assert.equal(lines[5]?.text, '\u0001\u00ff')
  },
)

test('each of two streams keeps its lines whole when a box writes to both at once', options, async () => {
  await using world = new World()
  const half = (name: string): string =>
    `n=0; while [ $n -lt 500 ]; do printf ${name}; printf $n'\\n'; n=$((n+1)); done`
  const lines = logged(world, `(${half('out')}) & (${half('err')}) >&2; wait`)
  for (const [stream, name] of [
    ['stdout', 'out'],
    ['stderr', 'err'],
  ] as const)
    assert.deepEqual(
      lines.filter((line) => line.stream === stream).map(({ text }) => text),
      Array.from({ length: 500 }, (_, n) => `${name}${n}`),
    )
})

test('a box goes on when it has closed its output, and its log has what came before', options, async () => {
  await using world = new World()
  const lines = logged(world, 'echo before; exec >&- 2>&-; sleep 0.2')
  assert.deepEqual(
    lines.map(({ text }) => text),
    ['before'],
  )
})

test('a box goes on, and its log has only whole lines, when the disk is full for a while', options, async () => {
  await using world = new World()
  const place = world.newPlace()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'small', place])
  using _mounted = { [Symbol.dispose]: () => void execFileSync('umount', [place]) }
  const filler = join(place, 'filler')
  const script = `head -c 40000 /dev/zero >${filler}; seq 1000; rm ${filler}; sleep 0.3; echo after; exit 4`
  fs.writeFileSync(join(world.directory, 'small'), encode(sh(script)))
  const { status } = spawnSync(LAUNCH, ['-l', join(place, 'log'), join(world.directory, 'small')])
  assert.equal(status, 4)
  const text = fs.readFileSync(join(place, 'log'), 'latin1')
  const torn = text.split('\n').filter((line) => line !== '' && !/^\S+ stdout F \w+$/.test(line))
  assert.ok(torn.length <= 1, torn.join('\n'))
  assert.match(text, /\n\S+ stdout F after\n$/)
  assert.doesNotMatch(text, /Z std.*Z std/, 'a line begins where one was torn')
})

test('a monitor’s memory stays as it is, and a signal is heard, when a box says 100 MB', options, async (t) => {
  await using world = new World()
  const file = join(world.newPlace(), 'log')
  const script = `yes 0123456789012345678901234567890123456789012345678 | head -c 100000000; grep VmHWM /proc/$PPID/status >&2`
  assert.equal(play(world, encode(sh(script)), { options: ['-l', file] }).status, 0)
  const said = execFileSync('grep', [' stderr F ', file], { encoding: 'utf8' }) // which of two pipes is read first is nobody's promise
  assert.equal(Number(execFileSync('grep', ['-c', ' stdout F ', file], { encoding: 'utf8' })), 2_000_000)
  const peak = Number(/VmHWM:\s*(\d+) kB/.exec(said)?.[1])
  t.diagnostic(`at most ${peak} kB`)
  assert.ok(peak < 1000, said)
  fs.rmSync(file)
})

test('a box that never stops talking is ended by a signal to its monitor', options, async () => {
  await using world = new World()
  const [file, log] = [join(world.newPlace(), 'plan'), join(world.newPlace(), 'log')]
  fs.writeFileSync(file, encode(sh('exec yes')))
  const { status } = spawnSync('timeout', ['--foreground', '-s', 'TERM', '1', LAUNCH, '-l', log, file])
  assert.equal(status, 124)
  fs.rmSync(log)
})
