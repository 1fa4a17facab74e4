/** Containers of the runtime that are paused, counted, watched and given other limits, as the kernel has it. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { having, textOf } from '../../src/kernel/cgroup-numbers.ts'
import { signalProcess } from '../../src/kernel/signal.ts'
import { create } from '../../src/runtime/create.ts'
import { load } from '../../src/runtime/container.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { events, type Event } from '../../src/runtime/events.ts'
import { pause, resume } from '../../src/runtime/pause.ts'
import { ps } from '../../src/runtime/ps.ts'
import { start } from '../../src/runtime/start.ts'
import { state } from '../../src/runtime/state.ts'
import { update } from '../../src/runtime/update.ts'
import { skipWithoutLauncher } from './native-world.ts'
import { until, World } from './world.ts'

const skip = { skip: skipWithoutLauncher }

/** A container that runs, until it is disposed of. */
async function running(world: World, args: string[], resources: object = {}, more: object = {}) {
  const [bundle, root] = [world.newPlace(), join(world.directory, 'runtime')]
  const settings = { root, systemdCgroup: false, rootless: 'auto' as const }
  const id = `boxwright-test-${process.pid}-${world.directory.slice(-6)}`
  const config = {
    ociVersion: '1.3.0',
    root: { path: world.base() },
    process: { args, cwd: '/', env: ['PATH=/bin:/usr/bin:/sbin:/usr/sbin'] },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }], resources, ...more },
  }
  fs.writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  await create(settings, { id, bundle })
  start(settings, id)
  const { cgroups } = load(settings, id).state
  const read = (file: string): string | undefined => textOf(having(cgroups, file) ?? '', file)?.trim()
  return { settings, id, cgroups, read, [Symbol.dispose]: () => deleteContainer(settings, id, { force: true }) }
}

test('a container stands still while it is paused, and goes on when it is resumed', skip, async () => {
  await using world = new World()
  using container = await running(world, ['sh', '-c', 'while :; do sleep 0.01; done'])
  const { settings, id } = container
  pause(settings, id)
  assert.equal(state(settings, id).status, 'paused')
  assert.throws(() => pause(settings, id), /container not running/)
  resume(settings, id)
  assert.equal(state(settings, id).status, 'running')
  assert.throws(() => resume(settings, id), /container not paused/)
  assert.ok(ps(settings, id).includes(state(settings, id).pid))
})

test('a paused container is deleted by force', skip, async () => {
  await using world = new World()
  using container = await running(world, ['sleep', '1000'])
  const { settings, id, cgroups } = container
  pause(settings, id)
  deleteContainer(settings, id, { force: true })
  assert.deepEqual(
    cgroups.filter((directory) => fs.existsSync(directory)),
    [],
  )
})

test('update changes what is named, keeps what is not, and says so in the state', skip, async () => {
  await using world = new World()
  const limits = {
    memory: { limit: 64 << 20, swap: 128 << 20 },
    cpu: { shares: 512, quota: 50_000, period: 100_000 },
    pids: { limit: 30 },
  }
  using container = await running(world, ['sleep', '1000'], limits)
  const { settings, id, read } = container
  await update(settings, id, {
    memory: { limit: 256 << 20, swap: 512 << 20 },
    cpu: { quota: 20_000, period: 10_000, burst: 5000 },
    pids: { limit: 0 },
  })
  assert.equal(read('memory.limit_in_bytes') ?? read('memory.max'), String(256 << 20))
  assert.equal(read('memory.memsw.limit_in_bytes') ?? String(512 << 20), String(512 << 20))
  assert.equal(read('cpu.cfs_quota_us') ?? read('cpu.max')?.split(' ')[0], '20000')
  assert.equal(read('cpu.shares') ?? '512', '512')
  assert.equal(read('pids.max'), '30')
  await update(settings, id, { memory: { limit: 32 << 20, swap: 32 << 20 } })
  assert.equal(read('memory.limit_in_bytes') ?? read('memory.max'), String(32 << 20))
  await update(settings, id, { memory: { limit: -1 }, cpu: { quota: -1 }, pids: { limit: -1 } })
  assert.match(read('memory.limit_in_bytes') ?? read('memory.max') ?? '', /^(9223372036854771712|max)$/)
  assert.equal(read('pids.max'), 'max')
  const { config } = load(settings, id).state as { config: { linux: { resources: object } } }
  assert.deepEqual(config.linux.resources, {
    memory: { limit: -1 },
    cpu: { shares: 512, quota: -1, period: 10_000, burst: 5000 },
    pids: { limit: -1 },
  })
})

test('update changes nothing when one of its limits is refused', skip, async () => {
  await using world = new World()
  using container = await running(world, ['sh', '-c', 'sleep 1000 & sleep 1000 & wait'], {
    pids: { limit: 30 },
    cpu: { shares: 512 },
  })
  const { settings, id, read } = container
  await until('memory in use', () => ps(settings, id).length === 3)
  const before = ['cpu.shares', 'pids.max', 'memory.limit_in_bytes', 'cpu.cfs_quota_us'].map(read)
  const wish = {
    cpu: { shares: 100, quota: 5000 },
    pids: { limit: 20 },
    memory: { limit: 4096, checkBeforeUpdate: true },
  }
  await assert.rejects(
    () => update(settings, id, wish),
    /Cannot set linux\.resources\.memory\.limit to "4096": the container uses \d+ bytes/,
  )
  assert.deepEqual(['cpu.shares', 'pids.max', 'memory.limit_in_bytes', 'cpu.cfs_quota_us'].map(read), before)
  await assert.rejects(() => update(settings, id, { cpu: { cpus: '0-4000' } }), /cpu\.cpus to "0-4000"/)
  await assert.rejects(() => update(settings, id, { memory: { limit: 'much' } }), /memory\.limit/)
  await assert.rejects(() => update(settings, id, {}, { l3CacheSchema: 'L3:0=f' }), /intelRdt to "L3:0=f"/)
})

test('events tells what a container has used, once, in runC’s words', skip, async () => {
  await using world = new World()
  using container = await running(world, ['sleep', '1000'], { pids: { limit: 30 } })
  const { settings, id } = container
  const told: Event[] = []
  for await (const event of events(settings, id, { once: true })) told.push(event)
  assert.equal(told.length, 1)
  const [event] = told
  assert.ok(event?.type === 'stats' && event.id === id)
  const { cpu, memory, pids, blkio, hugetlb, intel_rdt, network_interfaces } = event.data
  assert.deepEqual(pids, { current: 1, limit: 30 })
  assert.ok(cpu.usage.total > 0 && memory.usage.usage > 0 && memory.usage.max >= memory.usage.usage)
  assert.ok(Array.isArray(blkio.ioServicedRecursive))
  assert.deepEqual([hugetlb, intel_rdt, network_interfaces], [hugetlb, {}, null])
})

test('events tells when memory has run out, and ends with the container', skip, async () => {
  await using world = new World()
  const script = 'trap "x=a; while :; do x=\\$x\\$x; done" USR1; while :; do sleep 0.05; done'
  using container = await running(world, ['sh', '-c', script], {
    memory: { limit: 16 << 20, swap: 16 << 20 },
  })
  const { settings, id } = container
  const { pid } = state(settings, id)
  const told: Event[] = []
  for await (const event of events(settings, id, { milliseconds: 200 })) {
    told.push(event)
    if (event.type === 'stats') signalProcess(pid, 'SIGUSR1')
  }
  assert.ok(told.some(({ type }) => type === 'stats'))
  assert.equal(told.filter(({ type }) => type === 'oom').length, 1)
})
