/**
 * Fills the file system that a store is on, at random moments and to the last byte, while images are pulled, named, removed and collected:
 * `content-full-driver DIRECTORY SEED ROUNDS`. Prints what it saw, as JSON.
 */
import assert from 'node:assert/strict'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fsck } from '../../src/content/fsck.ts'
import { collect } from '../../src/content/gc.ts'
import { openStore, type Store } from '../../src/content/store.ts'
import { drawnFrom } from '../pure/random.ts'
import { act, Expectation } from './content-acts.ts'

const [directory = '', seed, rounds] = process.argv.slice(2)
const random = drawnFrom(Number(seed))
const filler = join(directory, 'filler')

/** @param most in bytes; without, until nothing more goes in. */
function fill(most = Infinity): void {
  const file = openSync(filler, 'a')
  try {
    for (let done = 0; done < most;) done += writeSync(file, Buffer.alloc(Math.min(4096, most - done)))
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC')
  } finally {
    closeSync(file)
  }
}

const isNoRoom = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOSPC' && error.message.includes('the disk is full\n')

/** There is nothing yet, and no room for anything. */
fill()
assert.throws(() => openStore(join(directory, 'store')), isNoRoom)
rmSync(filler)

const store = openStore(join(directory, 'store'))
const expectation = new Expectation()
const seen = { acts: 0, full: 0, collectedWhileFull: 0 }

for (let round = 0; round < Number(rounds); round++) {
  if (random.below(2) === 0) fill(random.below(2_500_000))
  else fill()
  for (let n = 0; n < 4; n++) await attempt()
  await assertSound(store)
  if (random.below(2) === 0) collectWhileFull()
  rmSync(filler, { force: true })
  await act({ store, random: drawnFrom(random.below(1e9)), name: 'roomy', say: (line) => expectation.hear(line) })
  await assertSound(store)
  for (const { id } of store.leases.list()) store.leases.remove(id)
  collect(store, { idleHours: 0 })
}
process.stdout.write(JSON.stringify({ ...seen, images: store.images.list().length }))

async function attempt(): Promise<void> {
  seen.acts++
  try {
    await act({ store, random: drawnFrom(random.below(1e9)), name: 'full', say: (line) => expectation.hear(line) })
  } catch (error) {
    if (!isNoRoom(error)) throw error
    seen.full++
  }
}

/** To the last byte: whoever wants to make room must be able to. */
function collectWhileFull(): void {
  fill()
  for (const { id } of store.leases.list()) store.leases.remove(id)
  collect(store, { idleHours: 0 })
  seen.collectedWhileFull++
}

async function assertSound(one: Store): Promise<void> {
  assert.deepEqual(expectation.check(one), [])
  assert.deepEqual(
    (await fsck(one)).filter(({ isFault }) => isFault),
    [],
  )
}
