/** Each cause, made for real by a process that is refused, and then named first: from outside, while that process is still there. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { callOf, explain, type Finding } from '../../src/workshop/explain/explain.ts'
import { readScene } from '../../src/workshop/explain/scene.ts'
import { symbolic } from '../../src/plan/symbols.ts'
import type { Step } from '../../src/plan/plan.ts'
import { Actor } from './actor.ts'
import { OwnGround } from './ground.ts'
import { imaginary, injections } from './injections/all.ts'
import { Unfit, type Injection } from './injections/injection.ts'
import { BOXWRIGHT, skipWithoutRoot, World } from './world.ts'

const options = { skip: skipWithoutRoot }

for (const [name, inject] of Object.entries(injections))
  test(`explain names ${name} first when that is what is wrong`, options, async (t) => {
    await using ground = new OwnGround()
    try {
      const made = await inject(ground)
      const findings = 'steps' in made ? await refusedIn(made) : look(made.pid, made.call, made.args, made.code)
      assert.equal(findings[0]?.name, name, JSON.stringify(findings, null, 1))
      assert.equal(findings[0].verdict, 'false')
      const { fact = '', remedy = '' } = findings[0].fault ?? {}
      assert.doesNotMatch(`${fact} ${remedy}`, /undefined|NaN|Infinity|\/\/| is ,|\[object/)
      t.diagnostic(`${fact} → ${remedy}`)
    } catch (error) {
      if (error instanceof Unfit) t.skip(error.message)
      else throw error
    }
  })

for (const [name, reason] of Object.entries(imaginary))
  test(`explain names ${name} first when that is what is wrong`, { skip: reason }, () => {})

/** Has a process make the calls, and looks at it when the last has been refused. */
async function refusedIn({ as = [], steps, code, afterwards = [], fromInside }: Injection): Promise<Finding[]> {
  await using actor = new Actor(as)
  const last = steps.at(-1)
  assert.ok(last)
  try {
    assert.deepEqual(await actor.play(steps), [...steps.slice(1).map(() => 'ok'), code])
    return fromInside
      ? lookInside(actor.pid, last.call, code, symbols(last))
      : look(actor.pid, callOf(last.call), last.args, code)
  } finally {
    await actor.play(afterwards)
  }
}

const look = (pid: number, call: ReturnType<typeof callOf>, args: readonly unknown[], code: string): Finding[] =>
  explain({ call, args, scene: readScene(pid) }, code)

/** By the command itself, in the user namespace of the process. */
function lookInside(pid: number, call: string, code: string, args: string[]): Finding[] {
  const enter = [`--user=/proc/${pid}/ns/user`, '--preserve-credentials', process.execPath, BOXWRIGHT]
  const words = ['explain', '--json', '--pid', String(pid), call, code, ...args]
  return JSON.parse(execFileSync('nsenter', [...enter, ...words], { encoding: 'utf8' })) as Finding[]
}

/** `unshare(CLONE_NEWUTS)` → what stands between the parentheses. */
const symbols = (step: Step | object): string[] =>
  symbolic(step as Step)
    .replace(/^\w+\(|\)$/g, '')
    .split(', ')

const run = (...words: string[]): string[] => ['stage', ...words]

test('boxwright explain last tells of the run that failed, as it was in its box', options, async () => {
  await using world = new World()
  const failed = await world.run(run('3', 'run', '--without', '5', 'ls'))
  assert.equal(failed.status, 125)
  assert.match(failed.stderr, /Cannot finish the box: pivot_root\(\., \.\) gave E\w+: ".+" is .+ mount .+\n {2}Make it/)
  const isSame = failed.stderr.includes('EBUSY') // and EINVAL where /tmp is a mount of its own
  for (const words of [['explain', 'last'], ['explain']]) {
    const { stdout, status } = await world.run(words)
    assert.equal(status, 0)
    assert.match(stdout, /^pivot_root\(\., \.\) gave E\w+\n/)
    assert.match(
      stdout,
      isSame ? /^no {3}The new root .+ are on another mount/m : /^no {3}The new root is a mount point/m,
    )
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 80),
      stdout,
    )
  }
})

test('boxwright explain last says so when no run has failed', options, async () => {
  await using world = new World()
  const { status, stderr } = await world.run(['explain', 'last'])
  assert.equal(status, 125)
  assert.match(stderr, /Cannot explain "last": no run of yours has failed yet\n {2}\S/)
})

test('a failed run ends as it would have when its failure cannot be kept', options, async () => {
  await using world = new World()
  const { status, stderr } = await world.run(run('1', 'run', 'no-such-command'), {
    env: { BOXWRIGHT_RUN: world.state },
  })
  assert.equal(status, 127)
  assert.match(stderr, /Cannot execute "no-such-command": there is no such file in the box/)
})
