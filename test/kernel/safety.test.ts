/** The host is left as it was: after many boxes, and after boxes that were ended at any moment, in any way. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded, type Random } from '../pure/random.ts'
import { come, drawMoment, launch, pagesOf, type Moment, type Unruly } from './unruly.ts'
import { skipWithoutRoot, until, World } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [1, 2, 3, 4]
const LIMITS = ['--memory', '64m', '--pids', '32', '--cpus', '0.5', '--cpuset', '0']

const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]
const limits = (stage: number): string[] => (stage === 4 ? LIMITS : [])

/** Two at a time, since the machine may have two processors; each in a world of its own, one after the other. */
async function inTwoWorlds<T>(tasks: readonly T[], perform: (task: T, place: Place) => Promise<void>): Promise<void> {
  const half = async (parity: number): Promise<void> => {
    await using world = new World()
    const place = { world, rootfs: withoutMountPoints(world) }
    for (const [n, task] of tasks.entries()) if (n % 2 === parity) await perform(task, place)
  }
  await Promise.all([half(0), half(1)])
}

interface Place {
  world: World
  /** A root file system in which a box has to make the directories that it mounts on. */
  rootfs: string
}

function withoutMountPoints(world: World): string {
  const rootfs = world.copyOfBase()
  for (const name of ['proc', 'dev', 'sys']) fs.rmdirSync(join(rootfs, name))
  return rootfs
}

test('200 runs in a row leave the host as it was', options, async () => {
  const tasks = Array.from({ length: 200 }, (_, n) => n)
  await inTwoWorlds(tasks, async (n, { world, rootfs }) => {
    const before = world.inventory()
    const names = fs.readdirSync(rootfs)
    const stage = ((n >> 1) % 4) + 1
    const where = n % 3 === 0 ? [] : ['--rootfs', rootfs]
    const { status, stderr } = await world.run(
      run(stage, ...limits(stage), ...where, 'sh', '-c', 'sleep 1000 & exit 3'),
    )
    assert.deepEqual([status, stderr.match(/^boxwright.*/m)], [3, null], `run ${n}, stage ${stage}`)
    assert.deepEqual(world.left(before), [], `run ${n}, stage ${stage}`)
    assert.deepEqual(fs.readdirSync(rootfs), names)
  })
})

interface Blow {
  n: number
  stage: number
  signal: NodeJS.Signals
  target: 'launcher' | 'inside'
  moment: Moment
  /** What is run when it is over. */
  next: 'sweep' | 'run'
}

const drawBlow = (random: Random, n: number, signal: NodeJS.Signals, targets: readonly Blow['target'][]): Blow => ({
  n,
  stage: random.pick(STAGES),
  signal,
  target: random.pick(targets),
  moment: drawMoment(random),
  next: random.pick(['sweep', 'run']),
})

/** Two processes. In stage 1 there is no PID namespace: the second outlives the first. */
const COMMAND = ['timeout', '1000', 'sleep', '1000']

async function strike(blow: Blow, { world, rootfs }: Place): Promise<Unruly> {
  const { stage, signal, target, moment } = blow
  const launcher = launch(world, run(stage, ...limits(stage), '--rootfs', rootfs, ...COMMAND))
  await come(moment, launcher, world)
  const pid = target === 'launcher' ? launcher.pid : (launcher.inside() ?? launcher.pid)
  process.kill(pid, signal)
  return launcher
}

test('50 runs leave the host as it was when one of their processes is killed at any moment', options, async (t) => {
  const random = seeded(t)
  const blows = Array.from({ length: 50 }, (_, n) => drawBlow(random, n, 'SIGKILL', ['launcher', 'inside']))
  await inTwoWorlds(blows, async (blow, place) => {
    const { world, rootfs } = place
    const [before, names] = [world.inventory(), fs.readdirSync(rootfs)]
    await using launcher = await strike(blow, place)
    const { status, words } = await endOf(launcher, blow)
    const told = JSON.stringify({ ...blow, status, words })
    assert.ok(status === 137 || (status === 125 && isClear(words)), told)
    await nextCommand(blow, world, told)
    await until(`the end of all processes: ${told}`, () => launcher.processes().length === 0)
    assert.deepEqual(world.left(before), [], told)
    assert.deepEqual(fs.readdirSync(rootfs), names, told)
  })
})

async function endOf(launcher: Unruly, blow: Blow): Unruly['ended'] {
  await until(`the end of a launcher: ${JSON.stringify(blow)}`, () => launcher.hasEnded())
  return launcher.ended
}

/** It finds the page, if there is one, says so, and takes everything away. */
async function nextCommand({ next }: Blow, world: World, told: string): Promise<void> {
  const pages = pagesOf(world)
  const { status, stderr } = await world.run(next === 'sweep' ? ['sweep'] : run(4, 'true'))
  assert.equal(status, 0, `${told}\n${stderr}`)
  const found = [...stderr.matchAll(/^boxwright: box ([0-9a-f]+) was left by a boxwright that died: ./gm)]
  assert.deepEqual(
    found.map(([, id]) => id),
    pages,
    told,
  )
}

/** Says what could not be done, in words, and not where in the source. */
const isClear = (words: string): boolean => words.startsWith('boxwright: Cannot ') && !/^\s+at /m.test(words)

test('30 runs leave the host as it was when they are asked to end at any moment', options, async (t) => {
  const random = seeded(t)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const blows = Array.from({ length: 30 }, (_, n) => drawBlow(random, n, random.pick(signals), ['launcher']))
  await inTwoWorlds(blows, async (blow, place) => {
    const { world, rootfs } = place
    const [before, names] = [world.inventory(), fs.readdirSync(rootfs)]
    await using launcher = await strike(blow, place)
    const { status, words } = await endOf(launcher, blow)
    const told = JSON.stringify({ ...blow, status, words })
    assert.deepEqual([status, words], [128 + constants.signals[blow.signal], ''], told)
    await nextCommand(blow, world, told)
    assert.deepEqual(launcher.processes(), [], told)
    assert.deepEqual(world.left(before), [], told)
    assert.deepEqual(fs.readdirSync(rootfs), names, told)
  })
})
