/** The life of a container: states, several who want the same at once, hooks, and makers that are killed at any moment. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as passed } from 'node:timers/promises'
import { allPids, isAlive, processId } from '../../src/kernel/proc.ts'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import { seeded } from '../pure/random.ts'
import { RUNTIME, skipWithoutRuntime, type Config } from './container-world.ts'
import { monitorOf } from './native-world.ts'
import { commandLineOf, until, World } from './world.ts'

const options = { skip: skipWithoutRuntime }

interface Said {
  status: number | null
  text: string
}

/** Containers of one root, in a world of their own. */
class Yard {
  readonly root: string
  readonly #world: World
  #count = 0

  constructor(world: World) {
    this.#world = world
    this.root = join(world.newPlace(), 'root')
  }

  bundle(change: (config: Config) => void): string {
    const config = structuredClone(defaultConfig()) as unknown as Config
    config.process = { ...config.process, terminal: false, args: ['sleep', '1000'] }
    config.root = { path: this.#world.base() }
    change(config)
    const place = this.#world.newPlace()
    fs.writeFileSync(join(place, 'config.json'), writeJson(config))
    return place
  }

  newId = (): string => `boxwright-life-${process.pid}-${++this.#count}`

  /** What it says goes into a file: a container would keep a pipe open. */
  open(...words: string[]): { child: ChildProcess; said: Promise<Said> } {
    const file = join(this.#world.newPlace(), 'said')
    const fd = fs.openSync(file, 'w')
    const child = spawn(RUNTIME, ['--root', this.root, ...words], { stdio: ['ignore', fd, fd] })
    fs.closeSync(fd)
    const said = once(child, 'exit').then(([status]) => ({
      status: status as number | null,
      text: fs.readFileSync(file, 'utf8'),
    }))
    return { child, said }
  }

  say = (...words: string[]): Promise<Said> => this.open(...words).said

  create = (bundle: string, id: string): Promise<Said> => this.say('create', '--bundle', bundle, id)

  async status(id: string): Promise<string> {
    const { status, text } = await this.say('state', id)
    return status === 0 ? (JSON.parse(text) as { status: string }).status : 'unknown'
  }

  async pid(id: string): Promise<number> {
    return (JSON.parse((await this.say('state', id)).text) as { pid: number }).pid
  }
}

test(
  'a container is created, running, paused, running and stopped when it is asked for its state',
  options,
  async () => {
    await using world = new World()
    const yard = new Yard(world)
    const id = yard.newId()
    const states: string[] = []
    const after = async (...words: string[]): Promise<void> => {
      assert.deepEqual(await yard.say(...words), { status: 0, text: '' })
      states.push(await yard.status(id))
    }
    await after(
      'create',
      '--bundle',
      yard.bundle(() => {}),
      id,
    )
    await after('start', id)
    await after('pause', id)
    await after('resume', id)
    assert.equal((await yard.say('kill', id, 'KILL')).status, 0)
    await until('its end', async () => (await yard.status(id)) === 'stopped')
    await after('delete', id)
    assert.deepEqual(states, ['created', 'running', 'paused', 'running', 'unknown'])
  },
)

test('one of ten makers wins, and the others are told why, when they want the same name at once', options, async () => {
  await using world = new World()
  const yard = new Yard(world)
  const [id, bundle] = [yard.newId(), yard.bundle(() => {})]
  const all = await Promise.all(Array.from({ length: 10 }, () => yard.create(bundle, id)))
  assert.equal(all.filter(({ status }) => status === 0).length, 1)
  for (const { text } of all.filter(({ status }) => status !== 0)) assert.match(text, /already exists/)
  assert.equal(await yard.status(id), 'created')
  assert.equal((await yard.say('delete', '--force', id)).status, 0)
})

test('a container is started once, and deleted once, when five ask for it at the same moment', options, async () => {
  await using world = new World()
  const yard = new Yard(world)
  const file = join(world.newPlace(), 'stops')
  const bundle = yard.bundle((config) => {
    config.hooks = { poststop: [{ path: '/bin/sh', args: ['sh', '-c', `echo once >>${file}`] }] }
  })
  const id = yard.newId()
  assert.equal((await yard.create(bundle, id)).status, 0)
  const started = await Promise.all(Array.from({ length: 5 }, () => yard.say('start', id)))
  assert.equal(started.filter(({ status }) => status === 0).length, 1)
  const deleted = await Promise.all(Array.from({ length: 5 }, () => yard.say('delete', '--force', id)))
  assert.ok(deleted.some(({ status }) => status === 0))
  assert.equal(await yard.status(id), 'unknown')
  assert.equal(fs.readFileSync(file, 'utf8'), 'once\n')
})

test('start fails and says what was refused when the command is no program', options, async () => {
  await using world = new World()
  const yard = new Yard(world)
  const rootfs = world.copyOfBase()
  fs.writeFileSync(join(rootfs, 'bin/no-program'), 'not a program', { mode: 0o755 })
  const id = yard.newId()
  const bundle = yard.bundle((config) => {
    config.root = { path: rootfs }
    config.process.args = ['no-program']
  })
  assert.equal((await yard.create(bundle, id)).status, 0)
  const { status, text } = await yard.say('start', id)
  assert.notEqual(status, 0)
  assert.match(text, /no-program/)
  assert.match(text, /ENOEXEC|exec format error/)
  assert.equal((await yard.say('delete', id)).status, 0)
})

for (const name of ['createRuntime', 'createContainer', 'startContainer'] as const)
  test(`a ${name} hook that fails ends the container, and is quoted, when it is made`, options, async () => {
    await using world = new World()
    const yard = new Yard(world)
    const id = yard.newId()
    const bundle = yard.bundle((config) => {
      config.hooks = { [name]: [{ path: '/bin/sh', args: ['sh', '-c', 'echo no, thank you >&2; exit 7'] }] }
    })
    const created = await yard.create(bundle, id)
    const { status, text } = name === 'startContainer' ? await yard.say('start', id) : created
    assert.notEqual(status, 0)
    assert.match(text, new RegExp(name))
    if (name !== 'startContainer') assert.match(text, /no, thank you/)
    await yard.say('delete', '--force', id)
    assert.equal(await yard.status(id), 'unknown')
  })

test('a hook that takes longer than it may is ended when its time is over', options, async () => {
  await using world = new World()
  const yard = new Yard(world)
  const id = yard.newId()
  const bundle = yard.bundle((config) => {
    config.hooks = { createRuntime: [{ path: '/bin/sleep', args: ['sleep', '100093'], timeout: 1 }] }
  })
  const { status, text } = await yard.create(bundle, id)
  assert.notEqual(status, 0)
  assert.match(text, /ETIMEDOUT|timed? ?out|in time/)
  assert.ok(!allPids().some((pid) => commandLineOf(pid) === 'sleep 100093'))
})

for (const words of [['create'], ['run'], ['run', '--detach']])
  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)
    test(
      `nothing is left, neither of the hook, when ${signal} ends ${words.join(' ')} while that waits for it`,
      options,
      async () => {
        await using world = new World()
        const yard = new Yard(world)
        const before = world.inventory()
        const bundle = yard.bundle((config) => {
          // A child of the hook's as well.
          config.hooks = { createRuntime: [{ path: '/bin/sh', args: ['sh', '-c', 'sleep 100094; true'] }] }
        })
        const { child, said } = yard.open(...words, '--bundle', bundle, yard.newId())
        const hooks = (): number[] => allPids().filter((pid) => commandLineOf(pid).includes('sleep 100094'))
        await until('the hook to run', () => hooks().length === 2)
        child.kill(signal)
        assert.deepEqual(await said, { status, text: '' })
        await until('the end of the hook, and of its child, for which nobody waits', () => hooks().length === 0)
        assert.deepEqual(fs.readdirSync(yard.root), [])
        assert.deepEqual(world.inventory(), before)
      },
    )

test(
  'a container that runs can be listed, joined, killed and deleted when whoever made it was killed',
  options,
  async () => {
    await using world = new World()
    const yard = new Yard(world)
    const id = yard.newId()
    const { child, said } = yard.open(
      'run',
      '--bundle',
      yard.bundle(() => {}),
      id,
    )
    await until('the container to run', async () => (await yard.status(id)) === 'running')
    await monitorOf(await yard.pid(id)) // until it has settled down all of it ends with its maker
    child.kill('SIGKILL')
    await said
    assert.equal(await yard.status(id), 'running')
    assert.equal((await yard.say('exec', id, 'true')).status, 0)
    assert.equal((await yard.say('kill', id, 'KILL')).status, 0)
    await until('its end', async () => (await yard.status(id)) === 'stopped')
    assert.deepEqual(await yard.say('delete', id), { status: 0, text: '' })
  },
)

test('nothing is left that delete cannot take when create is killed at any moment', options, async (t) => {
  await using world = new World()
  const yard = new Yard(world)
  const random = seeded(t)
  const before = world.inventory()
  for (let n = 0; n < 25; n += 1) {
    const id = yard.newId()
    const { child, said } = yard.open(
      'create',
      '--bundle',
      yard.bundle(() => {}),
      id,
    )
    const after = random.below(120)
    await passed(after)
    child.kill('SIGKILL')
    await said
    const pid = (await yard.status(id)) === 'created' ? await yard.pid(id) : 0
    const { status, text } = await yard.say('delete', '--force', id)
    assert.equal(status, 0, `after ${after} ms: ${text}`)
    assert.ok(pid === 0 || !isAlive(processId(pid)), `after ${after} ms`)
    assert.deepEqual(fs.existsSync(yard.root) ? fs.readdirSync(yard.root) : [], [], `after ${after} ms`)
  }
  assert.deepEqual(world.left(before), [])
})
