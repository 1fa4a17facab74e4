/** Whoever asked the runtime for something is killed, and the command with it, at any moment: what is left can be listed, entered, killed and deleted. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { afterEach, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../kernel/until.ts'
import { cgroupsNamed, makeRootfs, processes, ran, RUNTIME, said, start } from './ground.ts'
import { enterMachine } from './machine.ts'

const skip = enterMachine(import.meta.filename, [])

const BUNDLE = '/tmp/bundle'
/** Nobody else's words: what of a container's processes is left is found by them. */
const COMMAND = ['sleep', '98765']

/** Into how many moments the time is cut that a command takes. */
const MOMENTS = 8

const runtime = (...words: string[]): string[] => [RUNTIME, ...words]
/** Who creates a container and waits for the end of its output would wait for the container. */
const quietly = (...words: string[]): string[] => [
  'sh',
  '-c',
  'exec "$@" </dev/null >/dev/null 2>/tmp/said; ',
  'sh',
  RUNTIME,
  ...words,
]

/** @throws what was said. */
async function succeeds(words: string[], moment: string): Promise<void> {
  assert.equal((await ran(words)).status, 0, `${moment}: ${fs.readFileSync('/tmp/said', 'utf8')}`)
}

const create = (id: string): string[] => quietly('create', '--bundle', BUNDLE, id)
const run = (id: string): string[] => quietly('run', '--bundle', BUNDLE, id)
const commands = (): number[] => processes((words) => words.join(' ') === COMMAND.join(' '))
const listed = async (): Promise<string[]> => (await said(runtime('list', '--quiet'))).split('\n').filter(Boolean)
const statusOf = async (id: string): Promise<string> =>
  (JSON.parse(await said(runtime('state', id))) as { status: string }).status

async function makeBundle(): Promise<void> {
  fs.mkdirSync(BUNDLE)
  makeRootfs(join(BUNDLE, 'rootfs'))
  await said(runtime('spec', '--bundle', BUNDLE))
  const file = join(BUNDLE, 'config.json')
  const config = JSON.parse(fs.readFileSync(file, 'utf8')) as { process: object }
  config.process = { ...config.process, terminal: false, args: COMMAND }
  fs.writeFileSync(file, JSON.stringify(config))
}

/** Runs a command once for its time, then again and again, and kills it after more and more of that. */
async function killedAtMoments(
  words: (id: string) => string[],
  each: (id: string, moment: string) => Promise<void>,
  ready: (id: string) => Promise<unknown> = nothing,
): Promise<void> {
  await ready('whole')
  const begun = performance.now()
  const whole = start(words('whole'))
  await Promise.race([once(whole, 'exit'), until('its command', () => commands().length > 0)])
  const length = performance.now() - begun
  whole.kill('SIGKILL')
  await ran(runtime('delete', '--force', 'whole'))
  for (let n = 0; n <= MOMENTS; n += 1) {
    const id = `moment-${n}`
    await ready(id)
    const child = start(words(id))
    const ended = child.exitCode === null ? once(child, 'exit') : undefined
    await sleep((length * n) / MOMENTS)
    child.kill('SIGKILL')
    await ended
    await each(id, `${((length * n) / MOMENTS).toFixed(1)} ms of ${length.toFixed(1)}`)
  }
}

const nothing = (): Promise<void> => Promise.resolve()

const look = (id: string): string[] => runtime('exec', id, 'cat', '/proc/1/comm')

/** Whoever was not whole yet ends with its maker, and may still be seen for as long as that takes. */
async function succeedsOrIsGone(id: string, words: string[], output: string, moment: string): Promise<void> {
  const { status, stdout, stderr } = await ran(words)
  if (status === 0) assert.equal(stdout, output, moment)
  else assert.equal(await statusOf(id), 'stopped', `${moment}: ${stderr}`)
}

/** There is no container, or one that can be taken away; and then there is nothing more of it. */
async function isTakenAway(id: string, moment: string): Promise<void> {
  const { status, stderr } = await ran(runtime('delete', '--force', id))
  assert.equal(status, 0, `${moment}: ${stderr}`)
  await until(`the end of its processes, killed after ${moment}`, () => commands().length === 0)
  assert.deepEqual(await listed(), [], moment)
  assert.deepEqual(cgroupsNamed(id), [], moment)
  await succeeds(create(id), `${moment}: the name is free again`)
  await said(runtime('delete', '--force', id))
}

suite('the caller', { skip }, () => {
  before(makeBundle)
  afterEach(async () => {
    for (const id of await listed()) await ran(runtime('delete', '--force', id))
    for (const directory of cgroupsNamed('moment-').reverse()) fs.rmdirSync(directory)
  })

  test('a container is whole, or can be taken away, when create was killed at any moment', async () => {
    await killedAtMoments(create, async (id, moment) => {
      if ((await listed()).includes(id) && (await statusOf(id)) === 'created') {
        await succeedsOrIsGone(id, runtime('start', id), '', moment)
        await succeedsOrIsGone(id, look(id), 'sleep\n', moment)
      }
      await isTakenAway(id, moment)
    })
  })

  test('a container runs on, or can be taken away, when run was killed at any moment', async () => {
    await killedAtMoments(run, async (id, moment) => {
      if ((await listed()).includes(id) && (await statusOf(id)) === 'running')
        await succeedsOrIsGone(id, look(id), 'sleep\n', moment)
      await isTakenAway(id, moment)
    })
  })

  test('a container has started, or can still be started, when start was killed at any moment', async () => {
    await killedAtMoments(
      (id) => quietly('start', id),
      async (id, moment) => {
        if ((await statusOf(id)) === 'created') await ran(runtime('start', id)) // which may have been on its way
        await until('its command', () => commands().length === 1)
        assert.equal(await statusOf(id), 'running', moment)
        await isTakenAway(id, moment)
      },
      (id) => succeeds(create(id), 'before'),
    )
  })

  test('a container is there, or is gone, when delete was killed at any moment', async () => {
    await killedAtMoments(
      (id) => quietly('delete', '--force', id),
      isTakenAway,
      async (id) => {
        await succeeds(create(id), 'before')
        await said(runtime('start', id))
      },
    )
  })

  test('a container goes on when exec in it was killed at any moment', async () => {
    await said(create('entered'))
    await said(runtime('start', 'entered'))
    for (const milliseconds of [0, 5, 10, 20, 40, 80, 160]) {
      const child = start(quietly('exec', 'entered', 'sleep', '4321'))
      const ended = once(child, 'exit')
      await sleep(milliseconds)
      child.kill('SIGKILL')
      await ended
      assert.equal(await said(runtime('exec', 'entered', 'cat', '/proc/1/comm')), 'sleep')
    }
    await isTakenAway('entered', 'all')
    await until('the end of what was added', () => processes((words) => words.join(' ') === 'sleep 4321').length === 0)
  })
})
