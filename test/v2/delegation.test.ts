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
import { BOXWRIGHT, commandLineOf, until, World, type RunOptions, type Running } from '../kernel/world.ts'
import { members, read, ROOT, skipElsewhere, tree } from './tree.ts'

const skip = { skip: skipElsewhere }
const TENANT = join(ROOT, `tenant-${process.pid}`)
const LEAF = join(TENANT, 'boxwright-supervisors')

const run = (...words: string[]): string[] => ['stage', '4', 'run', '--memory', '64m', ...words]
const directoryOf = ({ id }: Running): string => join(TENANT, `boxwright-${id}`)

/** As a container's first process: in a cgroup namespace that begins where it is, so it sees nothing above. */
const BYSTANDER = `echo 0 >${TENANT}/cgroup.procs && exec unshare --cgroup --mount sh -c '
umount -l ${ROOT} && mount -t cgroup2 cgroup2 ${ROOT} && exec sleep 1000'`

/** As whoever comes into a container: to its first process, wherever that has been set aside, and into its namespaces. */
const ENTER = `{ echo 0 >${LEAF}/cgroup.procs || echo 0 >${TENANT}/cgroup.procs; } 2>/dev/null &&
exec nsenter --cgroup=/proc/$BYSTANDER/ns/cgroup --mount=/proc/$BYSTANDER/ns/mnt "$@"`

/** A cgroup with controllers to hand down, and a process in it that has nothing to do with boxes. */
class Tenant implements AsyncDisposable {
  readonly bystander: number
  readonly enter: RunOptions
  before: string[] = []

  private constructor() {
    fs.writeFileSync(join(ROOT, 'cgroup.subtree_control'), '+memory +pids')
    fs.mkdirSync(TENANT)
    this.bystander = spawn('sh', ['-c', BYSTANDER], { stdio: 'ignore' }).pid ?? 0
    const program = ['sh', '-c', ENTER, 'sh', process.execPath, BOXWRIGHT]
    this.enter = { program, env: { BYSTANDER: String(this.bystander) } }
  }

  static async make(): Promise<Tenant> {
    const tenant = new Tenant()
    await until('the bystander', () => commandLineOf(tenant.bystander) === 'sleep 1000')
    tenant.before = tree(TENANT)
    return tenant
  }

  async [Symbol.asyncDispose](): Promise<void> {
    removeCgroup(TENANT)
    await until('the end of the bystander', () => commandLineOf(this.bystander) === '')
  }
}

test('a box has its limits when its launcher’s cgroup has other processes in it', skip, async () => {
  await using world = new World()
  await using tenant = await Tenant.make()
  const box = await world.start(run('cat', '/proc/self/cgroup', '-'), tenant.enter)
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
    await using tenant = await Tenant.make()
    const first = await world.start(run('cat'), tenant.enter)
    const second = await world.start(run('cat'), tenant.enter)
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
  await using tenant = await Tenant.make()
  const box = await world.start(run('sleep', '1000'), tenant.enter)
  box.signal('SIGKILL')
  await box.ended
  assert.deepEqual(members(LEAF), [tenant.bystander])
  const { status } = await world.run(['sweep'], tenant.enter)
  assert.equal(status, 0)
  assert.deepEqual(tree(TENANT), tenant.before)
})

test('a step that fails leaves processes where they were when they had been set aside for it', skip, async () => {
  await using world = new World()
  await using tenant = await Tenant.make()
  const { status, stderr } = await world.run(run('--pids', '99999999', 'true'), tenant.enter)
  assert.equal(status, 125, 'the kernel has not so many process numbers')
  assert.match(stderr, /pids\.max/)
  const { status: missing } = await world.run(run('no-such-command'), tenant.enter)
  assert.equal(missing, 127)
  assert.deepEqual(tree(TENANT), tenant.before)
})
