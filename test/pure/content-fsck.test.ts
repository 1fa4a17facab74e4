/** What is wrong with a store is found, each thing by its kind, and put right where it can be. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fsck, type Finding } from '../../src/content/fsck.ts'
import type { Store } from '../../src/content/store.ts'
import type { Digest } from '../../src/oci/digest.ts'
import { OCI_LAYER } from '../../src/oci/media-types.ts'
import { add, addIndex, addManifest, storeFor } from './store.ts'

const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ kind, isFault }) => `${isFault ? 'wrong' : 'note'} ${kind}`)

async function repaired(store: Store): Promise<string[]> {
  for (const { repair } of await fsck(store)) repair?.run()
  return said(await fsck(store))
}

const overwrite = (store: Store, digest: Digest, text: string): void => {
  chmodSync(store.content.path(digest), 0o600)
  writeFileSync(store.content.path(digest), text)
}

test('of a store in which all is well nothing is said', async (t) => {
  const store = storeFor(t)
  const [one, other] = [await addManifest(store, ['a', 'b']), await addManifest(store, ['b', 'c'])]
  store.images.put('index', await addIndex(store, [one, other]))
  assert.deepEqual(said(await fsck(store)), [])
})

test('a blob with other content is set aside, and the image waits for it', async (t) => {
  const store = storeFor(t)
  const image = await addManifest(store, ['a'])
  const layer = await add(store, OCI_LAYER, 'a')
  store.images.put('i', image)
  overwrite(store, layer.digest, 'b')
  const findings = await fsck(store)
  assert.deepEqual(said(findings), ['wrong blob', 'wrong image'])
  assert.match(findings[1]?.fact ?? '', new RegExp(`^${layer.digest} is missing`))
  assert.deepEqual(await repaired(store), ['note metadata', 'wrong image'])
  assert.ok(existsSync(join(store.places.damaged, layer.digest.replace(':', '-'))))
  await add(store, OCI_LAYER, 'a')
  assert.deepEqual(said(await fsck(store)), [])
})

test('an image of which something is missing, or is not as it was said, is named', async (t) => {
  const store = storeFor(t)
  const [whole, part] = [await addManifest(store, ['a']), await addManifest(store, ['b'])]
  store.images.put('nothing', { ...whole, digest: `sha256:${'0'.repeat(64)}` })
  store.images.put('size', { ...whole, size: 1 })
  store.images.put('index', await addIndex(store, [whole, part, { ...part, digest: `sha256:${'1'.repeat(64)}` }]))
  store.images.put('empty index', await addIndex(store, [{ ...part, digest: `sha256:${'2'.repeat(64)}` }]))
  store.content.remove((await add(store, OCI_LAYER, 'b')).digest)
  const facts = (await fsck(store)).map(({ what, fact }) => `${what}: ${fact.replace(/sha256:\w+/, 'D')}`)
  assert.deepEqual(facts, [
    'empty index: D is an index of which no manifest is there',
    'index: D is missing: application/vnd.oci.image.layer.v1.tar',
    'nothing: D is missing: application/vnd.oci.image.manifest.v1+json',
    `size: D has ${whole.size} bytes, and 1 are said`,
  ])
})

test('what whoever was interrupted has left is noted, and gone after a repair', async (t) => {
  const store = storeFor(t)
  const { digest } = await add(store, 'a/b', 'gone')
  rmSync(store.content.path(digest))
  const writer = await store.content.write('half')
  await writer.write(Buffer.from('x'))
  await writer.close()
  writeFileSync(join(store.places.ingest, 'nobody'), 'x')
  store.leases.create({ hours: 0 })
  await add(store, 'a/b', 'unneeded')
  const expected = ['note metadata', 'note part', 'note part', 'note lease', 'note unneeded']
  assert.deepEqual(said(await fsck(store)), expected)
  assert.deepEqual(await repaired(store), ['note unneeded'])
})

test('a label that names what is missing is wrong, and a file that has no business there is noted', async (t) => {
  const store = storeFor(t)
  const { digest } = await add(store, 'a/b', 'x')
  store.content.label(digest, { 'boxwright/gc.root': 'now', 'boxwright/gc.ref.content.y': `sha256:${'0'.repeat(64)}` })
  writeFileSync(join(store.places.blobs, 'sha256', 'README'), 'x')
  assert.deepEqual(said(await fsck(store)), ['wrong reference', 'note stranger'])
})

test('somebody at work is not disturbed', async (t) => {
  const store = storeFor(t)
  const writer = await store.content.write('r')
  await writer.write(Buffer.from('x'))
  assert.deepEqual(await repaired(store), [])
  await writer.abort()
})
