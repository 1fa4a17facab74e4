/** `boxwright run` is a program that Bun has compiled, or Node: which of them says /proc, and nobody else can tell. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { suite, test } from 'node:test'
import { COMMAND, ImageWorld } from './image-world.ts'

const REPOSITORY = join(import.meta.dirname, '../..')
const DIST = join(REPOSITORY, 'dist')
const skip =
  process.geteuid?.() !== 0
    ? 'only root'
    : !fs.existsSync(join(DIST, 'boxwright.bun')) && 'Bun is not installed: boxwright is Node'

const IN_NODE = join(REPOSITORY, 'src/cli/boxwright.mjs')

/** What an installation's programs were built of, as far as it matters. */
const SOURCES = { 'boxwright.bun': ['src/cli/one.ts', 'src/cli/other.ts'], launch: ['native/launch.c'] }

/** An installation of its own, with those of its files. Its sources are older. */
function installed(world: ImageWorld, ...files: string[]): string {
  const place = fs.mkdtempSync(join(world.directory, 'installed-'))
  for (const directory of ['dist', 'src/cli', 'native']) fs.mkdirSync(join(place, directory), { recursive: true })
  for (const name of ['boxwright', 'launch', ...files]) {
    const { atime, mtime } = fs.statSync(join(DIST, name))
    fs.copyFileSync(join(DIST, name), join(place, 'dist', name))
    fs.utimesSync(join(place, 'dist', name), atime, mtime)
  }
  for (const [name, sources] of Object.entries(SOURCES)) {
    fs.writeFileSync(join(place, 'dist', `${name}.sources`), sources.join('\n'))
    for (const source of sources) fs.writeFileSync(join(place, source), '')
    for (const source of sources) fs.utimesSync(join(place, source), 0, 0)
  }
  fs.symlinkSync(IN_NODE, join(place, 'src/cli/boxwright.mjs'))
  return join(place, 'dist/boxwright')
}

const COMPILED = ['boxwright.bun', 'lmdb.node', 'addon.node']

/** Which program waits while the container runs. */
async function engineOf(world: ImageWorld, command: string, ...words: string[]): Promise<string> {
  const inside = ['sh', '-c', 'echo here; read line']
  const child = spawn(command, ['run', '--rm', '-i', ...words, 'boxwright/base', ...inside], {
    env: world.env,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  const engine = basename(fs.readlinkSync(`/proc/${child.pid}/exe`))
  child.stdin.end('\n')
  assert.deepEqual(await ended, [0, null])
  return engine
}

const NODE = basename(fs.realpathSync(process.execPath))

suite('engines', { skip }, () => {
  test('a container of an image that is here is Bun’s, and all else is Node’s', async () => {
    using world = new ImageWorld()
    const command = installed(world, ...COMPILED)
    assert.equal(await engineOf(world, command), NODE, 'the image has to be made first')
    assert.equal(await engineOf(world, command), 'boxwright.bun')
    assert.equal(await engineOf(world, command, '--network', 'host'), 'boxwright.bun')
    assert.equal(await engineOf(world, command, '--pull', 'always'), NODE)
    assert.equal(await engineOf(world, installed(world)), NODE, 'nothing was compiled')
    assert.equal(await engineOf(world, IN_NODE), NODE)
  })

  test('what was compiled is left alone when its source is newer or gone, or it is for another machine', async () => {
    using world = new ImageWorld()
    assert.equal((await world.run('image', 'from-host')).status, 0)
    const command = installed(world, ...COMPILED)
    const at = (name: string): string => join(command, '../..', name)
    await engineOf(world, IN_NODE)
    fs.writeFileSync(at('src/cli/stranger.ts'), '')
    assert.equal(await engineOf(world, command), 'boxwright.bun', 'it was not built of that')
    for (const source of Object.values(SOURCES).flat()) {
      fs.utimesSync(at(source), new Date(), new Date())
      assert.equal(await engineOf(world, command), NODE, `${source} is newer`)
      fs.utimesSync(at(source), 0, 0)
    }
    fs.renameSync(at('src/cli/other.ts'), at('src/cli/another.ts'))
    assert.equal(await engineOf(world, command), NODE, 'a source has gone')
    fs.renameSync(at('src/cli/another.ts'), at('src/cli/other.ts'))
    assert.equal(await engineOf(world, command), 'boxwright.bun')
    fs.writeFileSync(at('dist/boxwright.bun'), '\x7fELF of no machine', { mode: 0o755 })
    assert.equal(await engineOf(world, command), NODE)
  })

  test('nobody can tell them apart by what they say, or how they end', async () => {
    using world = new ImageWorld()
    await world.run('run', '--rm', 'boxwright/base', 'true')
    const script =
      'id -u; pwd; echo $HOSTNAME $HOME $A; readlink /proc/self/fd/0; ls /proc/self/fd | wc -l; echo no >&2; exit 7'
    for (const words of [
      ['run', '--rm', '-h', 'me', '-e', 'A=b', 'boxwright/base', 'sh', '-c', script],
      ['run', '--rm', 'boxwright/base', 'missing'],
      ['run', '--rm', 'boxwright/base', '/etc/passwd'],
      ['run', '--rm', '--memory', 'much', 'boxwright/base', 'true'],
      ['run', '--rm', '--nmae', 'x', 'boxwright/base'],
      ['run', '--rm', 'boxwright/bse'],
      ['run', '--pull', 'never', 'x'],
      ['run', '--help'],
      ['images'],
      ['ps', '-a'],
      ['ps', '--help'],
      ['rm', 'nobody'],
    ]) {
      const [one, other] = [await world.program(COMMAND, words), await world.program(IN_NODE, words)]
      assert.deepEqual(one, other, words.join(' '))
    }
  })

  test('a signal to it is the command’s, and what is kept is removed by either', async () => {
    using world = new ImageWorld()
    await world.run('run', '--rm', 'boxwright/base', 'true')
    for (const [command, remover] of [
      [COMMAND, IN_NODE],
      [IN_NODE, COMMAND],
    ] as const) {
      const child = spawn(
        command,
        ['run', '--name', 'box', 'boxwright/base', 'sh', '-c', 'trap "exit 9" TERM; echo; while :; do sleep 0.1; done'],
        {
          env: world.env,
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      const ended = once(child, 'exit')
      await once(child.stdout, 'data')
      child.kill('SIGTERM')
      assert.deepEqual(await ended, [9, null])
      assert.match((await world.run('ps', '-a')).stdout, /exited \(9\)/)
      assert.equal((await world.program(remover, ['rm', 'box'])).status, 0)
      assert.equal((await world.run('ps', '-aq')).stdout, '')
    }
  })
})
