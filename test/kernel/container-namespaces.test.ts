/** Namespaces of the runtime's containers: new ones, those of others, and the clocks. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Namespace, NamespaceType } from '../../src/oci/spec.ts'
import { contained, skipWithoutRuntime, withUsers, type Config } from './container-world.ts'
import { until, World } from './world.ts'

const options = { skip: skipWithoutRuntime }
const FILES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const
const LOOK = `for n in ${FILES.join(' ')}; do readlink /proc/self/ns/$n; done`

const of = (pid: number | 'self', file: string): string => fs.readlinkSync(`/proc/${pid}/ns/${file}`)

/** Replaces those of the same type. */
const with_ = (config: Config, ...wanted: Namespace[]): void => {
  const others = config.linux.namespaces.filter(({ type }) => wanted.every((one) => one.type !== type))
  config.linux.namespaces = [...others, ...wanted]
}

const without = (config: Config, ...types: NamespaceType[]): void => {
  config.linux.namespaces = config.linux.namespaces.filter(({ type }) => !types.includes(type))
}

/** Its first, or itself when it has none. */
const childOf = (pid: number): number =>
  Number(fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0]) || pid

/** A process in namespaces of its own, as long as the test wants it. */
async function someone(words: string[]): Promise<{ pid: number } & Disposable> {
  const child = spawn('unshare', [...words, 'sleep', '1000'], { stdio: 'ignore' })
  const pid = child.pid ?? 0
  const last = (): string => fs.readFileSync(`/proc/${childOf(pid)}/comm`, 'utf8')
  await until('a process in its namespaces', () => last() === 'sleep\n')
  return { pid, [Symbol.dispose]: () => void child.kill('SIGKILL') }
}

test('a container has a namespace of its own of each of the eight kinds when it asks for them', options, async () => {
  await using world = new World()
  const { stdout, stderr } = await contained(world, LOOK, (config) => {
    with_(config, { type: 'cgroup' }, { type: 'time' })
    withUsers(config)
  })
  const found = stdout.trim().split('\n')
  assert.equal(stderr, '')
  for (const [n, file] of FILES.entries()) {
    assert.match(found[n] ?? '', new RegExp(`^${file}:\\[`))
    assert.notEqual(found[n], of('self', file))
  }
})

test('a container has the namespaces of its maker when it asks for none but one of mounts', options, async () => {
  await using world = new World()
  const { stdout, stderr } = await contained(world, LOOK, (config) => {
    config.hostname = ''
    without(config, 'pid', 'network', 'ipc', 'uts', 'cgroup')
  })
  assert.equal(stderr, '')
  const found = stdout.trim().split('\n')
  for (const [n, file] of FILES.entries())
    if (file === 'mnt') assert.notEqual(found[n], of('self', file))
    else assert.equal(found[n], of('self', file), file)
})

for (const users of [false, true])
  test(
    `a container is in somebody else’s namespaces when it names them${users ? ', and has users of its own' : ''}`,
    options,
    async () => {
      await using world = new World()
      using other = await someone(['--net', '--uts', '--time'])
      const kinds = { network: 'net', uts: 'uts', time: 'time' } as const
      const { stdout, stderr } = await contained(world, `${LOOK}; hostname`, (config) => {
        for (const [type, file] of Object.entries(kinds))
          with_(config, { type: type as keyof typeof kinds, path: `/proc/${other.pid}/ns/${file}` })
        config.hostname = ''
        if (users) withUsers(config)
        config.mounts = config.mounts.filter(({ type }) => type !== 'sysfs') // that network is not theirs to see
      })
      assert.equal(stderr, '')
      for (const file of Object.values(kinds)) assert.ok(stdout.includes(of(other.pid, file)), file)
    },
  )

test(
  'a container is in a user namespace that is there, with what belongs to it, when it names both',
  options,
  async () => {
    await using world = new World()
    using other = await someone(['--user', '--map-root-user', '--net'])
    const { stdout, stderr } = await contained(world, `${LOOK}; id -u; cat /proc/self/uid_map`, (config) => {
      with_(
        config,
        { type: 'user', path: `/proc/${other.pid}/ns/user` },
        { type: 'network', path: `/proc/${other.pid}/ns/net` },
      )
      config.mounts = config.mounts.filter(({ type }) => type !== 'devpts') // its group has no number there
    })
    assert.equal(stderr, '')
    assert.ok(stdout.includes(of(other.pid, 'user')) && stdout.includes(of(other.pid, 'net')))
    assert.match(stdout, /\n0\n +0 +0 +1\n$/)
  },
)

test('the processes of a PID namespace are seen when a container names it', options, async () => {
  await using world = new World()
  using other = await someone(['--pid', '--fork', '--kill-child'])
  const inside = childOf(other.pid)
  const { stdout } = await contained(world, 'cat /proc/1/comm; readlink /proc/self/ns/pid', (config) =>
    with_(config, { type: 'pid', path: `/proc/${inside}/ns/pid` }),
  )
  assert.equal(stdout, `sleep\n${of(inside, 'pid')}\n`)
})

for (const users of [false, true])
  test(`clocks are set when a container has its own${users ? ', and users' : ''}`, options, async () => {
    await using world = new World()
    const { stdout, stderr } = await contained(world, 'cat /proc/uptime /proc/self/timens_offsets', (config) => {
      with_(config, { type: 'time' })
      config.linux.timeOffsets = { monotonic: { secs: 86_400n }, boottime: { secs: 10_000_000n, nanosecs: 5 } }
      if (users) withUsers(config)
    })
    assert.equal(stderr, '')
    assert.match(stdout, /monotonic +86400 +0\nboottime +10000000 +5\n/)
    assert.ok(parseFloat(stdout) >= 10_000_000, stdout)
  })

const REFUSED: Record<string, { path: string; fact: RegExp }> = {
  'a namespace of another kind': {
    path: '/proc/self/ns/uts',
    fact: /it is a namespace of another kind, uts; Name one such as \/proc\/PID\/ns\/net/,
  },
  'a file': { path: '/etc/passwd', fact: /it is none;/ },
  nothing: { path: '/no/such', fact: /it is none;/ },
}
for (const [what, { path, fact }] of Object.entries(REFUSED))
  test(`a container is refused, and nothing made, when its network is ${what}`, options, async () => {
    await using world = new World()
    const before = world.inventory()
    const { status, stderr } = await contained(world, 'true', (config) => with_(config, { type: 'network', path }))
    assert.equal(status, 1)
    assert.match(stderr, fact)
    assert.deepEqual(world.left(before), [])
  })

test('the names that were asked for are there when a container has a UTS namespace', options, async () => {
  await using world = new World()
  const { stdout } = await contained(world, 'hostname; cat /proc/sys/kernel/domainname', (config) => {
    config.hostname = 'one'
    config.domainname = 'two.example'
  })
  assert.equal(stdout, 'one\ntwo.example\n')
})

test('somebody who is not root has a container when it is of their own number', options, async () => {
  await using world = new World()
  const rootfs = world.copyOfBase()
  fs.chmodSync(join(rootfs, '..'), 0o755)
  fs.chownSync(rootfs, 1000, 1000)
  const { stdout, stderr } = await contained(
    world,
    'id -u; cat /proc/self/uid_map; echo $$',
    (config) => void (config.root.path = rootfs),
    { uid: 1000 },
  )
  assert.equal(stderr, '')
  assert.match(stdout, /^0\n +0 +1000 +1\n1\n$/)
})
