/** The command itself, as a person meets it: its help, its guesses, what it says to whoever is not root, its answers to programs. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutRoot, until, World, type RunOptions } from './world.ts'

const NOBODY = 65_534
const isRoot = process.geteuid?.() === 0

/** As somebody who is not root: ourselves, or nobody. Nobody's own directories are readable to it. */
function asNobody(world: World): RunOptions {
  if (!isRoot) return {}
  const own = { BOXWRIGHT_RUN: world.newPlace(), BOXWRIGHT_IMAGES: world.newPlace() }
  for (const place of Object.values(own)) fs.chownSync(place, NOBODY, NOBODY)
  return { uid: NOBODY, env: { ...own, HOME: own.BOXWRIGHT_IMAGES } }
}

/** Can nobody read the sources at all? A checkout in root's home it cannot. */
const skipForNobody = isRoot && !isReadableToAll(import.meta.dirname) && 'this checkout is out of reach for nobody'

test('each command has help that fits a terminal of 80 columns', async () => {
  await using world = new World()
  const { stdout } = await world.run(['--help'])
  const commands = [...stdout.matchAll(/^ {2}boxwright (\S+)/gm)].map(([, name = '']) => name)
  for (const name of ['tour', 'doctor', 'diff', 'attack', 'sweep', 'stage']) assert.ok(commands.includes(name), name)
  const stages = ['1', '2', '3', '4'].flatMap((stage) => [
    ['stage', stage],
    ['stage', stage, 'run'],
  ])
  const all = [[], ...commands.filter((name) => name !== 'stage').map((name) => [name]), ...stages]
  const shown = await Promise.all(all.map(async (words) => ({ words, help: await world.run([...words, '--help']) })))
  for (const { words, help } of shown) {
    assert.deepEqual([help.status, help.stderr], [0, ''], words.join(' '))
    assert.match(help.stdout, /--help/)
    assert.deepEqual(
      help.stdout.split('\n').filter((line) => line.length > 80),
      [],
      words.join(' '),
    )
  }
})

test('a command is guessed when it is misspelt', async () => {
  await using world = new World()
  for (const [typed, meant] of [
    ['docter', 'doctor'],
    ['atack', 'attack'],
    ['swep', 'sweep'],
    ['dif', 'diff'],
  ] as const) {
    const { status, stdout, stderr } = await world.run([typed])
    assert.match(stderr, new RegExp(`^boxwright: Cannot read "boxwright ${typed}": did you mean ${meant}\\?\n {2}\\S`))
    assert.deepEqual([status, stdout], [125, ''])
  }
})

test(
  'what is wrong is said to whoever is not root as well, after what is different',
  { skip: skipForNobody },
  async () => {
    await using world = new World()
    const { status, stdout, stderr } = await world.run(['stage', '4', 'run', '--rootfs', '/', 'true'], asNobody(world))
    assert.match(stderr, /^boxwright: without root: .*\n {2}.*\nboxwright: Cannot use "\/" as a root: .*\n {2}\S/)
    assert.deepEqual([status, stdout], [125, ''])
  },
)

test(
  'there is nothing to sweep for somebody who is not root and has made no box',
  { skip: skipForNobody },
  async () => {
    await using world = new World()
    const { status, stdout, stderr } = await world.run(['sweep'], asNobody(world))
    assert.deepEqual([status, stdout, stderr], [0, 'Nothing is left of any box\n', ''])
  },
)

test('a plan can be seen, and compared, when it is not root who asks', { skip: skipForNobody }, async () => {
  await using world = new World()
  const options = asNobody(world)
  for (const stage of ['1', '2', '3', '4']) {
    const { status, stdout, stderr } = await world.run(['stage', stage, 'run', '--explain', 'sh'], options)
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^ # {2}lane {2}call\n/)
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.length > 80),
      [],
    )
  }
  assert.equal((await world.run(['diff', '1', '4'], options)).status, 0)
})

test('doctor says what runs here when root asks', { skip: skipWithoutRoot }, async () => {
  await using world = new World()
  const before = world.inventory()
  const [text, json] = await Promise.all([world.run(['doctor']), world.run(['doctor', '--json'])])
  const findings = JSON.parse(json.stdout) as Finding[]
  assert.equal(`${text.stdout}${text.stderr}`.includes('\x1b'), false, 'no colours')
  const gaps = findings.filter(({ ok, lesson }) => !ok && lesson <= 4)
  assert.deepEqual([text.status, json.status], gaps.length ? [1, 1] : [0, 0])
  assert.match(text.stdout, gaps.length ? /^Stages that run here/m : /^Stages that run here, as you are: 1, 2, 3, 4/m)
  for (const { what, ok, partly, fact, remedy } of findings)
    assert.ok(what && fact && (ok || partly || remedy), `${what}: ${fact}`)
  for (const lesson of [1, 2, 3, 4, 5, 6]) assert.ok(findings.some((finding) => finding.lesson === lesson))
  assert.deepEqual(world.left(before), [])
})

test(
  'doctor says who somebody is who is not root, and that stages run all the same',
  { skip: skipForNobody },
  async () => {
    await using world = new World()
    const options = asNobody(world)
    const json = await world.run(['doctor', '--json'], options)
    const findings = JSON.parse(json.stdout) as Finding[]
    const root = findings.find(({ what }) => what === 'root')
    assert.deepEqual([json.status, json.stderr, root?.ok], [0, '', true])
    assert.match(root?.fact ?? '', /root of a user namespace/)
    const text = await world.run(['doctor'], options)
    assert.match(text.stdout, /^Stages that run here, as you are: 1, 2, 3, 4, 5, 6/m)
  },
)

