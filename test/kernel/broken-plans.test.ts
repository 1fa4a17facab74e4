/** Plans in which a line is missing, or cannot be done: whatever becomes of the box, the host is left as it was, and told why. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { inTwoWorlds, isClear, run, withoutMountPoints } from './two-worlds.ts'
import { BOXWRIGHT, skipWithoutRoot, World, type Ran } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [1, 2, 3, 4]
const ROOT = join(import.meta.dirname, '../..')

test('every stage leaves the host as it was when any one of its steps is left out', options, async () => {
  const plans = await Promise.all(STAGES.map(stepsOf))
  await inTwoWorlds(plans.flat(), async ({ stage, step, text }, { world, rootfs }) => {
    const [before, names] = [world.inventory(), fs.readdirSync(rootfs)]
    const words = run(stage, '--without', String(step), '--rootfs', rootfs, 'true')
    const { status, stderr, same } = await onItsOwnHost(world, words)
    const told = `stage ${stage} without ${step}, ${text}: ${status} ${stderr}`
    assert.ok(status === 0 ? stderr === '' : status === 125 && isClear(stderr), told)
    assert.ok(same, told)
    assert.deepEqual(world.left(before), [], told)
    // Without a file system of its own at /dev the box has made its devices in the root file system: they are the box's own.
    if (text.startsWith('mount(tmpfs, /dev,')) fs.rmSync(join(rootfs, 'dev'), { recursive: true })
    assert.deepEqual(fs.readdirSync(rootfs), names, told)
  })
})

interface Line {
  stage: number
  step: number
  text: string
}

async function stepsOf(stage: number): Promise<Line[]> {
  await using world = new World()
  const { stdout } = await world.run(run(stage, '--explain', '--json', 'true'))
  return (JSON.parse(stdout) as Line[]).map(({ step, text }) => ({ stage, step, text }))
}

/**
 * A host of its own, in which `/` is shared, as systemd has it: what is mounted by mistake spreads. Looks at its mounts and its name before
 * and after.
 */
const HOST = `look() { cat /proc/self/mountinfo /proc/sys/kernel/hostname; }
  report=$1; shift; before=$(look); "$@"; status=$?
  test "$before" = "$(look)" && echo same > $report; exit $status`

async function onItsOwnHost(world: World, words: readonly string[]): Promise<Ran & { same: boolean }> {
  const report = join(world.newPlace(), 'report')
  const ownHost = [
    'timeout',
    '60',
    'unshare',
    '--mount',
    '--propagation',
    'shared',
    '--uts',
    '--',
    'sh',
    '-c',
    HOST,
    'sh',
    report,
  ]
  const ran = await world.run(words, { program: [...ownHost, process.execPath, BOXWRIGHT] })
  return { ...ran, same: fs.existsSync(report) }
}

for (const stage of STAGES)
  test(`stage ${stage} leaves the host as it was when the kernel refuses any one of its steps`, options, async () => {
    await using world = new World()
    const rootfs = withoutMountPoints(world)
    const names = fs.readdirSync(rootfs)
    const steps = await stepsOf(stage)
    const attempts = await sabotage(world, stage, rootfs)
    assert.equal(attempts.length, steps.length)
    for (const { index, complaint, left } of attempts) {
      assert.match(
        complaint,
        /^Complaint: Cannot finish the box: (chdir|unshare)\(.*\) gave (ENOENT|EINVAL).*\n {2}\S/,
        `step ${index + 1}`,
      )
      assert.deepEqual(left, [], `step ${index + 1}`)
    }
    assert.deepEqual(fs.readdirSync(world.state), ['last-failure'], 'for: boxwright explain last')
    assert.deepEqual(fs.readdirSync(rootfs), names)
  })

interface Attempt {
  index: number
  complaint: string
  left: string[]
}

async function sabotage(world: World, stage: number, rootfs: string): Promise<Attempt[]> {
  const program = await bundled(world)
  const ownHost = ['--mount', '--propagation', 'shared', '--uts', '--']
  const { stdout } = await promisify(execFile)(
    'unshare',
    [...ownHost, process.execPath, program, String(stage), rootfs],
    { env: { PATH: process.env['PATH'], BOXWRIGHT_RUN: world.state } },
  )
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Attempt)
}

/** As the command is: the second Node then starts in a tenth of the time. */
async function bundled(world: World): Promise<string> {
  const place = world.newPlace()
  fs.symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'))
  await build({
    absWorkingDir: ROOT,
    entryPoints: { saboteur: 'test/kernel/saboteur.ts', inside: 'src/launch/inside.ts' },
    outdir: place,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['ffi-napi', 'ref-napi'],
    banner: {
      js: "import { createRequire as forBundled } from 'node:module'; const require = forBundled(import.meta.url);",
    },
  })
  return join(place, 'saboteur.mjs')
}
