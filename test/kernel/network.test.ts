/** Stage 7: what a box has of a network, who reaches whom, and that nothing of it is left. All of it in network namespaces of the test's own. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { namespaceOf } from '../../src/kernel/proc.ts'
import { readLinks } from '../../src/kernel/interfaces.ts'
import { addressesOf, inside } from '../../src/network/plugins/namespace.ts'
import { seeded } from '../pure/random.ts'
import * as ground from './network-ground.ts'
import { skipWithoutRoot, until, World, type Running } from './world.ts'

const skip = skipWithoutRoot || ground.enterOwnNetwork()

const WAIT = ['sh', '-c', 'echo ready; read line']
const stage = (...words: string[]): string[] => ['stage', '7', 'run', ...words]

/** The plugins that are there, and those of Boxwright's own alone. */
const SETS: [name: string, env: Record<string, string>, skip: string | false][] = [
  ['the plugins of others', {}, skip || ground.skipWithoutPlugins],
  ['plugins of its own', { CNI_PATH: '/nowhere' }, skip],
]

async function started(world: World, words: string[], env: Record<string, string>): Promise<Running> {
  const box = await world.start(stage(...words, ...WAIT), { env })
  await box.line(/^ready$/)
  return box
}

async function ended(box: Running): Promise<void> {
  box.stdin.end('\n')
  const { status, stderr } = await box.ended
  assert.deepEqual([status, stderr], [0, ''])
}

const address = (box: Running): string =>
  inside(`/proc/${box.pid}/ns/net`, () =>
    readLinks()
      .filter(({ name }) => name === 'eth0')
      .flatMap(addressesOf)
      .filter((one) => !one.includes(':'))
      .join(),
  ).replace(/\/24$/, '')

test('a box has a loopback that is up, and nothing else, when no network is asked for', { skip }, async () => {
  await using world = new World()
  const before = ground.state()
  const box = await started(world, [], {})
  assert.notEqual(namespaceOf(box.pid, 'net'), namespaceOf('self', 'net'))
  const its = inside(`/proc/${box.pid}/ns/net`, readLinks)
  assert.deepEqual(
    its.map(({ name, up }) => [name, up]),
    [['lo', true]],
  )
  assert.deepEqual(ground.state(), before)
  await ended(box)
})

test('a box is in the network of the machine when that is asked for', { skip }, async () => {
  await using world = new World()
  const box = await started(world, ['--network', 'host'], {})
  assert.equal(namespaceOf(box.pid, 'net'), namespaceOf('self', 'net'))
  await ended(box)
})

for (const [name, env, skipSet] of SETS) {
  test(
    `boxes reach the machine, each other and the world when they have a bridge, by ${name}`,
    { skip: skipSet },
    async () => {
      await using world = new World()
      await using neighbour = await new ground.Neighbour().connect()
      const before = ground.state()
      const [one, other] = [
        await started(world, ['--network', 'bridge'], env),
        await started(world, ['--network', 'bridge'], env),
      ]
      {
        await using _world = await new ground.Listener(neighbour.pid, 5001).listening()
        await using _other = await new ground.Listener(other.pid, 5002).listening()
        await using _machine = await new ground.Listener(process.pid, 5003).listening()
        const gateway = address(one).replace(/\d+$/, '1')
        assert.equal(
          await ground.connect(one.pid, ground.NEIGHBOUR, 5001),
          ground.MACHINE,
          'the world sees the machine',
        )
        assert.equal(await ground.connect(one.pid, address(other), 5002), address(one), 'a box sees the other')
        assert.equal(await ground.connect(one.pid, gateway, 5003), address(one), 'the machine sees the box')
        assert.match(await ground.connect(neighbour.pid, address(one), 5002), /^E/, 'nobody out there knows the box')
      }
      await ended(one)
      await ended(other)
      assert.deepEqual(ground.state(), before)
      assert.deepEqual(fs.readdirSync(world.state), [])
    },
  )

  test(`a published port leads to the box, from wherever it is asked, by ${name}`, { skip: skipSet }, async () => {
    await using world = new World()
    await using neighbour = await new ground.Neighbour().connect()
    const before = ground.state()
    const box = await started(world, ['-p', '8080:80', '-p', `${ground.MACHINE}:8081:80`], env)
    {
      await using _box = await new ground.Listener(box.pid, 80).listening()
      const gateway = address(box).replace(/\d+$/, '1')
      assert.equal(await ground.connect(neighbour.pid, ground.MACHINE, 8080), ground.NEIGHBOUR, 'from outside')
      assert.equal(await ground.connect(neighbour.pid, ground.MACHINE, 8081), ground.NEIGHBOUR, 'at one address')
      assert.equal(await ground.connect('self', '127.0.0.1', 8080), gateway, 'from the machine itself')
      assert.equal(await ground.connect('self', '127.0.0.1', 8081), 'ECONNREFUSED', 'not at another address')
      assert.equal(await ground.connect(box.pid, gateway, 8080), gateway, 'from the box itself')
    }
    await ended(box)
    assert.deepEqual(ground.state(), before)
  })

  test(`a port is refused when it leads to another box already, by ${name}`, { skip: skipSet }, async () => {
    await using world = new World()
    const box = await started(world, ['-p', '8080:80'], env)
    const { status, stderr } = await world.run(stage('-p', '8080:81', 'true'), { env })
    assert.equal(status, 125)
    assert.match(stderr, /Cannot publish port 8080: it leads to the box [0-9a-f]{8} already\n/)
    await ended(box)
  })

  test(`nothing is left of a network when everything was killed, by ${name}`, { skip: skipSet }, async () => {
    await using world = new World()
    const before = ground.state()
    const box = await started(world, ['-p', '8080:80'], env)
    assert.notDeepEqual(ground.state(), before)
    box.signal('SIGKILL')
    await box.ended
    const { stderr } = await world.run(['sweep'], { env })
    assert.match(stderr, /removed its place in a network/)
    assert.deepEqual(ground.state(), before)
    await until('the namespace to be gone', () => !fs.existsSync(`/proc/${box.pid}`))
  })

  test(`nothing is left when a box is killed at any moment of its making, by ${name}`, { skip: skipSet }, async (t) => {
    const random = seeded(t)
    await using world = new World()
    const before = ground.state()
    for (let n = 0; n < 8; n += 1) {
      const opened = world.open(stage('-p', '8080:80', 'true'), { env })
      await sleep(100 + random.below(500))
      opened.signal('SIGKILL')
      await opened.ended
      await world.run(['sweep'], { env })
      assert.deepEqual(ground.state(), before)
    }
    assert.deepEqual(fs.readdirSync(world.state), [])
  })

  test(`boxes that come and go at once do not disturb each other, by ${name}`, { skip: skipSet }, async () => {
    await using world = new World()
    const before = ground.state()
    const command = stage('--network', 'bridge', 'cut', '-f', '3', '/proc/net/route')
    const all = await Promise.all(Array.from({ length: 8 }, () => world.run(command, { env })))
    for (const { status, stdout, stderr } of all)
      assert.deepEqual([status, stdout, stderr], [0, 'Gateway \n01003F0A\n00000000\n', ''])
    assert.deepEqual(ground.state(), before)
    assert.deepEqual(fs.readdirSync(world.state), [])
  })
}

