/** Each cause, made for real by a process that is refused, and then named first: from outside, while that process is still there. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { explain, callOf, type Finding } from '../../src/workshop/explain/explain.ts'
import { readScene } from '../../src/workshop/explain/scene.ts'
import { Actor } from './actor.ts'
import { injections, type Injection } from './injections.ts'
import { skipWithoutRoot } from './world.ts'

const options = { skip: skipWithoutRoot }

for (const [name, inject] of Object.entries(injections))
  test(`explain names ${name} first when that is what is wrong`, options, async (t) => {
    const injection = inject(newPlace(t))
    await using actor = new Actor(injection.as)
    await assertNamed(actor, injection, name)
  })

async function assertNamed(actor: Actor, { steps, code }: Injection, name: string): Promise<Finding> {
  const last = steps.at(-1)
  assert.ok(last)
  const codes = await actor.play(steps)
  assert.deepEqual(codes, [...steps.slice(1).map(() => 'ok'), code])
  const attempt = { call: callOf(last.call), args: last.args, scene: readScene(actor.pid) }
  const [first] = explain(attempt, code)
  assert.equal(first?.name, name, JSON.stringify(explain(attempt, code), null, 1))
  assert.equal(first.verdict, 'false')
  return first
}

function newPlace(t: TestContext): string {
  const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-explain-'))
  fs.chmodSync(place, 0o755)
  t.after(() => fs.rmSync(place, { recursive: true, force: true }))
  return place
}
;(void execFileSync, spawnSync)
