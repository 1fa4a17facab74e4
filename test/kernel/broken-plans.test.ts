/** Plans in which a line is missing, or cannot be done: whatever becomes of the box, the host is left as it was, and told why. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { BOXWRIGHT, skipWithoutRoot, World, type Ran } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [1, 2, 3, 4]
const ROOT = join(import.meta.dirname, '../..')

const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]

/** Says what could not be done, in words, and not where in the source. */
const isClear = (words: string): boolean => words.startsWith('boxwright: Cannot ') && !/^\s+at /m.test(words)

/** A root file system in which a box has to make the directories that it mounts on. */
function withoutMountPoints(world: World): string {
  const rootfs = world.copyOfBase()
  for (const name of ['proc', 'dev', 'sys']) fs.rmdirSync(join(rootfs, name))
  return rootfs
}

async function numberOfSteps(world: World, stage: number): Promise<number> {
  const { stdout } = await world.run(run(stage, '--explain', '--json', 'true'))
  return (JSON.parse(stdout) as unknown[]).length
}

/**
 * A host of its own, in which `/` is shared, as systemd has it: what is mounted by mistake spreads. Looks at the mounts and the name before and
 * after, by itself: should the box have taken its root file system away, this process keeps its own.
 */
const HOST = `look() { cat /proc/self/mountinfo /proc/sys/kernel/hostname; }
  report=$1; shift; before=$(look); "$@"; status=$?
  test "$before" = "$(look)" && echo same > $report; exit $status`

async function onItsOwnHost(world: World, words: readonly string[]): Promise<Ran & { same: boolean }> {
  const report = join(world.newPlace(), 'report')
  const ownHost = ['unshare', '--mount', '--propagation', 'shared', '--uts', '--', 'sh', '-c', HOST, 'sh', report]
  const ran = await world.run(words, { program: [...ownHost, process.execPath, BOXWRIGHT] })
  return { ...ran, same: fs.existsSync(report) }
}

for (const stage of STAGES)
  test(`stage ${stage} leaves the host as it was when any one of its steps is left out`, options, async () => {
    await using world = new World()
    const rootfs = withoutMountPoints(world)
    const names = fs.readdirSync(rootfs)
    for (let step = await numberOfSteps(world, stage); step > 0; step -= 1) {
      const before = world.inventory()
      const words = run(stage, '--without', String(step), '--rootfs', rootfs, 'true')
      const { status, stderr, same } = await onItsOwnHost(world, words)
      const told = `without ${step}: ${status} ${stderr}`
      assert.ok(status === 0 ? stderr === '' : status === 125 && isClear(stderr), told)
      assert.ok(same, told)
      assert.deepEqual(world.left(before), [], told)
      assert.deepEqual(fs.readdirSync(rootfs), names, told)
    }
  })
