/** Images, run by somebody at a terminal, and by somebody who sends signals: script(1) is the terminal, we are the keyboard. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { ImageWorld, type Ran } from './image-world.ts'
import { until } from './until.ts'

const BOXWRIGHT = join(import.meta.dirname, '../../src/cli/boxwright.mjs')
const { stdout: version, error: missing } = spawnSync('script', ['--version'], { encoding: 'utf8' })
const hasScript = !missing && version.includes('util-linux')
const skip = process.geteuid?.() !== 0 ? 'only root' : hasScript ? false : 'no script(1) of util-linux'

const CTRL_C = '\x03'

interface Opened {
  /** Types, or sends. */
  write(text: string): void
  close(): void
  kill(signal: NodeJS.Signals): void
  said(pattern: RegExp): Promise<string>
  ended: Promise<Ran>
}

function open(world: ImageWorld, program: string, words: readonly string[]): Opened {
  const child = spawn(program, words, { env: world.env, cwd: world.directory, stdio: 'pipe' })
  const texts = ['', '']
  for (const [n, stream] of [child.stdout, child.stderr].entries())
    stream.on('data', (chunk: Buffer) => (texts[n] = `${texts[n] ?? ''}${chunk.toString()}`))
  child.stdin.on('error', () => {})
  const [stdout, stderr] = [() => texts[0] ?? '', () => texts[1] ?? '']
  return {
    write: (text) => void child.stdin.write(text),
    close: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    said: (pattern) => until(`${pattern} on standard output`, () => pattern.exec(stdout())?.[0]),
    ended: once(child, 'close').then(([status]) => ({
      status: status as number | null,
      stdout: stdout(),
      stderr: stderr(),
    })),
  }
}

/** For the shell that script(1) starts. */
const inTerminal = (world: ImageWorld, before: string, ...words: string[]): Opened => {
  const run = [process.execPath, BOXWRIGHT, 'run', ...words].map((word) => `'${word}'`).join(' ')
  return open(world, 'script', ['--quiet', '--return', '--flush', '--command', `${before}; ${run}`, '/dev/null'])
}

const outside = (world: ImageWorld, ...words: string[]): Opened =>
  open(world, process.execPath, [BOXWRIGHT, 'run', ...words])

const TRAPS = (...signals: string[]): string =>
  `${signals.map((name, n) => `trap "echo heard ${name}; exit ${n + 3}" ${name}`).join('; ')}; echo ready; while :; do sleep 0.05; done`

