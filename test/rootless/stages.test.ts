/** Every stage, as a user who is not root: what its box is, how it ends, and that nothing of it stays. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { CLONE_NEWUSER } from '../../src/kernel/constants.ts'
import { isAlive, namespaceOf, parentOf, pidsOf, processId, statusField } from '../../src/kernel/proc.ts'
import { built } from '../../src/launch/addon.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, BOX, host } from '../../src/plan/plan.ts'
import { boxBelow, BOXWRIGHT, processesOf, until } from '../kernel/world.ts'
import { IMAGES, putBy, skip, skipWithoutSubids, SUBIDS, UID, UserWorld } from './user.ts'

const STAGES = [1, 2, 3, 4, 5, 6, 7, 8]
const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]
const mapOf = (pid: number, kind: 'uid' | 'gid'): number[][] =>
  fs
    .readFileSync(`/proc/${pid}/${kind}_map`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))

for (const [numbers, skipped] of [
  ['one number', skip],
  ['numbers put by', skipWithoutSubids],
] as const)
  suite(`a user with ${numbers}`, { skip: skipped }, () => {
    for (const stage of STAGES) {
      test(`stage ${stage} passes on what its command says and how it ends when a user with ${numbers} runs it`, async () => {
        putBy(numbers !== 'one number')
        await using world = new UserWorld()
        const before = world.inventory()
        const ran = await world.run(run(stage, 'sh', '-c', 'cat; id -u; exit 7'), { stdin: 'words\n' })
        assert.equal(ran.stdout, `words\n${stage === 5 ? 65_534 : 0}\n`, ran.stderr)
        assert.equal(ran.status, 7)
        assert.deepEqual(world.left(before), [])
      })

      test(`stage ${stage} is the user's own process, and nobody else's, when a user with ${numbers} runs it`, async () => {
        putBy(numbers !== 'one number')
        await using world = new UserWorld()
        const { pid, launcher } = await world.start(run(stage, 'sleep', '1000'))
        assert.equal(statusField(pid, 'Uid'), Array(4).fill(UID).join('\t'))
        assert.notEqual(namespaceOf(pid, 'user'), namespaceOf('self', 'user'))
        assert.equal(namespaceOf(launcher, 'user'), namespaceOf('self', 'user'))
        const outside =
          stage === 5
            ? []
            : numbers === 'one number'
              ? [[0, UID, 1]]
              : [
                  [0, UID, 1],
                  [1, SUBIDS.first, SUBIDS.count],
                ]
        if (stage !== 5) for (const kind of ['uid', 'gid'] as const) assert.deepEqual(mapOf(pid, kind), outside)
        assert.equal(pidsOf(pid).length, stage === 1 ? 2 : 3)
      })
    }
  })

for (const stage of [1, 4, 6]) {
  test(`stage ${stage} ends with 128 + n when a user sends signal n to what they have started`, { skip }, async () => {
    putBy(false)
    await using world = new UserWorld()
    for (const [signal, status] of [
      ['SIGTERM', 143],
      ['SIGHUP', 129],
      ['SIGUSR1', 138],
    ] as const) {
      const box = await world.start(run(stage, 'sleep', '1000'))
      box.signal(signal)
      assert.equal((await box.ended).status, status, signal)
    }
  })

  test(`stage ${stage} gives each Ctrl-C of a user to its command once`, { skip }, async () => {
    putBy(false)
    await using world = new UserWorld()
    const script =
      'n=0; trap "n=\\$((n+1)); echo caught \\$n; test \\$n = 2 && exit 7" INT; echo ready; while :; do sleep 0.05; done'
    const terminal = atTerminal(world, run(stage, 'sh', '-c', script))
    await terminal.line(/ready/)
    for (const n of [1, 2]) {
      terminal.stdin.write('\x03')
      await terminal.line(new RegExp(`caught ${n}\r$`))
    }
    const { status, stdout } = await terminal.ended
    assert.deepEqual([status, stdout.match(/caught \d/g)], [7, ['caught 1', 'caught 2']])
  })

  test(
    `stage ${stage} leaves no process, and the next command no record, when everything of a user's is killed`,
    { skip },
    async () => {
      putBy(false)
      await using world = new UserWorld()
      const before = world.inventory()
      for (const victim of ['outside', 'inside'] as const) {
        const box = await world.start(run(stage, 'sh', '-c', 'sleep 1001 & exec sleep 1000'))
        const inside = nodeAbove(box.pid)
        process.kill(victim === 'outside' ? box.launcher : inside, 'SIGKILL')
        await box.ended
        await until('the end of all of it', () =>
          [...processesOf(box.id), inside].every((pid) => !isAlive(processId(pid))),
        )
        const swept = await world.run(['sweep'])
        assert.match(`${swept.stdout}${swept.stderr}`, /was left by a boxwright that died|Nothing is left/)
        assert.deepEqual(world.left(before), [], victim)
      }
    },
  )

  test(`stage ${stage} stops at Ctrl-Z, all of it, and goes on at fg, when a user presses it`, { skip }, async () => {
    putBy(false)
    await using world = new UserWorld()
    const shell = world.open(['PS1="$ " exec sh -i'], { program: ['script', '-qef', '/dev/null', '-c'] })
    shell.stdin.write('echo $((6*7))\n')
    await shell.line(/42\r$/)
    shell.stdin.write(`${quoted(run(stage, 'sleep', '1000'))}\n`)
    const { pid } = await until('the box', () => boxBelow(shell.launcher))
    shell.stdin.write('\x1a')
    await until('the stop', () => ['T'].includes(stateOf(pid)) && stateOf(nodeAbove(pid)) === 'T')
    shell.stdin.write('fg\n')
    await until('it to go on', () => stateOf(pid) === 'S')
    shell.stdin.write('\x03')
    shell.stdin.write('exit 3\n')
    assert.equal((await shell.ended).status, 3)
  })
}

test('what is different without root is said once, and never where output has to be exact', { skip }, async () => {
  putBy(false)
  await using world = new UserWorld()
  const { stderr } = await world.run(run(3, 'true'))
  assert.equal(stderr.match(/without root/g)?.length, 1, stderr)
  assert.match(stderr, /devices and \/sys are bound, not made; no limits/)
  const json = await world.run(run(3, '--explain=before', '--json', 'true'))
  assert.doesNotMatch(json.stderr, /without root/)
})

test('a limit is refused with the remedy when no cgroup is the user’s', { skip }, async () => {
  putBy(false)
  await using world = new UserWorld()
  const { status, stderr } = await world.run(run(4, '--memory', '64m', 'true'))
  assert.equal(status, 125)
  assert.match(stderr, /Cannot set a limit on memory: without root .*\n.*systemd-run --user --scope -p Delegate=yes/)
})

test('a user is told the remedy when the kernel allows no user namespaces', { skip }, async () => {
  putBy(false)
  await using world = new UserWorld()
  const { status, stderr } = whereNoneAreAllowed(world, run(1, 'true'))
  assert.equal(status, 125)
  assert.match(stderr, /max_user_namespaces is 0\n {2}Allow some: sysctl -w user.max_user_namespaces=/)
})

/** In a user namespace of the test's own, whose limits are nobody else's: namespaces(7). */
function whereNoneAreAllowed(world: UserWorld, words: string[]): { stderr: string; status: number | null } {
  const all = `0 0 ${UID + 1}`
  const become = ['setpriv', '--reuid', String(UID), '--regid', String(UID), '--clear-groups']
  const env = [`PATH=${process.env['PATH'] ?? ''}`, `BOXWRIGHT_RUN=${world.state}`]
  const steps = [
    host('unshare', [CLONE_NEWUSER], ''),
    host('write', [`/proc/${BOX}/uid_map`, all], ''),
    host('write', [`/proc/${BOX}/gid_map`, all], ''),
    box('write', ['/proc/sys/user/max_user_namespaces', '0'], ''),
    box('execvpe', ['setpriv', [...become, process.execPath, BOXWRIGHT, ...words], env], ''),
  ]
  const plan = join(world.directory, 'plan')
  fs.writeFileSync(plan, encode(steps.map((step) => ({ ...step, lesson: 6 }))))
  return spawnSync(built('launch'), [plan], { encoding: 'utf8' })
}

const quoted = (words: string[]): string =>
  [process.execPath, BOXWRIGHT, ...words].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')

const atTerminal = (world: UserWorld, words: string[]): ReturnType<UserWorld['open']> =>
  world.open([`exec ${quoted(words)}`], { program: ['script', '-qef', '/dev/null', '-c'] })

/** The Node that has made the box: in the user's own namespaces. */
function nodeAbove(pid: number): number {
  const parent = parentOf(pid) ?? 0
  return fs.readlinkSync(`/proc/${parent}/exe`) === fs.realpathSync(process.execPath) ? parent : nodeAbove(parent)
}

const stateOf = (pid: number): string => statusField(pid, 'State').charAt(0)

test('the base image belongs to the user, whoever they were in the box that made it', { skip }, async () => {
  putBy(false)
  await using world = new UserWorld()
  await world.run(run(1, 'true'))
  const others = execFileSync('find', [IMAGES, '!', '-uid', String(UID)], { encoding: 'utf8' })
  assert.equal(others, '')
  assert.ok(fs.readdirSync(IMAGES).some((name) => /^base-[0-9a-f]{12}$/.test(name)))
})
