/** docs/runtime.md, row by row: what ours does where runtimes differ, and the same commands given to runc, where there is one, to see that it does what the page says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import { RUNTIME, skipWithoutRuntime } from './container-world.ts'
import { until, World, type Ran } from './world.ts'

const isInstalled = spawnSync('runc', ['--version']).status === 0
const RUNTIMES = [
  { name: 'ours', program: RUNTIME, skip: skipWithoutRuntime },
  { name: 'runc', program: 'runc', skip: skipWithoutRuntime || (isInstalled ? false : 'there is no runc here') },
]

let containers = 0

/** One container of one runtime: its id stands last on each command line. */
class Subject implements AsyncDisposable {
  readonly id = `boxwright-differs-${process.pid}-${++containers}`
  readonly bundle: string
  readonly #world: World
  readonly #program: string
  readonly #rootfs: string

  constructor(world: World, program: string, change: (config: Config) => void = () => {}, rootfs = world.base()) {
    this.#world = world
    this.#program = program
    this.#rootfs = rootfs
    this.bundle = world.newPlace()
    const config = structuredClone(defaultConfig()) as unknown as Config
    Object.assign(config.process, { terminal: false, args: ['sleep', '1000'] })
    config.root = { path: this.#rootfs }
    config.linux.cgroupsPath = `/${this.id}`
    change(config)
    fs.writeFileSync(join(this.bundle, 'config.json'), writeJson(config))
  }

  act(...words: string[]): Promise<Ran> {
    return this.#world.run(['--root', join(this.bundle, 'state'), ...words], { program: [this.#program] })
  }

  create(...options: string[]): Promise<Ran> {
    return this.leave('create', ...options, '--bundle', this.bundle, this.id)
  }

  /** What stays in the container keeps files open: pipes would be waited for as long as it lives. */
  leave(...words: string[]): Promise<Ran> {
    const script = `exec "$0" "$@" </dev/zero >"${this.bundle}/out" 2>"${this.bundle}/err"`
    const all = [script, this.#program, '--root', join(this.bundle, 'state'), ...words]
    return this.#world.run(all, { program: ['sh', '-c'] })
  }

  said(): string {
    return fs.readFileSync(join(this.bundle, 'err'), 'utf8')
  }

  async run(...options: string[]): Promise<this> {
    assert.equal((await this.create(...options)).status, 0, this.said())
    const { status, stderr } = await this.act('start', this.id)
    assert.equal(status, 0, stderr)
    return this
  }

  async stopped(): Promise<this> {
    await this.act('kill', this.id, 'KILL')
    await until('its end', async () => /"status": ?"stopped"/.test((await this.act('state', this.id)).stdout))
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.act('delete', '--force', this.id)
  }
}

interface Config {
  process: object
  root: object
  hooks?: object
  linux: { cgroupsPath?: string }
}

/** @param row as in the page. @param look gets a container that is not made yet. */
function behaviour(row: string, look: (program: string, world: World, name: string) => Promise<void>): void {
  for (const { name, program, skip } of RUNTIMES)
    test(`${name}: ${row}`, { skip }, async () => {
      await using world = new World()
      await look(program, world, name)
    })
}

behaviour('a paused container is left alone when somebody would run a command in it', async (program, world) => {
  await using subject = await new Subject(world, program).run()
  assert.equal((await subject.act('pause', subject.id)).status, 0)
  const { status, stderr } = await subject.act('exec', subject.id, 'true')
  await subject.act('resume', subject.id)
  assert.equal(status, 255)
  assert.match(stderr, /cannot exec in a paused container/)
})

behaviour('one that runs is not started again when it is told to', async (program, world) => {
  await using subject = await new Subject(world, program).run()
  const { status, stderr } = await subject.act('start', subject.id)
  assert.equal(status, 1)
  assert.match(stderr, /cannot start an already running container/)
})

behaviour(
  'a line of the log has a level, words and whole seconds when it is JSON, and standard error has the words',
  async (program, world) => {
    const subject = new Subject(world, program)
    const log = join(subject.bundle, 'log')
    const { status, stderr } = await subject.act('--log', log, '--log-format', 'json', 'state', 'nobody')
    assert.equal(status, 1)
    assert.match(
      fs.readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '',
      /^\{"level":"error","msg":".+","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"\}$/,
    )
    assert.match(stderr, /container does not exist|there is no container/i)
  },
)

behaviour('events tells figures in one line when they are asked for once', async (program, world) => {
  await using subject = await new Subject(world, program).run()
  const { status, stdout } = await subject.act('events', '--stats', subject.id)
  assert.equal(status, 0)
  const { type, id, data } = JSON.parse(stdout) as { type: string; id: string; data: Record<string, unknown> }
  assert.deepEqual([type, id], ['stats', subject.id])
  for (const kind of ['cpu', 'memory', 'pids']) assert.ok(kind in data, kind)
})

behaviour('one that has stopped cannot be killed when somebody tries', async (program, world) => {
  await using subject = await (await new Subject(world, program).run()).stopped()
  const { status, stderr } = await subject.act('kill', subject.id, 'TERM')
  assert.equal(status, 1)
  assert.match(stderr, /container not running/)
})

behaviour(
  'one that runs is not deleted, and none is nothing to fail at, when it is told to',
  async (program, world) => {
    await using subject = await new Subject(world, program).run()
    assert.equal((await subject.act('delete', subject.id)).status, 1)
    assert.equal((await subject.act('delete', '--force', 'nobody')).status, 0)
  },
)

for (const name of ['proc', 'sys'])
  behaviour(
    `a container is refused when /${name} of its root file system is a symbolic link`,
    async (program, world) => {
      const rootfs = world.copyOfBase()
      fs.rmdirSync(join(rootfs, name))
      fs.symlinkSync('/tmp', join(rootfs, name))
      await using subject = new Subject(world, program, () => {}, rootfs)
      assert.equal((await subject.create()).status, 1)
      assert.match(subject.said(), new RegExp(`${name}.*(ELOOP|must be mounted on ordinary directory|symlink)`))
    },
  )

behaviour(
  'a cgroup in which somebody lives is no place for a container when ours is asked, and one for runc',
  async (program, world, name) => {
    await using host = await new Subject(world, program).run()
    await using guest = new Subject(world, program, ({ linux }) => (linux.cgroupsPath = `/${host.id}`))
    const { status } = await guest.create()
    if (name === 'ours' || status !== 0) assert.match(guest.said(), /process lives in it|not empty/)
    assert.ok(status === 1 || name === 'runc')
  },
)

behaviour('hooks are told where the container is in its life when they run', async (program, world, name) => {
  const heard = join(world.directory, 'heard')
  const hook = [{ path: '/bin/sh', args: ['sh', '-c', `cat >>${heard}; echo >>${heard}`] }]
  await using subject = new Subject(world, program, (config) => {
    config.hooks = { createRuntime: hook, poststart: hook, poststop: hook }
  })
  await (await subject.run()).stopped()
  assert.equal((await subject.act('delete', subject.id)).status, 0)
  const statuses = [...fs.readFileSync(heard, 'utf8').matchAll(/"status": ?"(\w+)"/g)].map(([, status]) => status)
  assert.deepEqual(statuses, ['creating', name === 'ours' ? 'running' : 'created', 'stopped'])
})

for (const [options, isNew] of [
  [[], true],
  [['--no-new-keyring'], false],
] as const)
  behaviour(
    `a later command has ${isNew ? 'the container’s' : 'its caller’s'} session keyring when it was made with ${options.join(' ') || 'no option'}`,
    async (program, world) => {
      await using subject = await new Subject(world, program).run(...options)
      const pidFile = join(subject.bundle, 'later')
      const { status } = await subject.leave('exec', '--detach', '--pid-file', pidFile, subject.id, 'sleep', '500')
      assert.equal(status, 0, subject.said())
      assert.ok(fs.existsSync(pidFile))
      assert.equal(fs.readFileSync('/proc/keys', 'utf8').includes(`_ses.${subject.id}`), isNew)
    },
  )
