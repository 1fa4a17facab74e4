/** The host is left as it was: after many boxes, and after boxes that were ended at any moment, in any way. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import * as fs from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded, type Random } from '../pure/random.ts'
import { inTwoWorlds, isClear, run, type Place } from './two-worlds.ts'
import { come, drawMoment, launch, pagesOf, type Moment, type Unruly } from './unruly.ts'
import { skipWithoutRoot, until, World } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [1, 2, 3, 4]
const LIMITS = ['--memory', '64m', '--pids', '32', '--cpus', '0.5', '--cpuset', '0']

const limits = (stage: number): string[] => (stage === 4 ? LIMITS : [])

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

test('a sweep takes away what a box left when two of them run at once', options, async () => {
  await using world = new World()
  const before = world.inventory()
  for (const stage of STAGES) {
    await using launcher = launch(world, run(stage, ...limits(stage), ...COMMAND))
    await come({ after: 'its command was running', milliseconds: 0 }, launcher, world)
    process.kill(launcher.pid, 'SIGKILL')
    const sweeps = await Promise.all([world.run(['sweep']), world.run(['sweep'])])
    for (const { status, stderr } of sweeps) assert.equal(status, 0, stderr)
    assert.deepEqual(world.left(before), [])
  }
})

test('a box lives on when another is swept away', options, async () => {
  await using world = new World()
  const before = world.inventory()
  for (const stage of STAGES) {
    const alive = await world.start(run(4, ...LIMITS, 'sleep', '1000'))
    const itsOwn = fs.readFileSync(`/proc/${alive.pid}/cgroup`, 'utf8')
    await using launcher = launch(world, run(stage, ...COMMAND))
    await come({ after: 'its command was running', milliseconds: 0 }, launcher, world)
    process.kill(launcher.pid, 'SIGKILL')
    const { stderr } = await world.run(['sweep'])
    assert.equal(stderr.match(/ was left by /g)?.length, 1, stderr)
    assert.doesNotMatch(stderr, new RegExp(alive.id))
    assert.equal(fs.readFileSync(`/proc/${alive.pid}/cgroup`, 'utf8'), itsOwn)
    assert.match(itsOwn, new RegExp(alive.id))
    assert.deepEqual(pagesOf(world), [alive.id])
    alive.signal('SIGTERM')
    assert.equal((await alive.ended).status, 143)
    assert.deepEqual(world.left(before), [])
  }
})

test(
  'a cgroup is taken away with what is in it when the box has ended, or its launcher was killed',
  options,
  async () => {
    await using world = new World()
    const before = world.inventory()
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const box = await world.start(run(4, 'sleep', '1000'))
      const cgroups = world.inventory().cgroups.filter((directory) => directory.endsWith(`/boxwright-${box.id}`))
      const lingering = cgroups.map(linger)
      assert.ok(lingering.length > 0)
      box.signal(signal)
      const { status, stderr } = await box.ended
      const next = await world.run(['sweep'])
      for (const child of lingering) child.kill() // should it still be there
      assert.deepEqual([status, next.status], [128 + constants.signals[signal], 0], stderr + next.stderr)
      for (const child of lingering)
        assert.equal(await until('its end', () => child.signalCode ?? undefined), 'SIGKILL')
      assert.deepEqual(world.left(before), [])
    }
  },
)

/** A process of nobody's, in a cgroup of its own below the box's. */
function linger(cgroup: string): ChildProcess {
  const below = join(cgroup, 'below')
  fs.mkdirSync(below)
  const child = spawn('sleep', ['1000'])
  fs.writeFileSync(join(below, 'cgroup.procs'), String(child.pid))
  return child
}

const DAMAGED = ['', '{"id":', '{}', 'null', '[]', '{"id":"0badb0x0"}', '\0\0\0\0']

test('a page is named and nothing is made when it is damaged', options, async () => {
  await using world = new World()
  const before = world.inventory()
  const page = join(world.state, '0badb0x0.json')
  for (const [n, text] of DAMAGED.entries()) {
    fs.writeFileSync(page, text)
    const { status, stderr } = await world.run(n === 0 ? run(4, 'true') : ['sweep'])
    assert.equal(status, 125)
    assert.equal(stderr.split('\n')[0], `boxwright: Cannot read "${page}", the record of a box: it is damaged`)
    assert.ok(isClear(stderr), stderr)
  }
  fs.rmSync(page)
  assert.deepEqual(world.left(before), [])
  assert.equal((await world.run(run(4, 'true'))).status, 0)
})

test('a page of an earlier boot is struck out when all it speaks of is gone', options, async () => {
  await using world = new World()
  const before = world.inventory()
  const page = {
    id: '0badb007',
    rootfs: '/no/such/rootfs',
    // This process has the number now, and has not been started at that time.
    launcher: { pid: process.pid, started: 1 },
    undo: [
      { call: 'remove_cgroup', args: ['/sys/fs/cgroup/boxwright-0badb007'] },
      { call: 'rmdir', args: ['/no/such/rootfs/proc'], fine: ['ENOENT'] },
    ],
    mounts: [1, 2, 3],
  }
  fs.writeFileSync(join(world.state, `${page.id}.json`), JSON.stringify(page))
  fs.writeFileSync(join(world.state, 'deadbeef.json.4194305'), '{"id":')
  const { status, stderr } = await world.run(run(1, 'true'))
  assert.equal(status, 0)
  assert.equal(stderr, `boxwright: box ${page.id} was left by a boxwright that died: only its record, now removed\n`)
  assert.deepEqual(world.left(before), [])
})
