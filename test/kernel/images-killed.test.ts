/** SIGKILL at any moment of what changes images, or brings them from a registry: what was there is there, and what is left over is found. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as later } from 'node:timers/promises'
import { test } from 'node:test'
import { seeded } from '../pure/random.ts'
import { registry } from '../pure/registry-ground.ts'
import { COMMAND, ImageWorld, skipWithoutTools, tools } from './image-world.ts'

/** 200 takes some minutes. */
const TIMES = Number(process.env['BOXWRIGHT_TEST_KILLS'] ?? 36)

/** An image of several layers at a registry, and not here. @returns its name there. */
async function published(world: ImageWorld, host: string): Promise<string> {
  const layers = ['a', 'b', 'c'].map((name) =>
    Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`${name}${n}`, name.repeat(20 * n)])),
  )
  const name = `${host}/team/pulled:1`
  const archive = await world.archive('pulled:1', {}, tools(), ...layers)
  const acts = [
    ['load', '-i', archive],
    ['image', 'tag', 'pulled:1', name],
    ['push', name],
    ['image', 'rm', name, 'pulled:1'],
    ['gc'],
  ]
  for (const words of acts) await done(world, words)
  return name
}

async function done(world: ImageWorld, words: readonly string[]): Promise<void> {
  const { status, stderr } = await world.run(...words)
  assert.equal(status, 0, `${words.join(' ')}: ${stderr}`)
}

/** How long each takes that nobody kills: the moments are among these. */
async function durations(world: ImageWorld, acts: readonly (readonly string[])[]): Promise<number[]> {
  const times: number[] = []
  for (const words of acts) {
    const start = performance.now()
    await done(world, words)
    times.push(performance.now() - start)
  }
  return times
}

/** Of a command and all that it has started. @returns whether it was still at work. */
async function killed(world: ImageWorld, milliseconds: number, words: readonly string[]): Promise<boolean> {
  const options = { env: world.env, cwd: world.directory, stdio: 'ignore', detached: true } as const
  const child = spawn(COMMAND, words, options)
  const ended = once(child, 'exit')
  await Promise.race([later(milliseconds), ended])
  if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  await ended
  return child.signalCode !== null
}

test(
  'no image is lost, and nothing half done is seen, when its commands are killed',
  { skip: skipWithoutTools },
  async (t) => {
    using world = new ImageWorld()
    const config = { Entrypoint: ['/bin/sh', '-c'], Env: ['PATH=/bin'] }
    const [kept, other] = [
      await world.archive('kept:1', config, tools(), { f: 'kept' }),
      await world.archive('other:1', config, tools(), { g: 'other' }),
    ]
    assert.equal((await world.run('load', '-i', kept)).status, 0)
    assert.equal((await world.run('run', '--name', 'box', 'kept:1', 'echo x > /x')).status, 0)
    const { below } = seeded(t)
    const name = await published(world, await registry(t))
    const acts = [
      ['pull', name],
      ['image', 'rm', name],
      ['load', '-i', other],
      ['run', '--rm', 'other:1', ':'],
      ['run', '--rm', 'kept:1', ':'],
      ['commit', 'box', 'committed:1'],
      ['run', 'kept:1', ':'],
      ['image', 'rm', 'other:1'],
      ['gc'],
    ]
    const times = await durations(world, acts)
    let kills = 0
    for (let n = 0; n < TIMES; n += 1) {
      const turn = n % acts.length
      if (await killed(world, below(Math.ceil(times[turn] ?? 0)), acts[turn] ?? [])) kills += 1
      if (turn < acts.length - 1 && n < TIMES - 1) continue
      const { status, stdout, stderr } = await world.run('fsck')
      assert.equal(status, 0, `after ${n + 1}: ${stdout}${stderr}`)
    }
    t.diagnostic(`${kills} of ${TIMES} were killed at work`)
    await done(world, ['pull', name])
    const run = await world.run('run', '--rm', 'kept:1', 'read a < /f || echo $a')
    assert.deepEqual([run.status, run.stdout], [0, 'kept\n'], run.stderr)
    await world.run('rm', '-f', ...(await world.run('ps', '-q')).stdout.split('\n').filter(Boolean))
    const names = (await world.run('images', '--json')).stdout.split('\n').filter(Boolean)
    for (const line of names) await world.run('image', 'rm', (JSON.parse(line) as { name: string }).name)
    assert.equal((await world.run('gc')).status, 0)
    assert.equal((await world.run('fsck')).status, 0)
    assert.deepEqual(fs.readdirSync(join(world.directory, 'data/content/blobs/sha256')), [])
    assert.deepEqual(fs.readdirSync(join(world.directory, 'data/containers')), ['names'])
    const [snapshotter = ''] = fs
      .readdirSync(join(world.directory, 'data/snapshots'))
      .filter((name) => name !== 'chosen')
    for (const left of ['drafts', 'snapshots'])
      assert.deepEqual(fs.readdirSync(join(world.directory, 'data/snapshots', snapshotter, left)), [])
  },
)

test(
  'what was begun and has no record is taken away when containers are looked at',
  { skip: skipWithoutTools },
  async () => {
    using world = new ImageWorld()
    const containers = join(world.directory, 'data/containers')
    fs.mkdirSync(join(containers, '0123456789ab/rootfs'), { recursive: true })
    assert.deepEqual(await world.run('ps', '-aq'), { status: 0, stdout: '', stderr: '' })
    assert.deepEqual(fs.readdirSync(containers), [])
  },
)
