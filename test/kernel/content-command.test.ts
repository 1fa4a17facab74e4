/** `boxwright fsck` and `boxwright gc` as they are typed: what they say, and the exit status. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openStore } from '../../src/content/store.ts'
import { add, addManifest } from '../pure/store.ts'

const skip = process.geteuid?.() === 0 ? false : 'without root the command looks into a user namespace'
const BOXWRIGHT = fileURLToPath(new URL('../../src/cli/boxwright.mjs', import.meta.url))

function run(directory: string, ...words: string[]): { status: number | null; said: string } {
  const env = { ...process.env, BOXWRIGHT_DATA: directory, NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [BOXWRIGHT, ...words], { env, encoding: 'utf8' })
  return { status, said: stdout + stderr }
}

test('fsck says what is wrong by words and status, and gc takes away what nobody needs', { skip }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-command-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  using store = openStore(directory)
  store.images.put('registry.example/app:1', await addManifest(store, ['a']))
  assert.deepEqual(run(directory, 'fsck'), { status: 0, said: 'Everything is what its name says\n' })

  const { digest } = await add(store, 'a/b', 'nobody needs this')
  chmodSync(store.content.path(digest), 0o600)
  writeFileSync(store.content.path(digest), 'nor this')
  const wrong = run(directory, 'fsck')
  assert.deepEqual(wrong, {
    status: 4,
    said: `wrong  blob ${digest}: its file has other content than its name says – see --repair\n1 thing is wrong\n`,
  })
  assert.equal(run(directory, 'fsck', '--repair').status, 1)
  assert.equal(run(directory, 'fsck').status, 0)

  await add(store, 'a/b', 'nobody needs this')
  assert.match(run(directory, 'gc', '--dry-run').said, /^Would take away: 1 blobs; 0.0 MB\n/)
  assert.match(run(directory, 'gc').said, /^Taken away: 1 blobs; 0.0 MB\n/)
  assert.deepEqual(run(directory, 'gc'), { status: 0, said: 'Everything is needed\n' })
})

test('fsck does not call right what it cannot put right', { skip }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-command-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  using store = openStore(directory)
  const image = await addManifest(store, ['a'])
  store.images.put('app', image)
  store.content.remove(image.digest)
  const { status, said } = run(directory, 'fsck', '--repair')
  assert.equal(status, 4)
  assert.match(
    said,
    new RegExp(`^wrong  image app: ${image.digest} is missing: application/vnd.oci.image.manifest.v1\\+json\n`),
  )
})
