/** Checkpoints, by a CRIU that works on this kernel: `BOXWRIGHT_CRIU` names one. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import { bind, RUNTIME, skipWithoutRuntime, type Config } from './container-world.ts'
import { until, World } from './world.ts'

const CRIU = process.env['BOXWRIGHT_CRIU'] ?? 'criu'

const options = { skip: skipWithoutRuntime || skipWithoutCriu() }

function skipWithoutCriu(): string | false {
  const { error, status, stderr } = spawnSync(CRIU, ['check'], { encoding: 'utf8' })
  if (error) return `there is no CRIU (${error.message}): BOXWRIGHT_CRIU names one`
  return status === 0 ? false : `this CRIU is not for this kernel: ${stderr.trim()}`
}

/** A container that counts, in a file of the host's, ten times a second; and the runtime to ask. */
class Counter {
  readonly bundle: string
  readonly images: string
  readonly #root: string
  readonly #file: string

  constructor(world: World) {
    const [shared, place] = [world.newPlace(), world.newPlace()]
    this.#file = join(shared, 'count')
    this.#root = join(place, 'root')
    this.images = join(place, 'images')
    this.bundle = world.newPlace()
    const config = structuredClone(defaultConfig()) as unknown as Config
    const script = 'n=0; while true; do n=$((n+1)); echo $n >/tmp/new; cp /tmp/new /shared/count; sleep 0.1; done'
    config.process = { ...config.process, terminal: false, args: ['sh', '-c', script] }
    config.root = { path: world.base() }
    config.mounts.push({ destination: '/tmp', type: 'tmpfs', source: 'tmpfs', options: [] }, bind(shared, '/shared'))
    fs.writeFileSync(join(this.bundle, 'config.json'), writeJson(config))
  }

  /** What it says goes to a file: a container would keep a pipe open. */
  say(...words: string[]): { status: number | null; text: string } {
    const file = join(this.bundle, 'said')
    const fd = fs.openSync(file, 'w')
    const { status } = spawnSync(RUNTIME, ['--root', this.#root, '--criu', CRIU, ...words], {
      stdio: ['ignore', fd, fd],
      cwd: this.bundle,
    })
    fs.closeSync(fd)
    return { status, text: fs.readFileSync(file, 'utf8') }
  }

  open = (...words: string[]): ChildProcess =>
    spawn(RUNTIME, ['--root', this.#root, '--criu', CRIU, ...words], {
      stdio: ['ignore', ...['w', 'w'].map((how) => fs.openSync(join(this.bundle, 'said'), how))],
      cwd: this.bundle,
    })

  do(...words: string[]): string {
    const { status, text } = this.say(...words)
    assert.equal(status, 0, text)
    return text
  }

  state = (id: string) => JSON.parse(this.do('state', id)) as { status: string; pid: number }

  get count(): number {
    return fs.existsSync(this.#file) ? Number(fs.readFileSync(this.#file, 'utf8')) : 0
  }
}

test('a container goes on counting, under another name, when it is restored from a checkpoint', options, async () => {
  await using world = new World()
  const counter = new Counter(world)
  const [id, again] = [`boxwright-criu-${process.pid}`, `boxwright-criu-${process.pid}-again`]
  counter.do('run', '--detach', id)
  await until('a count of 5', () => counter.count >= 5)
  counter.do('checkpoint', '--image-path', counter.images, id)
  assert.match(counter.say('state', id).text, /does not exist/)
  const stopped = counter.count
  counter.do('restore', '--detach', '--image-path', counter.images, '--pid-file', join(counter.images, 'pid'), again)
  try {
    await until('a higher count', () => counter.count > stopped + 2)
    assert.ok(counter.count < stopped + 100, 'it has not begun again, nor is it a different one')
    const { status, pid } = counter.state(again)
    assert.equal(status, 'running')
    assert.equal(Number(fs.readFileSync(join(counter.images, 'pid'), 'utf8')), pid)
    const cgroups = fs.readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    assert.ok(cgroups.includes(`/${again}\n`) && !cgroups.includes(`/${id}\n`), cgroups)
    assert.match(counter.do('exec', again, 'cat', '/tmp/new'), /^\d+$/m)
  } finally {
    counter.do('delete', '--force', again)
  }
})

test('a container goes on, and there are images of it, when its checkpoint leaves it running', options, async () => {
  await using world = new World()
  const counter = new Counter(world)
  const id = `boxwright-criu-${process.pid}-left`
  counter.do('run', '--detach', id)
  try {
    await until('a count of 3', () => counter.count >= 3)
    counter.do('checkpoint', '--leave-running', '--image-path', counter.images, id)
    const then = counter.count
    await until('a higher count', () => counter.count > then)
    assert.equal(counter.state(id).status, 'running')
    assert.ok(fs.existsSync(join(counter.images, 'inventory.img')))
  } finally {
    counter.do('delete', '--force', id)
  }
})

test('restore ends as the command does, and nothing is left, when it is not detached', options, async () => {
  await using world = new World()
  const counter = new Counter(world)
  const id = `boxwright-criu-${process.pid}-front`
  counter.do('run', '--detach', id)
  await until('a count of 3', () => counter.count >= 3)
  counter.do('checkpoint', '--image-path', counter.images, id)
  const stopped = counter.count
  const restored = counter.open('restore', '--image-path', counter.images, id)
  const ended = once(restored, 'exit')
  await until('a higher count', () => counter.count > stopped)
  counter.do('kill', id, 'KILL')
  assert.deepEqual(await ended, [137, null])
  assert.match(counter.say('state', id).text, /does not exist/)
})

test('nothing is left of a container when it cannot be restored', { skip: skipWithoutRuntime }, async () => {
  await using world = new World()
  const counter = new Counter(world)
  const { status, text } = counter.say('restore', '--image-path', counter.images, 'none')
  assert.equal(status, 1)
  assert.match(text, /Cannot restore from .*: there is no checkpoint/)
  assert.match(counter.say('state', 'none').text, /does not exist/)
})

test('checkpoint says what to install when there is no criu', { skip: skipWithoutRuntime }, async () => {
  await using world = new World()
  const counter = new Counter(world)
  const id = `boxwright-criu-${process.pid}-none`
  counter.do('run', '--detach', id)
  try {
    const { status, text } = counter.say('--criu', '/nowhere/criu', 'checkpoint', '--image-path', counter.images, id)
    assert.equal(status, 1)
    assert.match(text, /Cannot run .*nowhere\/criu.*: there is no such program.*install criu/)
    assert.equal(counter.state(id).status, 'running')
  } finally {
    counter.do('delete', '--force', id)
  }
})
