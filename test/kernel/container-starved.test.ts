/** A container that has no memory to become its command: whoever makes or starts it hears that, and that it is the memory. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { having } from '../../src/kernel/cgroup-numbers.ts'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import { load } from '../../src/runtime/container.ts'
import { contained, RUNTIME, skipWithoutRuntime, type Config } from './container-world.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutRuntime }
const STARVED = /it is out of memory, .* killed its process \(SIGKILL\) before .*: linux.resources.memory.limit is \d+/

const limited =
  (limit: bigint) =>
  (config: Config): void => {
    config.linux.resources = { ...config.linux.resources, memory: { limit } }
  }

for (const words of [[], ['--detach']])
  test(
    `${['run', ...words].join(' ')} says that its limit is too low when the launcher itself is killed by it`,
    options,
    async () => {
      await using world = new World()
      const { status, stderr } = await contained(world, 'true', limited(65_536n), { words })
      assert.equal(status, 1, stderr)
      assert.match(stderr, STARVED)
    },
  )

/** Where the limit is what is used already, nothing more can be had. Sometimes what the launcher gives back is enough for a small command. */
const ATTEMPTS = 20

test('start says that its limit is too low when the process is killed on the way to its command', options, async () => {
  await using world = new World()
  const said = Array.from({ length: ATTEMPTS }).reduce<string>(
    (words) => (STARVED.test(words) ? words : startedWithNothing(world)),
    '',
  )
  assert.match(said, STARVED)
})

function startedWithNothing(world: World): string {
  const [root, bundle, id] = [world.newPlace(), world.newPlace(), `boxwright-starved-${process.pid}`]
  const runtime = (...words: string[]) =>
    spawnSync(RUNTIME, ['--root', root, ...words, id], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' })
  const config = structuredClone(defaultConfig()) as unknown as Config
  config.process = { ...config.process, args: ['true'], terminal: false }
  config.root = { path: world.base() }
  limited(64n << 20n)(config)
  fs.writeFileSync(join(bundle, 'config.json'), writeJson(config))
  try {
    // What is said goes through a pipe, and the container would keep it: so it has none of ours.
    const made = spawnSync('sh', [
      '-c',
      `exec "$@" >/dev/null 2>&1 </dev/null`,
      'sh',
      RUNTIME,
      '--root',
      root,
      'create',
      '--bundle',
      bundle,
      id,
    ])
    assert.equal(made.status, 0)
    leaveNothing(load({ root }, id).state.cgroups)
    const { status, stderr } = runtime('start')
    assert.equal(status, stderr === '' ? 0 : 1)
    return stderr
  } finally {
    runtime('delete', '--force')
  }
}

/** What a processor holds in reserve for it is given back first. In version 1 when a limit below is asked for, which is refused; in version 2 by memory.high, which ends nobody. */
function leaveNothing(cgroups: readonly string[]): void {
  const [v1, v2 = ''] = [having(cgroups, 'memory.limit_in_bytes'), having(cgroups, 'memory.max')]
  if (v1 !== undefined) {
    assert.throws(() => fs.writeFileSync(join(v1, 'memory.limit_in_bytes'), '4096'), /EBUSY/)
    fs.writeFileSync(join(v1, 'memory.limit_in_bytes'), fs.readFileSync(join(v1, 'memory.usage_in_bytes')))
  } else {
    for (const high of ['0', 'max']) fs.writeFileSync(join(v2, 'memory.high'), high)
    fs.writeFileSync(join(v2, 'memory.max'), fs.readFileSync(join(v2, 'memory.current')))
  }
}
