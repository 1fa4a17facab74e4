/**
 * Every limit of lesson 4, where cgroups are pure v2: what the kernel counted in its own files when a box really ran into it. Once with the walls of
 * that lesson, in which a box walks into its cgroup, and once with the last stage's, in which it is born there.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { namespaceOf, statusField } from '../../src/kernel/proc.ts'
import { BOXWRIGHT, commandLineOf, until, World, type Running } from '../kernel/world.ts'
import { disk, keyed, members, ours, read, ROOT, skipElsewhere } from './tree.ts'

const skip = { skip: skipElsewhere }
const MiB = 1 << 20

/** A shell variable, doubled until it has 256 MiB. */
const HOG = 'x=0123456789abcdef; while [ ${#x} -lt 268435456 ]; do x=$x$x; done'
const BOMB = 'n=0; while [ $n -lt 500 ]; do sleep 1000 & n=$((n+1)); done'

const run = (...words: string[]): string[] => runIn('4', ...words)
const runIn = (stage: string, ...words: string[]): string[] => ['stage', stage, 'run', ...words]
const directoryOf = ({ id }: Running): string => join(ROOT, `boxwright-${id}`)

test(
  'a box’s one cgroup is at the root, with its process in it and a cgroup namespace that begins there',
  skip,
  async () => {
    await using world = new World()
    const before = ours()
    const box = await world.start(run('cat', '/proc/self/cgroup', '-'))
    assert.equal(await box.line(/^0::/), '0::/')
    assert.equal(read(`/proc/${box.pid}/cgroup`), `0::/boxwright-${box.id}`)
    assert.deepEqual(members(directoryOf(box)), [box.pid])
    assert.notEqual(namespaceOf(box.pid, 'cgroup'), namespaceOf('self', 'cgroup'))
    const [view] = read(`/proc/${box.pid}/mountinfo`)
      .split('\n')
      .filter((line) => line.includes(' - cgroup2 '))
    assert.match(view ?? '', new RegExp(` /boxwright-${box.id} /sys/fs/cgroup ro,`))
    box.stdin.end()
    assert.equal((await box.ended).status, 0)
    assert.deepEqual(ours(), before)
  },
)

test('the root hands down what a limit needs when it did not before', skip, async () => {
  await using world = new World()
  await world.run(run('--memory', '64m', '--pids', '9', '--cpus', '0.5', '--cpuset', '0', 'true'))
  const down = read(ROOT, 'cgroup.subtree_control').split(' ')
  for (const name of ['memory', 'pids', 'cpu', 'cpuset']) assert.ok(down.includes(name), `${name} of ${down.join(' ')}`)
})

for (const stage of ['4', '8']) {
  test(
    `memory.events counts a kill when a process allocates more than memory.max in a box of stage ${stage}`,
    skip,
    async () => {
      await using world = new World()
      const box = await world.start(
        runIn(stage, '--memory', '32m', 'sh', '-c', `exec 2>&-; sh -c '${HOG}'; exec sleep 1000`),
      )
      assert.equal(read(directoryOf(box), 'memory.max'), String(32 * MiB))
      await until('the end of the hog', () => commandLineOf(box.pid) === 'sleep 1000')
      assert.equal(keyed('oom_kill', directoryOf(box), 'memory.events'), 1)
      assert.ok(keyed('max', directoryOf(box), 'memory.events') > 0)
      box.signal('SIGTERM')
      assert.match((await box.ended).stderr, /the kernel ended 1 process of the box: it was at its memory limit/)
    },
  )

  test(`pids.events counts a refusal when a fork bomb is at pids.max in a box of stage ${stage}`, skip, async () => {
    await using world = new World()
    const box = await world.start(runIn(stage, '--pids', '20', 'sh', '-c', `sh -c '${BOMB}' 2>&-; exec sleep 1001`))
    await until('the end of the bomb', () => commandLineOf(box.pid) === 'sleep 1001')
    assert.equal(read(directoryOf(box), 'pids.max'), '20')
    assert.ok(keyed('max', directoryOf(box), 'pids.events') >= 1)
    const living = members(directoryOf(box)).length
    assert.ok(living > 15 && living <= 20, `${living} processes`)
  })

  test(
    `cpu.stat counts a box’s use within its quota, and that it was throttled, when it wants more in a box of stage ${stage}`,
    skip,
    async () => {
      await using world = new World()
      const box = await world.start(runIn(stage, '--cpus', '0.2', 'sh', '-c', 'while :; do :; done'))
      const stat = (key: string): number => keyed(key, directoryOf(box), 'cpu.stat')
      assert.equal(read(directoryOf(box), 'cpu.max'), '20000 100000')
      const [used, periods] = [stat('usage_usec'), stat('nr_periods')]
      await until('twenty periods', () => stat('nr_periods') >= periods + 20)
      assert.ok(stat('nr_throttled') > 0 && stat('throttled_usec') > 0)
      const each = (stat('usage_usec') - used) / (stat('nr_periods') - periods)
      assert.ok(each < 50_000, `${each} of 100000 microseconds in each period`)
    },
  )

  test(
    `a box is allowed the processors in cpuset.cpus, and no other, when it runs in a box of stage ${stage}`,
    skip,
    async () => {
      await using world = new World()
      const last = /\d+$/.exec(read(ROOT, 'cpuset.cpus.effective'))?.[0] ?? '0'
      const box = await world.start(runIn(stage, '--cpuset', last, 'sleep', '1000'))
      assert.equal(read(directoryOf(box), 'cpuset.cpus'), last)
      assert.equal(read(directoryOf(box), 'cpuset.cpus.effective'), last)
      assert.equal(statusField(box.pid, 'Cpus_allowed_list'), last)
    },
  )
}

