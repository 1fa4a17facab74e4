/** SIGKILL at random moments, of two processes that pull, name, remove and collect in one store: nothing that was there by its name is lost. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { fsck } from '../../src/content/fsck.ts'
import { collect } from '../../src/content/gc.ts'
import { openStore, type Store } from '../../src/content/store.ts'
import { seeded, type Random } from '../pure/random.ts'
import { Expectation } from './content-acts.ts'

/** 200 takes some minutes. */
const KILLS = Number(process.env['BOXWRIGHT_TEST_KILLS'] ?? 16)

test('nothing that was committed is lost, and fsck has nothing to say against it, when processes are killed at any moment', async (t) => {
  const random = seeded(t)
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-killed-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const program = await workerProgram(t)
  const expectation = new Expectation()
  using store = openStore(directory)
  let lines = 0
  for (let kill = 0; kill < KILLS; kill++) {
    lines += await workAndDie(program, directory, random, expectation)
    await assertSound(store, expectation, `after kill ${kill + 1}`)
  }
  t.diagnostic(
    `${KILLS} kills, ${lines} lines, ${expectation.count} names, ${store.images.list().length} images at the end`,
  )
  assert.ok(lines > KILLS, 'there was something to lose')
  collect(store, { idleHours: 0 })
  for (const { id } of store.leases.list()) store.leases.remove(id)
  collect(store, { idleHours: 0 })
  assert.deepEqual(await fsck(store), [])
  assert.deepEqual(readdirSync(store.places.ingest), [])
})

/** As one file, since it is started so often. It lies where `lmdb` is found from. */
async function workerProgram(t: TestContext): Promise<string> {
  const outfile = fileURLToPath(new URL(`../../node_modules/.content-worker-${process.pid}.mjs`, import.meta.url))
  t.after(() => rmSync(outfile, { force: true }))
  const entryPoints = [fileURLToPath(new URL('content-worker.ts', import.meta.url))]
  await build({
    entryPoints,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['lmdb'],
  })
  return outfile
}

async function workAndDie(
  program: string,
  directory: string,
  random: Random,
  expectation: Expectation,
): Promise<number> {
  let lines = 0
  const workers = ['one', 'two'].map((name) => {
    const worker = spawn(process.execPath, [program, directory, name, String(random.below(1e9))], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface(worker.stdout).on('line', (line) => {
      lines++
      if (line !== 'ready') expectation.hear(line)
    })
    return worker
  })
  await Promise.all(workers.map((worker) => dieSometime(worker, random.below(400))))
  return lines
}

async function dieSometime(worker: ChildProcess, delay: number): Promise<void> {
  const closed = once(worker, 'close')
  assert.ok(worker.stdout)
  await Promise.race([once(worker.stdout, 'data'), closed])
  await later(delay)
  assert.equal(worker.exitCode, null, 'it lives until it is killed')
  worker.kill('SIGKILL')
  await closed
}

async function assertSound(store: Store, expectation: Expectation, when: string): Promise<void> {
  assert.deepEqual(expectation.check(store), [], when)
  const faults = (await fsck(store)).filter(({ isFault }) => isFault)
  assert.deepEqual(faults, [], when)
}
