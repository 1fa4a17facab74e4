/**
 * Spoiled `config.json`, by the thousand, before the real runtime: each is refused in words, or made, run and gone. Nothing may be left of any: no mount,
 * cgroup, state or process; none may run its command and be refused; and each refusal names a field that is wrong (config-fuzz-judge.ts). All of it happens in namespaces of its own, with the machine's files read-only.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { altered } from '../pure/config-mutants.ts'
import { REAL } from './config-fuzz-documents.ts'
import { TOLD, type Told } from './config-fuzz-told.ts'
import { skipWithoutRoot, World } from './world.ts'

/** What is in the directory is in memory, and goes with the last of these processes. */
const GROUND = `set -e
mount --make-rprivate /
mount -t tmpfs none "$0"
mkdir "$0/bundle" "$0/witness" "$0/state" "$0/tmp"
chmod 777 "$0/witness"
cp -a "$1" "$0/bundle/rootfs"
shift
mount -o remount,bind,ro /
mount -o remount,bind,ro /dev
TMPDIR="$0/tmp" exec "$@"`

const DRIVER = fileURLToPath(new URL('./config-fuzz-driver.ts', import.meta.url))

/** How many, and how long they may take: a few for every day, and BOXWRIGHT_TEST_MUTANTS for a night. */
const asked = process.env['BOXWRIGHT_TEST_MUTANTS']
const [COUNT, SECONDS] = asked === undefined ? [1000, 20] : [Number(asked), 1e6]

function driven(world: World, t: TestContext, seed: number | string, count: number): Told[] {
  const work = mkdtempSync(join(tmpdir(), 'boxwright-fuzz-'))
  t.after(() => rmdirSync(work))
  const node = [process.execPath, '--import', 'tsx', DRIVER, work, `${seed}`, `${count}`, `${SECONDS}`]
  const { output, stderr, status } = spawnSync(
    'unshare',
    [
      ...['-m', '-p', '-i', '-n', '-u', '--fork', '--kill-child', '--mount-proc'],
      'sh',
      '-c',
      GROUND,
      work,
      world.base(),
      ...node,
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 2 ** 30 },
  )
  const told = (output[TOLD] ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Told)
  assert.ok(status === 0 || told.at(-1)?.faults.length, `the runtime has crashed: ${status} ${stderr.slice(-2000)}`)
  return told
}

test('a spoiled config.json is refused in words or runs, and leaves nothing', { skip: skipWithoutRoot }, async (t) => {
  await using world = new World()
  const seed = Number(process.env['BOXWRIGHT_TEST_SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`BOXWRIGHT_TEST_SEED=${seed}`)
  const told = driven(world, t, seed, COUNT)
  const [first, ...others] = told
  assert.deepEqual([first?.status, first?.faults], [0, []], `the one that is not spoiled: ${first?.refused}`)
  for (const { n, faults, refused, text } of others) assert.deepEqual(faults, [], `number ${n}: ${refused}\n${text}`)
  const run = others.filter(({ refused }) => refused === undefined).length
  t.diagnostic(`${others.length} documents: ${run} run, ${others.length - run} refused`)
  assert.ok(others.length < 100 || (run > 0 && run < others.length))
})

/** Each was found by the test above. */
const FOUND: [what: string, document: unknown, said: RegExp][] = [
  [
    'has a filter that refuses every call, and so the end of the process',
    altered(REAL, 'linux.seccomp', { defaultAction: 'SCMP_ACT_ERRNO' }),
    /linux\.seccomp refuses execve/,
  ],
  [
    'has less memory than its own maker needs',
    altered(REAL, 'linux.resources.memory.limit', 65_536),
    /linux\.resources\.memory\.limit/,
  ],
  [
    'has a field among its capabilities that nobody knows',
    altered(REAL, 'process.capabilities.somethingElse', null),
    /^$/,
  ],
  ['has a file of the kernel for its root', altered(REAL, 'root.path', '/proc/1/ns/mnt'), /root/],
]

for (const [what, document, said] of FOUND)
  test(`a config.json comes to an end and leaves nothing when it ${what}`, { skip: skipWithoutRoot }, async (t) => {
    await using world = new World()
    const file = join(world.newPlace(), 'config.json')
    writeFileSync(file, JSON.stringify(document))
    const told = driven(world, t, `@${file}`, 1)
    assert.deepEqual(
      told.map(({ faults }) => faults),
      [[]],
    )
    assert.match(told.map(({ refused = '' }) => refused).join(), said)
  })