const needsDisk = { skip: skipElsewhere || (disk === undefined && 'BOXWRIGHT_TEST_DISK names no disk to read from') }

test(
  'io.stat counts no more bytes from a disk than the rate in io.max allows when a box reads it',
  needsDisk,
  async () => {
    await using world = new World()
    const rate = MiB / 4
    const program = ['sh', '-c', 'exec "$@" <"$BOXWRIGHT_TEST_DISK"', 'sh', process.execPath, BOXWRIGHT]
    const words = run('--read-bps', `${disk}:256k`, 'sh', '-c', 'head -c 2097152 >/dev/null; exec sleep 1000')
    const box = await world.start(words, { program, env: { BOXWRIGHT_TEST_DISK: disk ?? '' } })
    assert.match(read(directoryOf(box), 'io.max'), new RegExp(`^\\d+:\\d+ rbps=${rate} wbps=max`))
    const bytes = (): number => Number(/\brbytes=(\d+)/.exec(read(directoryOf(box), 'io.stat'))?.[1] ?? 0)
    const first = await until('the first bytes', bytes)
    const start = performance.now()
    await until('the last bytes', () => commandLineOf(box.pid) === 'sleep 1000')
    const seconds = (performance.now() - start) / 1000
    assert.ok(bytes() >= 2 * MiB)
    assert.ok(bytes() - first <= rate * (seconds + 1), `${bytes() - first} bytes in ${seconds} seconds`)
  },
)

test('a box’s cgroup goes, with a stranger and a cgroup in it, when the box has ended', skip, async () => {
  await using world = new World()
  const before = ours()
  const box = await world.start(run('sleep', '1000'))
  const below = join(directoryOf(box), 'below')
  fs.mkdirSync(below)
  const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' })
  fs.writeFileSync(join(below, 'cgroup.procs'), String(stranger.pid))
  box.signal('SIGTERM')
  await box.ended
  await until('the end of the stranger', () => stranger.signalCode === 'SIGKILL')
  assert.deepEqual(ours(), before)
})

test(
  'a sweep removes a frozen box’s cgroup, and what lives in it, when its launcher has been killed',
  skip,
  async () => {
    await using world = new World()
    const before = ours()
    const box = await world.start(run('--memory', '64m', 'sleep', '1000'))
    fs.writeFileSync(join(directoryOf(box), 'cgroup.freeze'), '1')
    await until('the frost', () => keyed('frozen', directoryOf(box), 'cgroup.events') === 1)
    box.signal('SIGKILL')
    await box.ended
    assert.ok(fs.existsSync(directoryOf(box)), 'nobody has cleaned up yet')
    const { stderr } = await world.run(['sweep'])
    assert.match(stderr, new RegExp(`box ${box.id} was left by a boxwright that died: .*removed ${directoryOf(box)}`))
    assert.deepEqual(ours(), before)
    assert.deepEqual(fs.readdirSync(world.state), [])
  },
)