suite('images in a terminal', { skip }, () => {
  test('a command has a terminal of its own, as large as ours, when -it asks for one', async () => {
    using world = new ImageWorld()
    const run = inTerminal(
      world,
      'stty cols 77 rows 33',
      '--rm',
      '-it',
      'boxwright/base',
      'sh',
      '-c',
      'stty size; tty; exit 7',
    )
    const { status, stdout } = await run.ended
    assert.deepEqual([status, stdout], [7, '33 77\r\n/dev/pts/0\r\n'])
  })

  test('what is typed goes to the command, and ours is raw meanwhile, when it has a terminal', async () => {
    using world = new ImageWorld()
    const script = 'stty -echo; echo ready; read line; echo "got $line"; exit 4'
    const run = inTerminal(world, 'before=$(stty -g)', '--rm', '-it', 'boxwright/base', 'sh', '-c', script)
    await run.said(/ready/)
    run.write('some words\n')
    const { status, stdout } = await run.ended
    assert.equal(status, 4)
    assert.match(stdout, /ready\r\ngot some words\r\n$/)
  })

  test('the terminal is what it was before when the command has ended', async () => {
    using world = new ImageWorld()
    const words = [process.execPath, BOXWRIGHT, 'run --rm -it boxwright/base true'].join(' ')
    const script = `before=$(stty -g); ${words}; [ "$before" = "$(stty -g)" ] && echo as before`
    const run = open(world, 'script', ['--quiet', '--return', '--flush', '--command', script, '/dev/null'])
    assert.match((await run.ended).stdout, /as before/)
  })

  test('Ctrl-C is the command’s business when it catches it, and its end when it does not', async () => {
    using world = new ImageWorld()
    const caught = inTerminal(world, ':', '--rm', '-it', 'boxwright/base', 'sh', '-c', TRAPS('INT'))
    await caught.said(/ready/)
    caught.write(CTRL_C)
    const { status, stdout } = await caught.ended
    assert.equal(status, 3)
    assert.match(stdout, /heard INT/)
    const other = inTerminal(
      world,
      ':',
      '--rm',
      '-it',
      'boxwright/base',
      'sh',
      '-c',
      'echo ready; sleep 1000; echo after',
    )
    await other.said(/ready/)
    other.write(CTRL_C)
    assert.equal((await other.ended).status, 130)
    assert.equal((await world.run('ps', '-q')).stdout, '')
  })

  test('Ctrl-C ends a command without a terminal of its own with 130', async () => {
    using world = new ImageWorld()
    const run = inTerminal(world, ':', '--rm', 'boxwright/base', 'sh', '-c', 'echo ready; exec sleep 1000')
    await run.said(/ready/)
    run.write(CTRL_C)
    assert.equal((await run.ended).status, 130)
    assert.equal((await world.run('ps', '-q')).stdout, '')
  })

  test('the command hears that the terminal has another size', async () => {
    using world = new ImageWorld()
    const script = 'trap "stty size; exit 5" WINCH; echo ready; while :; do sleep 0.05; done'
    const run = inTerminal(
      world,
      '(until [ -e go ]; do sleep 0.05; done; stty rows 44 </dev/tty) & stty cols 77 rows 33',
      '--rm',
      '-it',
      'boxwright/base',
      'sh',
      '-c',
      script,
    )
    await run.said(/ready/)
    fs.writeFileSync(join(world.directory, 'go'), '')
    const { status, stdout } = await run.ended
    assert.deepEqual([status, stdout], [5, 'ready\r\n44 77\r\n'])
  })
})

suite('images and signals', { skip }, () => {
  for (const [name, number] of [
    ['TERM', 15],
    ['INT', 2],
    ['HUP', 1],
  ] as const) {
    test(`SIG${name} is the command’s when it comes to boxwright run`, async () => {
      using world = new ImageWorld()
      const run = outside(world, '--rm', 'boxwright/base', 'sh', '-c', TRAPS(name))
      await run.said(/ready/)
      run.kill(`SIG${name}`)
      const { status, stdout, stderr } = await run.ended
      assert.deepEqual([status, stdout], [3, `ready\nheard ${name}\n`], stderr)
    })

    test(`SIG${name} ends a command that does not catch it, with ${128 + number}`, async () => {
      using world = new ImageWorld()
      const run = outside(world, '--rm', '-i', 'boxwright/base', 'cat') // a shell that becomes a command catches SIGINT until then
      run.write('ready\n')
      await run.said(/ready/)
      run.kill(`SIG${name}`)
      assert.equal((await run.ended).status, 128 + number)
      assert.equal((await world.run('ps', '-q')).stdout, '')
    })
  }

  test('standard input goes to the command to its end when -i asks for it, and is empty otherwise', async () => {
    using world = new ImageWorld()
    const run = outside(world, '--rm', '-i', 'boxwright/base', 'sh', '-c', 'cat; exit 6')
    const words = 'line\n'.repeat(50_000)
    run.write(words)
    run.close()
    const { status, stdout } = await run.ended
    assert.deepEqual([status, stdout], [6, words])
    const without = outside(world, '--rm', 'boxwright/base', 'cat')
    without.write('nothing of this')
    assert.deepEqual(await without.ended.then(({ status: end, stdout: text }) => [end, text]), [0, ''])
  })
})
