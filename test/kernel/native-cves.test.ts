/** Ways out of containers that others have found, each under the number that it got. The launcher plays the plan alone, and nothing may come of it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as kernel from '../../src/kernel/constants.ts'
import { isAlive, processId } from '../../src/kernel/proc.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, type Draft, type Plan } from '../../src/plan/plan.ts'
import { LAUNCH, planned, play, skipWithoutLauncher, stepsOf } from './native-world.ts'
import { until, World } from './world.ts'

const options = { skip: skipWithoutLauncher }

/** Puts steps into a box's plan where its root is its own and the host's is gone. */
const inside = (plan: Plan, ...drafts: Draft[]): Plan => plan.toSpliced(-1, 0, ...planned(...drafts))

test(
  'CVE-2019-5736: the launcher cannot be written to when it has ended and somebody kept it open',
  options,
  async () => {
    await using world = new World()
    const [plan, file] = ['plan', 'pid'].map((name) => join(world.newPlace(), name)) as [string, string]
    fs.writeFileSync(plan, encode(stepsOf(world.base(), 'sleep', '1000')))
    const child = spawn(LAUNCH, ['-i', file, plan], { stdio: 'ignore' })
    await until('the box’s number', () => fs.existsSync(file))
    assert.match(fs.readlinkSync(`/proc/${child.pid ?? 0}/exe`), /^\/memfd:launch/)
    const first = processId(Number(fs.readFileSync(file, 'utf8')))
    const kept = fs.openSync(`/proc/${child.pid ?? 0}/exe`, 'r')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await until('the end of the box', () => !isAlive(first)) // until its command it runs the same file: ETXTBSY
    assert.throws(() => fs.writeFileSync(`/proc/self/fd/${kept}`, 'x', { flag: 'r+' }), /EPERM/)
    assert.throws(() => fs.truncateSync(`/proc/self/fd/${kept}`, 0), /EPERM/)
    fs.closeSync(kept)
  },
)

test(
  'CVE-2024-21626: a working directory is not one of the host’s when a descriptor of it was left open',
  options,
  async () => {
    await using world = new World()
    const left = fs.openSync('/', 'r')
    const plan = stepsOf(world.base(), 'pwd')
    const places = ['/proc/self/fd', '/proc/1/fd', 'proc/self/fd'].flatMap((directory) =>
      Array.from({ length: 12 }, (_, fd) => `${directory}/${fd}`),
    )
    for (const place of [...places, '/proc/self/cwd', '/proc/1/root/..', '/proc/self/fd/3/../..']) {
      const steps = inside(plan, box('chdir', [place], 'where a descriptor leads'))
      const { status, text } = play(world, encode(steps), { descriptors: [left, left, left] })
      assert.match(text, /^launch: step \d+, (chdir|execvpe): |^\/\n$/, place)
      assert.ok(status === 125 || text === '/\n', `${place}: ${text}`)
    }
    fs.closeSync(left)
  },
)

test(
  'CVE-2024-21626: a command gets no descriptor but its three when the launcher’s caller left some open',
  options,
  async () => {
    await using world = new World()
    const left = fs.openSync('/', 'r')
    const plan = stepsOf(world.base(), 'sh', '-c', 'for n in $(seq 0 20); do [ -e /proc/$$/fd/$n ] && echo $n; done')
    const { text } = play(world, encode(plan), { descriptors: [left, left, left, left] })
    assert.equal(text, '0\n1\n2\n')
    fs.closeSync(left)
  },
)

test(
  'CVE-2019-19921: nothing is mounted or made on the host when a link in the image goes up from its root',
  options,
  async () => {
    await using world = new World()
    const [rootfs, outside] = [world.copyOfBase(), world.newPlace()]
    fs.symlinkSync(`..${outside}`, join(rootfs, 'up'))
    const plan = stepsOf(rootfs, 'true')
    const pivot = plan.findIndex(({ call }) => call === 'pivot_root') + 1
    for (const path of ['/up/made', `/..${outside}/made`, '/up']) {
      const steps = plan.toSpliced(pivot, 0, ...planned(box('mkdir', [path, 0o755], 'in sight of the old root')))
      const { status, text } = play(world, encode(steps))
      assert.equal(status, 125, path)
      assert.match(text, /mkdir: /)
    }
    assert.deepEqual(fs.readdirSync(outside), [])
  },
)

test('CVE-2024-45310: a directory or a file is made in the box when a link leads to the host', options, async () => {
  await using world = new World()
  const [rootfs, outside] = [world.copyOfBase(), world.newPlace()]
  fs.symlinkSync(outside, join(rootfs, 'absolute'))
  fs.symlinkSync(`../../../../../..${outside}`, join(rootfs, 'up'))
  for (const link of ['absolute', 'up'])
    for (const make of [
      box('mkdir', [`/${link}/made`, 0o755], ''),
      box('mknod', [`/${link}/made`, kernel.S_IFREG | 0o666, 0], ''),
      box('symlink', ['/', `/${link}/made`], ''),
    ])
      assert.equal(play(world, encode(inside(stepsOf(rootfs, 'true'), make))).status, 125)
  assert.deepEqual(fs.readdirSync(outside), [])
})

