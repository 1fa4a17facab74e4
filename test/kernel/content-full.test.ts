/** A disk that is full, at any moment: a clear error, nothing lost, and all goes on when there is room. In a small tmpfs of the test's own. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded } from '../pure/random.ts'

const skip = process.geteuid?.() === 0 ? false : 'only root mounts a tmpfs'
const DRIVER = join(import.meta.dirname, 'content-full-driver.ts')
const ROUNDS = process.env['BOXWRIGHT_TEST_FULL'] ?? '15'

/** With the one a change that took something away once found no room for that; with the other LMDB came to its end over telling so. */
const KNOWN = [733368581, 504822028]

function filled(seed: number, rounds: string, directory: string): Record<string, number> {
  const script = 'mount -t tmpfs -o size=3m none "$1" && exec "$0" --import tsx "$2" "$1" "$3" "$4"'
  const words = [process.execPath, directory, DRIVER, String(seed), rounds]
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, ...words], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout) as Record<string, number>
}

test('a full disk is told in words, loses nothing, and is no trouble any more when there is room', { skip }, (t) => {
  const random = seeded(t)
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-full-'))
  t.after(() => rmdirSync(directory))
  const seen = filled(random.below(1e9), ROUNDS, directory)
  t.diagnostic(JSON.stringify(seen))
  assert.ok((seen['full'] ?? 0) > 0 && (seen['collectedWhileFull'] ?? 0) > 0, 'the disk was full')
  for (const seed of KNOWN) filled(seed, '10', directory)
})
