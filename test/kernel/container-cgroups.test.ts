/** The runtime's cgroups as the kernel has them: the whole path in every hierarchy, every limit that there is here, and nothing left. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { cgroupsOf, containerCgroups } from '../../src/box/container/cgroups.ts'
import { containerCgroupView } from '../../src/box/container/cgroup-view.ts'
import { containerDeviceAccess } from '../../src/box/container/device-access.ts'
import { command } from '../../src/box/command.ts'
import { mounts } from '../../src/box/mounts.ts'
import { namespaces } from '../../src/box/namespaces.ts'
import { devices } from '../../src/box/devices.ts'
import { freeze, isFrozen, thaw } from '../../src/kernel/cgroup-freezer.ts'
import { processesIn, signalAll } from '../../src/kernel/cgroup-processes.ts'
import { removeCgroup } from '../../src/kernel/cgroup-remove.ts'
import { readSites } from '../../src/kernel/cgroup-sites.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Resources } from '../../src/oci/resources.ts'
import type { Spec } from '../../src/oci/spec.ts'
import { encode } from '../../src/plan/encode.ts'
import { plan, type Plan } from '../../src/plan/plan.ts'
import { play, skipWithoutLauncher } from './native-world.ts'
import { until, World } from './world.ts'

const PATH = `/boxwright-test-${process.pid}`
const skip = { skip: skipWithoutLauncher }

const sitesHere = readSites(`${PATH}/deep/own`).sites
const without = (...names: string[]): string | false => {
  const missing = names.find((name) => sitesHere.every(({ controllers }) => !controllers.includes(name)))
  return skipWithoutLauncher || (missing !== undefined && `no ${missing} controller here`)
}

const made = (world: World, args: string[], resources: Resources = {}, more: Partial<Spec['linux']> = {}): Plan => {
  const spec = defaultSpec({ id: 'test', rootfs: world.base(), args })
  const machine = readMachine()
  machine.cgroups.place = { ...readSites(more.cgroupsPath ?? `${PATH}/deep/own`), asked: true }
  const view = {
    destination: '/sys/fs/cgroup',
    type: 'cgroup',
    source: 'cgroup',
    options: ['nosuid', 'noexec', 'nodev', 'ro'],
  }
  const asked = {
    ...spec,
    mounts: [...spec.mounts, view],
    linux: { ...spec.linux, ...more, cgroupsPath: PATH, resources },
  }
  const bare = {
    ...mounts,
    steps: (own: Spec, on: typeof machine) => mounts.steps({ ...own, mounts: spec.mounts }, on),
  }
  const isApart = asked.linux.namespaces.some(({ type }) => type === 'cgroup') // lesson 3's mounts come when the host is out of sight
  return plan(
    asked,
    [
      containerCgroups,
      containerDeviceAccess,
      namespaces,
      bare,
      devices,
      ...(isApart ? [containerCgroupView] : []),
      command,
    ],
    machine,
  )
}

function removeAll(): void {
  for (const { mount } of sitesHere) {
    const top = join(mount.directory, PATH)
    if (fs.existsSync(top)) removeCgroup(top)
  }
}
after(removeAll)

const wholePath = (): string[] =>
  sitesHere.map(({ directory }) => directory).filter((directory) => fs.existsSync(directory))

test(
  'a container is in its own cgroup in every hierarchy, three levels deep, when its path is absolute',
  skip,
  async () => {
    await using world = new World()
    const steps = made(world, ['cat', '/proc/1/cgroup'], {}, { namespaces: [{ type: 'pid' }, { type: 'mount' }] })
    const { status, text } = play(world, encode(steps))
    assert.equal(status, 0, text)
    assert.deepEqual(cgroupsOf(steps).sort(), wholePath().sort())
    for (const { controllers, version } of sitesHere)
      assert.match(text, new RegExp(`^\\d+:${version === 2 ? '' : controllers.join()}:${PATH}/deep/own$`, 'm'))
    removeAll()
  },
)

/** Version 2 has no such thing. */
const ONLY_V1 = without('devices') === false ? { swappiness: 10, disableOOMKiller: true } : {}