test(
  'CVE-2021-30465: nothing is mounted or made outside when a directory is exchanged for a link meanwhile',
  options,
  async (t) => {
    await using world = new World()
    const [rootfs, outside] = [world.copyOfBase(), world.newPlace()]
    fs.mkdirSync(join(rootfs, 'shared/place'), { recursive: true })
    fs.symlinkSync(`../../../../../..${outside}`, join(rootfs, 'shared/link'))
    const exchange = spawn(process.execPath, ['-e', EXCHANGE], { cwd: join(rootfs, 'shared'), stdio: 'ignore' })
    const mounted = fs.readFileSync('/proc/self/mountinfo', 'utf8')
    const counted = { made: 0, refused: 0 }
    for (let n = 0; n < 60; n += 1) {
      const steps = inside(
        stepsOf(rootfs, 'true'),
        box('mkdir', ['/shared/place/made', 0o755], '', { fine: ['EEXIST'] }),
        box('mount', ['none', '/shared/place/made', 'tmpfs', 0, ''], ''),
      )
      const { status, signal } = play(world, encode(steps))
      assert.equal(signal, null)
      counted[status === 0 ? 'made' : 'refused'] += 1
    }
    exchange.kill('SIGKILL')
    t.diagnostic(JSON.stringify(counted))
    assert.deepEqual(fs.readdirSync(outside), [])
    assert.equal(fs.readFileSync('/proc/self/mountinfo', 'utf8'), mounted)
  },
)

/** The directory goes and the link comes, and back again, as often as it can. */
const EXCHANGE = `const { renameSync: move } = require('node:fs')
for (;;) {
  move('place', 'away'), move('link', 'place')
  move('place', 'link'), move('away', 'place')
}`

test('CVE-2025-31133: a path is not hidden by whatever has been put in the place of /dev/null', options, async () => {
  await using world = new World()
  for (const instead of [
    box('symlink', ['/proc/version', '/dev/null'], ''),
    box('mknod', ['/dev/null', kernel.S_IFREG | 0o666, 0], ''),
    box('mknod', ['/dev/null', kernel.S_IFCHR | 0o666, (1 << 8) | 5], 'zero(4)'),
  ]) {
    const steps = stepsOf(world.base(), 'true').filter(({ args }) => args[0] !== '/dev/null')
    const hide = box('mount', ['/dev/null', '/proc/version', '', kernel.MS_BIND, ''], 'to be hidden')
    const { status, text } = play(world, encode(inside(steps, instead, hide)))
    assert.deepEqual([status, /, mount: No such device or address/.test(text)], [125, true], text)
  }
})

const SHADOWS: Record<string, Draft[]> = {
  'another file system is on /proc': [
    box('mount', ['none', '/proc', 'tmpfs', 0, ''], ''),
    box('mkdir', ['/proc/sys', 0o755], ''),
  ],
  'a directory of /proc is on /proc': [box('mount', ['/proc/sys', '/proc', '', kernel.MS_BIND, ''], '')],
  'another file is on the setting': [
    box('mount', ['/proc/sys/kernel/ostype', '/proc/sys/kernel/domainname', '', kernel.MS_BIND, ''], ''),
  ],
  'another file system is on /proc/sys': [box('mount', ['none', '/proc/sys', 'tmpfs', 0, ''], '')],
}

for (const [what, shadow] of Object.entries(SHADOWS))
  test(`CVE-2025-52881: a setting is not written when ${what}`, options, async () => {
    await using world = new World()
    const write = box('write', ['/proc/sys/kernel/domainname', 'elsewhere'], 'a setting of its UTS namespace')
    assert.equal(play(world, encode(inside(stepsOf(world.base(), 'true'), write))).status, 0)
    const { status, text } = play(world, encode(inside(stepsOf(world.base(), 'true'), ...shadow, write)))
    assert.equal(status, 125)
    assert.match(
      text,
      /, write: (Not supported|Operation not supported|Cross-device link|Invalid cross-device link|No such file)/,
    )
  })

test('CVE-2026-41579: no device is made or removed on the host when the image’s /dev is a link', options, async () => {
  await using world = new World()
  const [rootfs, outside] = [world.copyOfBase(), world.newPlace()]
  fs.writeFileSync(join(outside, 'ptmx'), 'the host’s')
  fs.rmSync(join(rootfs, 'dev'), { recursive: true })
  for (const link of [outside, `../../../../../..${outside}`]) {
    fs.symlinkSync(link, join(rootfs, 'dev'))
    assert.equal(play(world, encode(stepsOf(rootfs, 'true'))).signal, null)
    assert.deepEqual(fs.readdirSync(outside), ['ptmx'])
    fs.rmSync(join(rootfs, 'dev'))
  }
})

test(
  'CVE-2021-43784: an argument arrives whole, or is refused, when it is larger than any table of 16 bits',
  options,
  async () => {
    await using world = new World()
    const large = 'x'.repeat(70_000)
    const plan = stepsOf(world.base(), 'sh', '-c', 'echo ${#LARGE} ${#1}', 'sh', large)
    const steps = plan.map((step) =>
      step.call === 'execvpe'
        ? { ...step, args: [step.args[0], step.args[1], [...step.args[2], `LARGE=${large}`]] }
        : step,
    )
    assert.equal(play(world, encode(steps as Plan)).text, '70000 70000\n')
    const tooLarge = stepsOf(world.base(), 'true', 'x'.repeat(200_000)) // 128 KiB is the most: execve(2)
    assert.deepEqual(play(world, encode(tooLarge)), {
      status: 125,
      signal: null,
      text: `launch: step ${tooLarge.length}, execvpe: Argument list too long\n`,
    })
  },
)

for (const [call, others] of Object.entries({ setuid: [-1, 2 ** 32, 2 ** 32 - 1], setgid: [-1, 2 ** 32, 2 ** 40] }))
  test(`CVE-2024-40635: a command is not root when ${call} is given a number that wraps`, options, async () => {
    await using world = new World()
    for (const number of others) {
      const { status, text } = play(
        world,
        encode(inside(stepsOf(world.base(), 'id'), box(call as 'setuid', [number], ''))),
      )
      assert.equal(status, 125, text)
      assert.match(text, new RegExp(`${call}: Invalid argument`))
    }
  })
