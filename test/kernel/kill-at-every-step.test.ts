/**
 * Between any two steps of a full plan somebody is killed: Node, the launcher, the box. What is left then the next command takes away. A few places
 * are drawn by lot; BOXWRIGHT_TEST_EVERY_STEP=1 goes through them all.
 */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { security } from '../../lessons/08-security/stage.ts'
import { isAlive, type ProcessId } from '../../src/kernel/proc.ts'
import { planOf, specOf } from '../../src/workshop/run-stage.ts'
import { seeded } from '../pure/random.ts'
import type { Victim } from './killer.ts'
import { skipWithoutLauncher } from './native-world.ts'
import { until, World } from './world.ts'

const options = { skip: skipWithoutLauncher }
const KILLER = join(import.meta.dirname, 'killer.ts')
const EVERY = process.env['BOXWRIGHT_TEST_EVERY_STEP'] !== undefined
const SAMPLE = 6

/** One after the last: there the command is running. */
const places = (): number[] => {
  const spec = specOf(security, { id: '0badb0x0', rootfs: '/', args: ['true'] })
  return Array.from({ length: planOf(security, spec).length + 1 }, (_, n) => n)
}

for (const victim of ['node', 'launcher', 'box'] as const)
  test(`nothing is left of a box when its ${victim} is killed between two steps`, options, async (t) => {
    await using world = new World()
    const random = seeded(t)
    const rootfs = world.copyOfBase()
    const all = places()
    const drawn = EVERY ? all : [...Array.from({ length: SAMPLE }, () => random.pick(all)), all.length - 1]
    t.diagnostic(`before steps ${drawn.join(', ')} of ${all.length - 1}`)
    for (const place of drawn) await strike(world, victim, place, rootfs)
  })

test('a box that is not born yet, or just born, ends when Node is asked to end', options, async (t) => {
  await using world = new World()
  const [rootfs, all] = [world.copyOfBase(), places()]
  const random = seeded(t)
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    for (const place of [0, 1, random.pick(all), all.length - 1]) {
      const before = world.inventory()
      const program = [process.execPath, '--import', 'tsx', KILLER]
      const { status, stderr } = await world.run(['node', String(place), rootfs, signal], { program })
      assert.deepEqual([status, stderr], [128 + constants.signals[signal], ''], `${signal} before step ${place}`)
      assert.deepEqual(world.left(before), [])
    }
})

async function strike(world: World, victim: Victim, place: number, rootfs: string): Promise<void> {
  const [before, names] = [world.inventory(), fs.readdirSync(rootfs)]
  const told = `${victim} before step ${place}`
  const program = [process.execPath, '--import', 'tsx', KILLER]
  const { status, stdout, stderr } = await world.run([victim, String(place), rootfs], { program })
  assert.ok(status === (victim === 'node' ? 137 : stderr === '' ? 137 : 125), `${told}: ${status}\n${stderr}`)
  const who = JSON.parse(stdout) as ProcessId[]
  await until(`the end of all: ${told}`, () => who.every((one) => !isAlive(one)))
  const swept = await world.run(['sweep'])
  assert.equal(swept.status, 0, `${told}\n${swept.stderr}`)
  assert.deepEqual(world.left(before), [], told)
  assert.deepEqual(fs.readdirSync(rootfs), names, told)
}
