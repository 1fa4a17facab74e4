/** `boxwright-runc` is a program that Bun has compiled, or Node: nobody should be able to tell, and neither heeds what lies about where it is started. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { defaultConfig } from '../../src/oci/default-config.ts'
import { writeJson } from '../../src/oci/json.ts'
import { skipWithoutRuntime, type Config } from './container-world.ts'
import { until, World } from './world.ts'

const DIST = join(import.meta.dirname, '../../dist')
const options = { skip: skipWithoutRuntime }
const optionsOfBun = {
  skip:
    skipWithoutRuntime || (!fs.existsSync(join(DIST, 'boxwright.bun')) && 'Bun is not installed: the runtime is Node'),
}

/** A runtime of its own, with those of its files; without Bun's program it is Node. */
function runtimeOf(world: World, ...files: string[]): string {
  const place = world.newPlace()
  for (const name of ['boxwright-runc', 'runc.cjs', 'launch', 'addon.node', ...files])
    fs.copyFileSync(join(DIST, name), join(place, name))
  return join(place, 'boxwright-runc')
}

/** Each engine in turn, Bun where it is. */
const engines = (world: World): string[] => [
  ...(optionsOfBun.skip === false ? [runtimeOf(world, 'boxwright.bun')] : []),
  runtimeOf(world, 'runc.blob'),
  runtimeOf(world),
]

const ran = (runtime: string, ...words: string[]): SpawnSyncReturns<string> =>
  spawnSync(runtime, words, { encoding: 'utf8', input: 'typed\n' })

const nameIn = ({ stdout }: SpawnSyncReturns<string>): string | undefined => /^(bun|node): /m.exec(stdout)?.[1]

function bundleOf(world: World, script: string, change: (config: Config) => void = () => {}): string {
  const config = structuredClone(defaultConfig()) as unknown as Config
  config.process = { ...config.process, terminal: false, args: ['sh', '-c', script] }
  config.root = { path: world.base() }
  change(config)
  const bundle = world.newPlace()
  fs.writeFileSync(join(bundle, 'config.json'), writeJson(config))
  return bundle
}

test('the runtime is Bun when its program is there, and Node when it is not', optionsOfBun, async () => {
  await using world = new World()
  assert.equal(nameIn(ran(runtimeOf(world, 'boxwright.bun'), '--version')), 'bun')
  assert.equal(nameIn(ran(runtimeOf(world, 'runc.blob'), '--version')), 'node')
  assert.equal(nameIn(ran(runtimeOf(world), '--version')), 'node')
})

test('the runtime is Node when Bun’s program is one for another machine', options, async () => {
  await using world = new World()
  const runtime = runtimeOf(world)
  fs.writeFileSync(join(runtime, '../boxwright.bun'), '\x7fELF of no machine', { mode: 0o755 })
  assert.equal(nameIn(ran(runtime, '--version')), 'node')
})

const HELLO =
  'cat; env; ulimit -Sn; ulimit -Hn; cat /proc/self/status | grep Sig[BIC]; ls /proc/self/fd | wc -l; echo no >&2; exit 7'

/** It is warned of, and left out. */
const UNKNOWN = { capabilities: { bounding: ['CAP_NONSENSE'] } }

test('nobody can tell the engines apart when they make containers, or refuse to', options, async () => {
  await using world = new World()
  const log = join(world.newPlace(), 'log')
  const root = join(world.newPlace(), 'root')
  const id = `boxwright-engine-${process.pid}`
  const hello = bundleOf(world, HELLO, (config) => {
    delete config.process.rlimits
  })
  const wrong = bundleOf(world, 'true', (config) => (config.process.cwd = 'nowhere'))
  const strange = bundleOf(world, 'true', ({ process }) => Object.assign(process, UNKNOWN))
  const missing = bundleOf(world, 'true', (config) => (config.process.args = ['/no/such']))
  const says = (runtime: string, ...words: string[]): unknown[] => {
    const { status, stdout, stderr } = ran(runtime, '--root', root, '--log', log, '--log-format', 'json', ...words)
    const lines = fs.existsSync(log) ? fs.readFileSync(log, 'utf8').replace(/"time":"[^"]*"/g, '') : ''
    fs.rmSync(log, { force: true })
    return [status, stdout, stderr, lines]
  }
  const [first, ...others] = engines(world).map((runtime) => [
    says(runtime, 'run', '--bundle', hello, id),
    says(runtime, 'run', '--bundle', wrong, id),
    says(runtime, 'run', '--bundle', missing, id),
    says(runtime, 'run', '--bundle', strange, id),
    says(runtime, 'state', id),
    says(runtime, 'list'),
    says(runtime, 'kill', id, 'SIGWHAT'),
    says(runtime, '--debug', 'list', '--no-such'),
    says(runtime, '--help'),
    says(runtime, 'features'),
  ])
  assert.equal((first?.[0] as unknown[])[0], 7)
  for (const other of others) for (const [n, one] of other.entries()) assert.deepEqual(one, first?.[n])
})