const LIMITS: [controllers: string[], resources: Resources, files: Record<string, string>][] = [
  [
    ['memory'],
    {
      memory: { limit: 64n << 20n, swap: 128n << 20n, reservation: 32n << 20n, ...ONLY_V1 },
    },
    {
      'memory/memory.limit_in_bytes': '67108864',
      'memory/memory.memsw.limit_in_bytes': '134217728',
      'memory/memory.soft_limit_in_bytes': '33554432',
      'memory/memory.swappiness': '10',
      'memory/memory.oom_control': 'oom_kill_disable 1\nunder_oom 0\noom_kill 0',
    },
  ],
  [
    ['cpu', 'cpuset'],
    { cpu: { shares: 512n, period: 20_000n, quota: 10_000n, burst: 5000n, cpus: '0', mems: '0' } },
    {
      'cpu/cpu.shares': '512',
      'cpu/cpu.cfs_period_us': '20000',
      'cpu/cpu.cfs_quota_us': '10000',
      'cpu/cpu.cfs_burst_us': '5000',
      'cpuset/cpuset.cpus': '0',
      'cpuset/cpuset.mems': '0',
    },
  ],
  [['cpu'], { cpu: { idle: 1 } }, { 'cpu/cpu.idle': '1' }],
  [['pids'], { pids: { limit: 30n } }, { 'pids/pids.max': '30' }],
  [['pids'], { pids: { limit: -1n } }, { 'pids/pids.max': 'max' }],
]
for (const [controllers, resources, files] of LIMITS)
  test(
    `the kernel has ${Object.keys(files).join(', ')} as they were asked for when the container runs`,
    { skip: without(...controllers) },
    async () => {
      await using world = new World()
      const steps = made(world, ['true'], resources)
      const { status, text } = play(world, encode(steps))
      assert.equal(status, 0, text)
      for (const [file, value] of Object.entries(files)) {
        const [controller = '', name = ''] = file.split('/')
        const site = sitesHere.find((site) => site.controllers.includes(controller))
        if (site?.version === 1) assert.equal(fs.readFileSync(join(site.directory, name), 'utf8').trim(), value)
      }
      removeAll()
    },
  )

test(
  'a container opens the devices that it may, and no others, when its rules end with runC’s',
  { skip: without('devices') },
  async () => {
    await using world = new World()
    const script =
      'mknod /dev/kmsg c 1 11 && echo made; cat /dev/kmsg; : </dev/null && echo null; : </dev/zero && echo zero'
    const { text } = play(world, encode(made(world, ['sh', '-c', script], { devices: [{ allow: false }] })))
    assert.match(text, /^made$/m)
    assert.match(text, /kmsg.*(not permitted|denied)/)
    assert.match(text, /^null\nzero$/m)
    const list = fs.readFileSync(
      join(sitesHere.find(({ controllers }) => controllers.includes('devices'))?.directory ?? '', 'devices.list'),
      'utf8',
    )
    assert.deepEqual(list.trim().split('\n').sort(), [
      'b *:* m',
      'c *:* m',
      'c 136:* rwm',
      'c 1:3 rwm',
      'c 1:5 rwm',
      'c 1:7 rwm',
      'c 1:8 rwm',
      'c 1:9 rwm',
      'c 5:0 rwm',
      'c 5:2 rwm',
    ])
    removeAll()
  },
)

test(
  'a container sees its own limits in /sys/fs/cgroup, and cannot change them, when it has a cgroup namespace',
  { skip: without('pids') },
  async () => {
    await using world = new World()
    const script = 'cd /sys/fs/cgroup/pids || cd /sys/fs/cgroup; cat pids.max; echo 9 >pids.max'
    const { text } = play(world, encode(made(world, ['sh', '-c', script], { pids: { limit: 30n } })))
    assert.match(text, /^30$/m)
    assert.match(text, /[Rr]ead-only file system/)
    removeAll()
  },
)

test('a container’s processes are counted, frozen, thawed and ended by its cgroups', skip, async () => {
  await using world = new World()
  const steps = made(world, ['sh', '-c', 'sleep 1000 & sleep 1001 & wait'], {}, { namespaces: [{ type: 'mount' }] })
  const cgroups = cgroupsOf(steps)
  const file = join(world.directory, 'plan')
  fs.writeFileSync(file, encode(steps))
  const box = world.open([file], { program: [join(import.meta.dirname, '../../dist/launch')] })
  await until('three processes', () => processesIn(cgroups).length === 3)
  freeze(cgroups)
  assert.equal(isFrozen(cgroups), true)
  signalAll(cgroups, 'SIGCONT')
  assert.equal(isFrozen(cgroups), true, 'who was paused stays so')
  assert.equal(processesIn(cgroups).length, 3)
  signalAll(cgroups, 'SIGKILL')
  await box.ended
  await until('nobody', () => processesIn(cgroups).length === 0)
  thaw(cgroups)
  assert.equal(isFrozen(cgroups), false)
  removeAll()
  assert.deepEqual(wholePath(), [])
})
