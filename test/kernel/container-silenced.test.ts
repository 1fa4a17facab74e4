/** A container whose own filter keeps it from its command, and from saying so: whoever starts it hears it all the same. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import type { Seccomp } from '../../src/oci/seccomp.ts'
import { contained, skipWithoutRuntime, type Config } from './container-world.ts'
import { World } from './world.ts'

const RUNTIME = join(import.meta.dirname, '../../dist/boxwright-runc')
const options = { skip: skipWithoutRuntime }

const SILENT: Record<string, { seccomp: Seccomp; said: RegExp }> = {
  'the filter kills whatever is called': {
    seccomp: { defaultAction: 'SCMP_ACT_KILL' },
    said: /SIGSYS has ended its process .* answers rt_sigprocmask with SCMP_ACT_KILL/,
  },
  'the filter kills who calls execve': {
    seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['execve'], action: 'SCMP_ACT_KILL_PROCESS' }] },
    said: /SIGSYS has ended its process .* answers execve with SCMP_ACT_KILL_PROCESS/,
  },
  'the filter traps who asks where it stands': {
    seccomp: { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_TRAP' }] },
    said: /answers getcwd with SCMP_ACT_TRAP/,
  },
  'the filter refuses every call': {
    seccomp: { defaultAction: 'SCMP_ACT_ERRNO' },
    said: /refuses execve, and let it say nothing/,
  },
}

const FINE: Record<string, Seccomp> = {
  'nothing is refused': { defaultAction: 'SCMP_ACT_ALLOW' },
  'the filter kills who calls execve in another way': {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['execve'], action: 'SCMP_ACT_KILL', args: [{ index: 1, op: 'SCMP_CMP_EQ', value: 1n }] }],
  },
  'the filter lets nobody know where they stand': {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['getcwd'], action: 'SCMP_ACT_ERRNO' }],
  },
}

const filtered =
  (seccomp: Seccomp, args: string[]) =>
  (config: Config): void => {
    config.linux.seccomp = seccomp
    config.process = { ...config.process, args, noNewPrivileges: true }
  }

let containers = 0

/** @returns what start has said. What is said goes into a file: a container would keep a pipe open. */
function started(
  world: World,
  change: (config: Config) => void,
): { status: number | null; text: string; left: string } {
  const [place, bundle] = [world.newPlace(), world.newPlace()]
  const [root, said] = [join(place, 'root'), join(place, 'said')]
  const id = `boxwright-silent-${process.pid}-${++containers}`
  const runtime = (...words: string[]): number | null => {
    const file = fs.openSync(said, 'w')
    const { status } = spawnSync(RUNTIME, ['--root', root, ...words, id], { stdio: ['ignore', file, file] })
    fs.closeSync(file)
    return status
  }
  const config = structuredClone(defaultConfig()) as unknown as Config
  config.process = { ...config.process, terminal: false }
  config.root = { path: world.base() }
  change(config)
  fs.writeFileSync(join(bundle, 'config.json'), writeJson(config))
  assert.equal(runtime('create', '--bundle', bundle), 0, fs.readFileSync(said, 'utf8'))
  const status = runtime('start')
  const text = fs.readFileSync(said, 'utf8')
  runtime('delete', '--force')
  return { status, text, left: fs.readdirSync(root).join() }
}

for (const [what, { seccomp, said }] of Object.entries(SILENT)) {
  test(`start fails, and says who has ended the container, when ${what}`, options, async () => {
    await using world = new World()
    const { status, text, left } = started(world, filtered(seccomp, ['sleep', '1000']))
    assert.deepEqual([status, left], [1, ''], text)
    assert.match(text, said)
  })
  test(`run fails, and leaves nothing, when ${what}`, options, async () => {
    await using world = new World()
    for (const words of [[], ['--detach']]) {
      const { status, stderr } = await contained(world, 'true', filtered(seccomp, ['true']), { words })
      assert.equal(status, 1, stderr)
      assert.match(stderr, said)
    }
  })
}

for (const [what, seccomp] of Object.entries(FINE))
  test(`start says nothing of a command that ends at once when ${what}`, options, async () => {
    await using world = new World()
    for (let n = 0; n < 5; n += 1) assert.deepEqual(started(world, filtered(seccomp, ['false'])).text, '')
  })

test('start says nothing of a command that is ended by its own filter', options, async () => {
  await using world = new World()
  const seccomp: Seccomp = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['sethostname'], action: 'SCMP_ACT_KILL_PROCESS' }],
  }
  assert.equal(started(world, filtered(seccomp, ['hostname', 'x'])).text, '')
})