test('a signal reaches the command when either engine is sent it', options, async () => {
  await using world = new World()
  const bundle = bundleOf(world, "trap 'exit 42' TERM; echo ready; while :; do sleep 0.1; done")
  for (const [n, runtime] of engines(world).entries()) {
    const [pidFile, id] = [join(bundle, `pid-${n}`), `boxwright-heard-${process.pid}-${n}`]
    const words = ['--root', join(bundle, 'root'), 'run', '--bundle', bundle, '--pid-file', pidFile, id]
    const child = spawn(runtime, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    await Promise.race([once(child.stdout, 'data'), ended])
    await until('the runtime to know', () => fs.existsSync(pidFile))
    child.kill('SIGTERM')
    assert.deepEqual(await ended, [42, null], basename(runtime))
  }
})

test('a signal ends a container that is being made when either engine is sent it', options, async () => {
  await using world = new World()
  for (const [n, runtime] of engines(world).entries()) {
    const place = world.newPlace()
    const script = `touch ${place}/waits; while [ ! -e ${place}/over ]; do sleep 0.05; done`
    const hook = { path: '/bin/sh', args: ['sh', '-c', script] }
    const bundle = bundleOf(world, 'exec sleep 1000', (config) =>
      Object.assign(config, { hooks: { createRuntime: [hook] } }),
    )
    const [root, id] = [join(place, 'root'), `boxwright-cut-${process.pid}-${n}`]
    const child = spawn(runtime, ['--root', root, 'run', '--bundle', bundle, id], { stdio: 'ignore' })
    await until('the hook to wait', () => fs.existsSync(join(place, 'waits')))
    child.kill('SIGTERM')
    fs.writeFileSync(join(place, 'over'), '')
    assert.deepEqual(await once(child, 'exit'), [143, null], basename(runtime))
    assert.deepEqual(fs.readdirSync(root), [])
  }
})

/** What each engine would read where it is started, or in its environment, and run. */
const TRAPS = {
  '.env': 'BOXWRIGHT_RUN=ROOT\n',
  '.env.local': 'BOXWRIGHT_RUN=ROOT\n',
  '.env.production': 'BOXWRIGHT_RUN=ROOT\n',
  'bunfig.toml': 'preload = ["./trap.cjs"]\n',
  'tsconfig.json': '{ "compilerOptions": { "paths": { "*": ["./trap.cjs"] } } }',
  'package.json': '{ "type": "module", "main": "trap.cjs" }',
  'node_modules/node:fs/index.js': "require('../../trap.cjs')\n",
  'trap.cjs': "require('node:fs').writeFileSync(__dirname + '/sprung', '')\n",
}

const VARIABLES = {
  BUN_BE_BUN: '1',
  BUN_OPTIONS: '--preload PLACE/trap.cjs',
  BUN_INSPECT_PRELOAD: 'PLACE/trap.cjs',
  BUN_JSC_dumpOptions: '2',
  NODE_OPTIONS: '--require PLACE/trap.cjs',
  NODE_PATH: 'PLACE/node_modules',
}

test('no file of a bundle and no variable of a caller is run when an engine would', options, async () => {
  await using world = new World()
  const bundle = bundleOf(world, 'env')
  const planted = join(world.newPlace(), 'planted')
  fs.mkdirSync(join(planted, 'containers/planted'), { recursive: true })
  for (const [name, text] of Object.entries(TRAPS)) {
    fs.mkdirSync(join(bundle, name, '..'), { recursive: true })
    fs.writeFileSync(join(bundle, name), text.replace('ROOT', planted))
  }
  const traps = Object.entries(VARIABLES).map(([name, text]) => [name, text.replace('PLACE', bundle)])
  const env = Object.fromEntries([['PATH', process.env['PATH']], ...traps]) as NodeJS.ProcessEnv
  const id = `boxwright-trap-${process.pid}`
  for (const runtime of engines(world)) {
    const here = { cwd: bundle, env, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync(runtime, ['run', id], here)
    assert.deepEqual([status, stderr], [0, ''])
    assert.doesNotMatch(stdout, /BUN|NODE|BOXWRIGHT_RUN/)
    assert.ok(!fs.existsSync(join(bundle, 'sprung')), 'something of the bundle was run')
    assert.deepEqual(fs.readdirSync(join(planted, 'containers')), ['planted'], 'its root was named by the bundle')
  }
})

test('the runtime opens no file of where it is started when Bun begins', optionsOfBun, async () => {
  await using world = new World()
  const place = world.newPlace()
  const trace = join(world.newPlace(), 'trace')
  const watched = ['-f', '-o', trace, '-e', 'trace=file', runtimeOf(world, 'boxwright.bun'), '--root', place, 'list']
  const { error } = spawnSync('strace', watched, { cwd: place })
  if (error) return
  const calls = fs.readFileSync(trace, 'utf8').replaceAll(/^.*execve\(.*$/gm, '')
  const paths = [...calls.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path)
  assert.deepEqual(
    paths.filter((path) => !path.startsWith('/') && path !== '' && path !== 'bun'),
    [],
  )
  assert.deepEqual(
    paths.filter((path) => path.startsWith(`${place}/`)),
    [],
  )
})