test('a box and its names are what was asked for when they are asked for', { skip }, async () => {
  await using world = new World()
  const { stdout } = await world.run(
    stage(
      '--hostname',
      'here',
      '--dns',
      '192.0.2.53',
      '--add-host',
      'db:10.1.2.3',
      'cat',
      '/etc/hosts',
      '/etc/hostname',
      '/etc/resolv.conf',
    ),
  )
  assert.equal(
    stdout,
    '127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 here\n10.1.2.3 db\nhere\nnameserver 192.0.2.53\n',
  )
})

test(
  'no file of the machine is written when /etc/hosts in the root file system is a link to it: CVE-2025-24965',
  { skip },
  async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    const victim = join(world.newPlace(), 'victim')
    fs.writeFileSync(victim, 'untouched')
    for (const name of ['hosts', 'hostname', 'resolv.conf']) {
      fs.rmSync(join(rootfs, 'etc', name))
      fs.symlinkSync(name === 'hosts' ? victim : `../../../../../..${victim}`, join(rootfs, 'etc', name))
    }
    const { status } = await world.run(stage('--rootfs', rootfs, 'true'))
    assert.equal(status, 0)
    assert.equal(fs.readFileSync(victim, 'utf8'), 'untouched')
  },
)

test(
  'a root file system is as it was when it had no place for names, or a link in the way to it',
  { skip },
  async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    for (const name of ['hosts', 'hostname', 'resolv.conf']) fs.rmSync(join(rootfs, 'etc', name))
    const before = fs.readdirSync(join(rootfs, 'etc')).sort()
    const { stdout } = await world.run(stage('--rootfs', rootfs, 'cat', '/etc/hostname'))
    assert.equal(stdout, 'box\n')
    assert.deepEqual(fs.readdirSync(join(rootfs, 'etc')).sort(), before)
    const place = world.newPlace()
    fs.renameSync(join(rootfs, 'etc'), join(rootfs, 'elsewhere'))
    fs.writeFileSync(join(place, 'hostname'), '')
    fs.symlinkSync(place, join(rootfs, 'etc'))
    await world.run(stage('--rootfs', rootfs, 'true'))
    assert.deepEqual(fs.readdirSync(place), ['hostname'])
  },
)

test('a network that nobody has written is named in the complaint, and nothing is left', { skip }, async () => {
  await using world = new World()
  const before = ground.state()
  const { status, stderr } = await world.run(stage('--network', 'nowhere', 'true'), {
    env: { CNI_CONF_DIR: world.newPlace() },
  })
  assert.equal(status, 125)
  assert.match(stderr, /Cannot find the network "nowhere": no file in .* has it\n {2}There: none\./)
  assert.deepEqual(ground.state(), before)
})

test('a plugin that fails is quoted, and what the others did is undone, when a chain breaks', { skip }, async () => {
  await using world = new World()
  const [directory, before] = [world.newPlace(), ground.state()]
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.64.0.0/30' }]], dataDir: join(directory, 'leases') }
  const plugins = [
    { type: 'bridge', bridge: 'bx0', isGateway: true, ipam },
    { type: 'portmap' },
    { type: 'missing-plugin' },
  ]
  fs.writeFileSync(join(directory, 'a.conflist'), JSON.stringify({ cniVersion: '1.0.0', name: 'broken', plugins }))
  const { status, stderr } = await world.run(stage('--network', 'broken', 'true'), {
    env: { CNI_CONF_DIR: directory, CNI_PATH: '/nowhere' },
  })
  assert.equal(status, 125)
  assert.match(stderr, /Cannot find the CNI plugin "missing-plugin"/)
  assert.deepEqual(ground.state().interfaces, [...before.interfaces, 'bx0'])
  assert.deepEqual(fs.readdirSync(join(directory, 'leases', 'broken')).sort(), ['last_reserved_ip.0', 'lock'])
})
