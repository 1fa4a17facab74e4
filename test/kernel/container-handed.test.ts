/** What a container's process is handed, and what its caller is: descriptors, a pidfd, a log; and nothing that stays. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import { contained, RUNTIME, skipWithoutRuntime, tmpfs, type Config } from './container-world.ts'
import { commandLineOf, until, World } from './world.ts'

const options = { skip: skipWithoutRuntime }

/** A shell that opens files called a, b and c, and becomes the runtime. */
function opening(world: World, variables: string): string[] {
  const place = world.newPlace()
  for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(place, name), `${name}\n`)
  return ['sh', '-c', `${variables} exec "$@" 3<${place}/a 4<${place}/b 5<${place}/c`, 'sh']
}

const SAY = 'echo "$LISTEN_FDS $LISTEN_PID"; for n in 3 4 5; do [ -e /proc/self/fd/$n ] && cat <&$n; done; true'

test(
  'a command has the sockets of a service manager, and then those that are preserved, when there are some',
  options,
  async () => {
    await using world = new World()
    const under = opening(world, 'LISTEN_FDS=2 LISTEN_PID=$$')
    const stale = (config: Config): void => void config.process.env.push('LISTEN_FDS=7', 'LISTEN_PID=7')
    assert.equal((await contained(world, SAY, stale, { under })).stdout, '2 1\na\nb\n')
    const { stdout } = await contained(world, SAY, stale, { under, words: ['--preserve-fds', '1'] })
    assert.equal(stdout, '2 1\na\nb\nc\n')
  },
)

test('sockets that were opened for somebody else are not handed on when they are in sight', options, async () => {
  await using world = new World()
  const under = opening(world, 'LISTEN_FDS=2 LISTEN_PID=1')
  assert.equal((await contained(world, SAY, undefined, { under })).stdout, ' \n')
})

test('the log says each step of the plan when it is asked for', options, async () => {
  await using world = new World()
  const log = join(world.newPlace(), 'log')
  const under = ['sh', '-c', `runtime=$1; shift; exec "$runtime" --debug --log ${log} --log-format json "$@"`, 'sh']
  assert.equal((await contained(world, 'true', undefined, { under, words: ['--no-subreaper'] })).status, 0)
  const lines = fs
    .readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; msg: string })
  const [, count] = /^step 1 of (\d+), host: /.exec(lines[0]?.msg ?? '') ?? []
  assert.equal(lines.length, Number(count))
  assert.ok(lines.every(({ level }) => level === 'debug'))
  assert.ok(lines.some(({ msg }) => msg.includes('box: pivot_root(., .) (')))
})

test('of a container with the host’s mounts nothing stays mounted but what was there before', options, async () => {
  await using world = new World()
  const root = world.copyOfBase()
  fs.mkdirSync(join(root, 'before'))
  const under = [
    'unshare',
    '-m',
    'sh',
    '-c',
    `mount -t tmpfs before ${root}/before; "$@"; grep -o '${root}[^ ]*' /proc/self/mountinfo`,
    'sh',
  ]
  const change = (config: Config): void => {
    config.root = { path: root }
    config.linux.namespaces = config.linux.namespaces.filter(({ type }) => type !== 'mount')
    config.linux.maskedPaths = config.linux.readonlyPaths = []
    config.mounts.push(tmpfs('/tmp'), tmpfs('/tmp'))
  }
  assert.equal(
    (await contained(world, 'grep -c " /tmp " /proc/self/mounts', change, { under })).stdout,
    `2\n${root}/before\n`,
  )
})

/** Node cannot be sent descriptors: a small C program can. */
function watching(world: World) {
  const program = join(world.newPlace(), 'pidfd')
  assert.equal(spawnSync('cc', ['-o', program, join(import.meta.dirname, 'pidfd.c')]).status, 0)
  const socket = join(world.newPlace(), 'socket')
  const child = spawn(program, [socket], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return {
    socket,
    hears: (what: RegExp) => until(`${what} in "${said}"`, () => what.exec(said) ?? undefined),
    async end(): Promise<string> {
      child.stdin.end('\n')
      await closed
      return said
    },
    [Symbol.dispose]: () => child.kill('SIGKILL'),
  }
}

test('whoever waits at a socket is sent a pidfd of the container’s process when it is made', options, async () => {
  await using world = new World()
  using watcher = watching(world)
  await watcher.hears(/^listening\n/)
  const ran = contained(world, 'sleep 1000', undefined, { words: ['--pidfd-socket', watcher.socket] })
  const [, pid] = await watcher.hears(/^standard (\d+)\nand nothing more: 0\n/m)
  assert.match(fs.readFileSync(`/proc/${pid}/status`, 'utf8'), /^NSpid:\t\d+\t1$/m)
  await until('its command', () => commandLineOf(Number(pid)).endsWith('sleep 1000')) // who is ended before has not begun
  assert.match(await watcher.end(), /^ended\n/m)
  assert.equal((await ran).status, 137)
})

test(
  'a pidfd is sent of a container that has been created, and of a later command, when somebody waits',
  options,
  async () => {
    await using world = new World()
    using first = watching(world)
    using later = watching(world)
    await first.hears(/^listening\n/)
    await later.hears(/^listening\n/)
    const container = created(world, '--pidfd-socket', first.socket)
    const [, pid] = await first.hears(/^standard (\d+)\nand nothing more: 0\n/m)
    assert.equal(Number(pid), container.state().pid)
    container.say('start', container.id)
    container.say('exec', '--detach', '--pidfd-socket', later.socket, container.id, 'sleep', '1000')
    const [, other] = await later.hears(/^setns (\d+)\nand nothing more: 0\n/m)
    assert.notEqual(other, pid)
    assert.match(await later.end(), /^ended\n/m)
    assert.equal(container.state().status, 'running')
    assert.match(await first.end(), /^ended\n/m)
    assert.equal(container.state().status, 'stopped')
    container.say('delete', container.id)
  },
)

function created(world: World, ...words: string[]) {
  const config = structuredClone(defaultConfig()) as unknown as Config
  config.process = { ...config.process, terminal: false, args: ['sleep', '1000'] }
  config.root = { path: world.base() }
  const [bundle, root, id] = [world.newPlace(), join(world.newPlace(), 'root'), `boxwright-handed-${process.pid}`]
  fs.writeFileSync(join(bundle, 'config.json'), writeJson(config))
  const say = (...words: string[]): void => {
    assert.equal(spawnSync(RUNTIME, ['--root', root, ...words], { stdio: 'ignore' }).status, 0, words.join(' '))
  }
  const state = () =>
    JSON.parse(spawnSync(RUNTIME, ['--root', root, 'state', id], { encoding: 'utf8' }).stdout) as {
      pid: number
      status: string
    }
  say('create', '--bundle', bundle, ...words, id)
  return { id, say, state }
}
