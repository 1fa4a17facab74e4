/** A service manager that waits for a container to be ready: sd_notify(3). */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import { RUNTIME, skipWithoutRuntime, type Config } from './container-world.ts'
import { until, World } from './world.ts'

const options = { skip: skipWithoutRuntime }

/** One that waits; and a container that has something to say, and then sleeps. */
async function managed(world: World) {
  const rootfs = world.copyOfBase()
  const program = join(rootfs, 'bin/notifying')
  assert.equal(spawnSync('cc', ['-static', '-o', program, join(import.meta.dirname, 'notifying.c')]).status, 0)
  const config = structuredClone(defaultConfig()) as unknown as Config
  const words = 'notifying STATUS=almost; sleep 0.1; notifying "$(printf "STATUS=up\\nREADY=1\\n")"; sleep 1000'
  config.process = { ...config.process, terminal: false, args: ['sh', '-c', words] }
  config.root = { path: rootfs }
  const [bundle, root, id] = [world.newPlace(), join(world.newPlace(), 'root'), `boxwright-notify-${process.pid}`]
  fs.writeFileSync(join(bundle, 'config.json'), writeJson(config))
  const socket = join(world.newPlace(), 'manager')
  const manager = spawn(program, ['listen', socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  manager.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await until('the manager', () => said.startsWith('listening\n'))
  return {
    bundle,
    id,
    open: (...args: string[]) =>
      spawn(RUNTIME, ['--root', root, ...args], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, NOTIFY_SOCKET: socket },
      }),
    pid: (): number => (JSON.parse(fs.readFileSync(join(root, id, 'state.json'), 'utf8')) as { pid: number }).pid,
    said: () => until('two messages', () => said.endsWith('BARRIER=1 with a pipe\n') && said),
    [Symbol.dispose]() {
      manager.kill('SIGKILL')
      spawnSync(RUNTIME, ['--root', root, 'delete', '--force', id])
    },
  }
}

const heard = (pid: number): string => `listening\nREADY=1\nMAINPID=${pid}\nBARRIER=1 with a pipe\n`

for (const ways of [[['create', '--bundle'], ['start']], [['run', '--detach', '--bundle']]])
  test(`a service manager hears that a container is ready before ${ways.at(-1)?.[0]} ends`, options, async () => {
    await using world = new World()
    using container = await managed(world)
    for (const words of ways) {
      const where = words.at(-1) === '--bundle' ? [container.bundle] : []
      assert.deepEqual(await once(container.open(...words, ...where, container.id), 'exit'), [0, null])
    }
    assert.equal(await container.said(), heard(container.pid()))
  })

test('a service manager hears that a container is ready while run waits for its end', options, async () => {
  await using world = new World()
  using container = await managed(world)
  const run = container.open('run', '--bundle', container.bundle, container.id)
  assert.equal(await container.said(), heard(container.pid()))
  process.kill(container.pid(), 'SIGKILL')
  assert.deepEqual(await once(run, 'exit'), [137, null])
})

test(
  'a container is not made, and nothing is left of it, when nobody waits where its word is to go',
  options,
  async () => {
    await using world = new World()
    const place = world.newPlace()
    fs.mkdirSync(join(place, 'rootfs'))
    fs.writeFileSync(
      join(place, 'config.json'),
      writeJson({ ...defaultConfig(), process: { args: ['true'], cwd: '/' } }),
    )
    const env = { ...process.env, NOTIFY_SOCKET: join(place, 'nobody') }
    const args = ['--root', join(place, 'root'), 'run', '--bundle', place, 'web']
    const { status, stderr } = spawnSync(RUNTIME, args, { env, encoding: 'utf8' })
    assert.equal(status, 1)
    assert.match(stderr, /its word could not be passed on to/)
    assert.deepEqual(fs.readdirSync(join(place, 'root')), [])
  },
)
