/** The runtime's containers where cgroups are pure version 2: handed down from the root, born in their cgroup, limited in version 2's words. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from '../../src/runtime/container.ts'
import { create } from '../../src/runtime/create.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { events } from '../../src/runtime/events.ts'
import { pause, resume } from '../../src/runtime/pause.ts'
import { start } from '../../src/runtime/start.ts'
import { state } from '../../src/runtime/state.ts'
import { update } from '../../src/runtime/update.ts'
import { until, World } from '../kernel/world.ts'
import { members, read, ROOT, skipElsewhere } from './tree.ts'

const skip = { skip: skipElsewhere }
const PATH = '/boxwright-test/deep/own'
const OWN = join(ROOT, PATH)

/** With users of its own, and its cgroup to be written. */
const THEIRS = {
  args: ['sh', '-c', 'mkdir /sys/fs/cgroup/part && echo 0 >/sys/fs/cgroup/part/cgroup.procs && exec sleep 1000'],
  mode: 'rw',
  linux: {
    namespaces: ['pid', 'mount', 'cgroup', 'user', 'network'].map((type) => ({ type })),
    uidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
    gidMappings: [{ containerID: 0, hostID: 100_000, size: 65_536 }],
  },
}
const OURS = { args: ['sleep', '1000'], mode: 'ro', linux: {} }

async function running(world: World, resources: object, { args, mode, linux } = OURS) {
  const [bundle, root] = [world.newPlace(), join(world.directory, 'runtime')]
  const settings = { root, systemdCgroup: false, rootless: 'auto' as const }
  const config = {
    ociVersion: '1.3.0',
    root: { path: world.base() },
    process: { args, cwd: '/', env: ['PATH=/bin:/usr/bin:/sbin:/usr/sbin'] },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['ro'] },
      { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'noexec', 'nodev', mode] },
    ],
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'cgroup' }],
      ...linux,
      cgroupsPath: PATH,
      resources,
    },
  }
  fs.writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  const id = 'own'
  await create(settings, { id, bundle })
  return { settings, id, [Symbol.dispose]: () => deleteContainer(settings, id, { force: true }) }
}

test('a container three cgroups deep has every limit, in version 2’s words, and all controllers', skip, async () => {
  await using world = new World()
  using container = await running(world, {
    memory: { limit: 256 << 20, swap: 512 << 20, reservation: 64 << 20 },
    cpu: { shares: 512, quota: 50_000, period: 200_000, burst: 1000, cpus: '0', mems: '0', idle: 0 },
    pids: { limit: 30 },
    hugepageLimits: [{ pageSize: '2MB', limit: 4 << 20 }],
    unified: { 'memory.high': String(200 << 20), 'cgroup.max.descendants': '5' },
    devices: [{ allow: false }],
  })
  const { settings, id } = container
  const expected = {
    'memory.max': String(256 << 20),
    'memory.low': String(64 << 20),
    'memory.high': String(200 << 20),
    'memory.swap.max': String(256 << 20),
    'cpu.weight': '59',
    'cpu.max': '50000 200000',
    'cpu.max.burst': '1000',
    'cpuset.cpus': '0',
    'pids.max': '30',
    'hugetlb.2MB.max': String(4 << 20),
    'hugetlb.2MB.rsvd.max': String(4 << 20),
    'cgroup.max.descendants': '5',
  }
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((file) => [file, read(OWN, file)])), expected)
  for (const name of ['cpu', 'io', 'memory', 'pids'])
    assert.match(read(OWN, 'cgroup.controllers'), new RegExp(`\\b${name}\\b`))
  start(settings, id)
  const { pid } = state(settings, id)
  assert.deepEqual(members(OWN), [pid])
  assert.equal(read(`/proc/${pid}/root/sys/fs/cgroup/pids.max`), '30', 'the view begins at its own')
  assert.match(read(`/proc/${pid}/mountinfo`), / \/boxwright-test\/deep\/own \/sys\/fs\/cgroup ro,\S+ .*- cgroup2 /)
  assert.deepEqual(load(settings, id).state.cgroups, [OWN])
})

test('a container is paused, watched, and given other limits, or none of them', skip, async () => {
  await using world = new World()
  {
    using container = await running(world, { memory: { limit: 256 << 20 }, pids: { limit: 30 } })
    const { settings, id } = container
    start(settings, id)
    pause(settings, id)
    assert.match(read(OWN, 'cgroup.events'), /^frozen 1$/m)
    resume(settings, id)
    assert.equal(state(settings, id).status, 'running')
    await update(settings, id, { memory: { limit: 64 << 20, swap: -1 }, cpu: { quota: 20_000 }, pids: { limit: -1 } })
    assert.deepEqual(
      [read(OWN, 'memory.max'), read(OWN, 'cpu.max'), read(OWN, 'pids.max')],
      [String(64 << 20), '20000 100000', 'max'],
    )
    const wish = { pids: { limit: 7 }, memory: { limit: 4096, checkBeforeUpdate: true } }
    await assert.rejects(update(settings, id, wish), /memory\.limit to "4096": the container uses \d+ bytes/)
    await assert.rejects(
      update(settings, id, { pids: { limit: 7 }, unified: { 'memory.nothing': '1' } }),
      /unified\["memory\.nothing"\]/,
    )
    assert.equal(read(OWN, 'pids.max'), 'max')
    for await (const event of events(settings, id, { once: true })) {
      assert.ok(event.type === 'stats')
      assert.ok(event.data.memory.usage.usage > 0 && event.data.cpu.usage.total > 0 && event.data.pids.current === 1)
    }
  }
  assert.equal(fs.existsSync(join(ROOT, 'boxwright-test')), false)
})

test('a limit that version 2 cannot keep is refused before anything is made', skip, async () => {
  await using world = new World()
  for (const resources of [
    { memory: { swappiness: 10 } },
    { cpu: { realtimeRuntime: 1000 } },
    { network: { classID: 5 } },
  ])
    await assert.rejects(
      running(world, resources),
      /Cannot set linux\.resources\.\S+ to "\d+": version 2|no \S+ controller|net_cls/,
    )
  assert.equal(fs.existsSync(join(ROOT, 'boxwright-test')), false)
})

test(
  'a container with users of its own divides its cgroup, whose limits stay its maker’s, when it may write there',
  skip,
  async () => {
    await using world = new World()
    using container = await running(world, { pids: { limit: 30 } }, THEIRS)
    const ownerOf = (name: string): number => fs.statSync(join(OWN, name)).uid
    const theirs = ['.', 'cgroup.procs', 'cgroup.subtree_control', 'cgroup.threads']
    assert.deepEqual(theirs.map(ownerOf), Array(4).fill(100_000))
    assert.deepEqual(['pids.max', 'cgroup.freeze'].map(ownerOf), [0, 0])
    start(container.settings, container.id)
    const part = join(OWN, 'part')
    await until('its part of the cgroup', () => fs.existsSync(part) && members(part).length === 1)
    assert.equal(ownerOf('part'), 100_000)
  },
)
