/**
 * A launcher that does not sit at the root of the v2 tree but in a cgroup that was given to it, as in a container or a user's session. A cgroup
 * with processes in it can hand nothing down (cgroups(7): "no internal processes"), so they are set aside, and put back.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { removeCgroup } from '../../src/kernel/cgroup-remove.ts'
import { BOXWRIGHT, until, World, type Running } from '../kernel/world.ts'
import { members, read, ROOT, skipElsewhere, tree } from './tree.ts'

const skip = { skip: skipElsewhere }
const TENANT = join(ROOT, `tenant-${process.pid}`)
const LEAF = join(TENANT, 'boxwright-supervisors')

const run = (...words: string[]): string[] => ['stage', '4', 'run', '--memory', '64m', ...words]
const directoryOf = ({ id }: Running): string => join(TENANT, `boxwright-${id}`)

/** Starts in the tenant's cgroup, or where its processes have been set aside, and sees nothing above it. */
const ENTER = `{ echo 0 >${LEAF}/cgroup.procs || echo 0 >${TENANT}/cgroup.procs; } 2>/dev/null &&
exec unshare --cgroup --mount sh -c 'umount -l ${ROOT} && mount -t cgroup2 cgroup2 ${ROOT} && exec "$@"' sh "$@"`
const program = ['sh', '-c', ENTER, 'sh', process.execPath, BOXWRIGHT]

/** A cgroup with controllers to hand down, and a process in it that has nothing to do with boxes. */
class Tenant implements Disposable {
  readonly bystander: number
  readonly before: string[]

  constructor() {
    fs.writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+memory +pids')
    fs.mkdirSync(TENANT)
    this.bystander = spawn('sleep', ['1000'], { stdio: 'ignore' }).pid ?? 0
    fs.writeFileSync(join(TENANT, 'cgroup.procs'), String(this.bystander))
    this.before = tree(TENANT)
  }

  [Symbol.dispose](): void {
    removeCgroup(TENANT)
  }
}

test('a box has its limits when its launcher’s cgroup has other processes in it', skip, async () => {
  await using world = new World()
  using tenant = new Tenant()
  const box = await world.start(run('cat', '/proc/self/cgroup', '-'), { program })
  assert.equal(await box.line(/^0::/), '0::/')
  assert.equal(read(directoryOf(box), 'memory.max'), String(64 << 20))
  assert.deepEqual(members(directoryOf(box)), [box.pid])
  assert.deepEqual(members(TENANT), [])
  assert.deepEqual(members(LEAF).sort(), [tenant.bystander, box.launcher].sort())
  assert.equal(read(TENANT, 'cgroup.subtree_control'), 'memory pids')
  box.stdin.end()
  const { status, stderr } = await box.ended
  assert.deepEqual([status, stderr], [0, ''])
  assert.deepEqual(tree(TENANT), tenant.before)
})

test(
  'processes that were set aside, and their children, are put back when the last of two boxes ends',
  skip,
  async () => {
    await using world = new World()
    using tenant = new Tenant()
    const first = await world.start(run('cat'), { program })
    const second = await world.start(run('cat'), { program })
    const born = spawn('sleep', ['1000'], { stdio: 'ignore' }).pid ?? 0
    fs.writeFileSync(join(LEAF, 'cgroup.procs'), String(born))
    first.stdin.end()
    assert.equal((await first.ended).stderr, '')
    assert.equal(read(directoryOf(second), 'memory.max'), String(64 << 20), 'the other box keeps its limit')
    assert.deepEqual(members(LEAF).sort(), [tenant.bystander, born, second.launcher].sort())
    second.stdin.end()
    assert.equal((await second.ended).stderr, '')
    assert.deepEqual(members(TENANT).sort(), [tenant.bystander, born].sort())
    process.kill(born, 'SIGKILL')
    await until('the end of one', () => members(TENANT).length === 1)
    assert.deepEqual(tree(TENANT), tenant.before)
  },
)

test('a sweep puts processes back when the launcher that set them aside has been killed', skip, async () => {
  await using world = new World()
  using tenant = new Tenant()
  const box = await world.start(run('sleep', '1000'), { program })
  box.signal('SIGKILL')
  await box.ended
  assert.deepEqual(members(LEAF), [tenant.bystander])
  const { status } = await world.run(['sweep'], { program })
  assert.equal(status, 0)
  assert.deepEqual(tree(TENANT), tenant.before)
})

test('a step that fails leaves processes where they were when they had been set aside for it', skip, async () => {
  await using world = new World()
  using tenant = new Tenant()
  const { status } = await world.run(run('--cpus', '0.5', 'true'), { program })
  assert.equal(status, 125, 'this cgroup has no cpu controller to hand down')
  const { status: missing } = await world.run(run('no-such-command'), { program })
  assert.equal(missing, 127)
  assert.deepEqual(tree(TENANT), tenant.before)
})