interface Finding {
  lesson: number
  what: string
  ok: boolean
  partly?: true
  fact: string
  remedy?: string
}

test('diff shows what a stage adds in code and in calls, and the same as JSON', async () => {
  await using world = new World()
  const [text, json, same] = await Promise.all([
    world.run(['diff', '2', '3']),
    world.run(['diff', 'namespaces', 'mounts', '--json']),
    world.run(['diff', '3', '3', '--json']),
  ])
  assert.match(text.stdout, /^\+ box {3}pivot_root\(\., \.\)$/m)
  assert.match(text.stdout, /^- box {3}chroot\(\/BASE\)$/m)
  const { walls, code, plan } = JSON.parse(json.stdout) as Told
  const [head = '', rows = ''] = text.stdout.trimEnd().split('\n\n')
  assert.deepEqual(
    plan.map(({ sign, step }) => `${sign} ${step.call}`),
    rows.split('\n').map((row) => `${row.charAt(0)} ${/^.{8}(\w+)/.exec(row)?.[1]}`),
  )
  assert.deepEqual(walls[0], ['namespaces', 'root', 'command'])
  assert.match(head, /^ {2}stage 2: namespaces, root, command$/m)
  for (const { path, lines } of code) assert.match(head, new RegExp(`^\\+ ${path} +${lines} lines$`, 'm'))
  assert.ok(code.some(({ sign, path }) => sign === '+' && path === 'src/box/mounts.ts'))
  const unchanged = JSON.parse(same.stdout) as Told
  assert.deepEqual(unchanged.code, [])
  assert.ok(unchanged.plan.length > 20 && unchanged.plan.every(({ sign }) => sign === ' '))
})

interface Told {
  walls: string[][]
  code: { sign: string; path: string; lines: number }[]
  plan: { sign: string; step: { call: string } }[]
}

test('nothing is coloured when it does not go to a terminal', async () => {
  await using world = new World()
  const env = { TERM: 'xterm-256color', FORCE_COLOR: '1', CLICOLOR_FORCE: '1' }
  for (const args of [['--help'], ['diff', '1', '3'], ['docter']]) {
    const { stdout, stderr } = await world.run(args, { env })
    assert.equal(`${stdout}${stderr}`.includes('\x1b'), false, args.join(' '))
  }
})

const withScript = { skip: !fs.existsSync('/usr/bin/script') && 'no script(1) to be the terminal' }
test('a difference is coloured on a terminal, and is not when NO_COLOR is set', withScript, async () => {
  await using world = new World()
  const program = ['script', '-qefc', `"${process.execPath}" src/cli/boxwright.mjs diff 1 2`, '/dev/null']
  const cwd = join(import.meta.dirname, '../..')
  for (const [env, coloured] of [
    [{}, true],
    [{ NO_COLOR: '1' }, false],
  ] as const) {
    const { stdout } = await world.open([], { program, cwd, env }).ended
    assert.equal(stdout.includes('\x1b[3'), coloured)
  }
})

for (const stage of ['1', '2', '3', '4'])
  test(`stage ${stage} gives a receipt when it is asked for one`, { skip: skipWithoutRoot }, async () => {
    await using world = new World()
    const words = ['stage', stage, 'run', '--receipt', 'sh', '-c', 'echo out; exit 3']
    // Boxes of somebody else may come and go meanwhile, and it tells of them too: then once more.
    const { status, stdout, stderr } = await until('a receipt of an unchanged host', async () => {
      const ran = await world.run(words)
      return /^(boxwright: )?(left|gone): (process|cgroup) /m.test(ran.stderr) ? undefined : ran
    })
    assert.deepEqual([status, stdout], [3, 'out\n'])
    assert.equal(stderr, 'boxwright: host unchanged: mounts, cgroups, interfaces, processes\n')
  })

test('a receipt names what has been left when something has', { skip: skipWithoutRoot }, async () => {
  await using world = new World()
  const place = world.newPlace()
  const box = await world.start(['stage', '1', 'run', '--receipt', 'sleep', '1000'])
  // Another process of the same mount namespace mounts something meanwhile: it is there afterwards.
  await world.run([place], { program: ['mount', '-t', 'tmpfs', 'receipt'] })
  box.signal('SIGTERM')
  const { stderr } = await box.ended
  await world.run([place], { program: ['umount'] })
  assert.ok(stderr.includes(`left: mount ${place} (tmpfs,`), stderr)
})

test(
  'the tour shows eight stages and an image that has been pulled, and leaves the host as it was',
  { skip: skipWithoutRoot },
  async () => {
    await using world = new World()
    const before = world.inventory()
    const { stdout, stderr } = await world.run(['tour'])
    assert.match(stderr, /^boxwright: 127\.0\.0\.1:\d+\/base is not here: it is pulled$/m)
    for (const name of ['1 · chroot', '2 · namespaces', '3 · mounts', '8 · security', 'overlay / overlay'])
      assert.ok(stdout.includes(name), name)
    assert.deepEqual(
      stdout.split('\n').filter((line) => line.length > 80),
      [],
    )
    assert.match(stdout, /^(host unchanged: |The host has changed:)/m)
    assert.deepEqual(world.left(before), [])
  },
)

test('sweep says so when there is nothing to do', { skip: skipWithoutRoot }, async () => {
  await using world = new World()
  const { status, stdout, stderr } = await world.run(['sweep'])
  assert.deepEqual([status, stdout, stderr], [0, 'Nothing is left of any box\n', ''])
})

function isReadableToAll(path: string): boolean {
  const mode = fs.statSync(path).mode
  return (mode & 0o005) === 0o005 && (path === '/' || isReadableToAll(join(path, '..')))
}
