/** Who still needs what: what is kept, and what goes. */
import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, existsSync } from 'node:fs'
import { test } from 'node:test'
import { collect } from '../../src/content/gc.ts'
import type { Shelf } from '../../src/content/graph.ts'
import { becomeOwner, letGo } from '../../src/content/owner.ts'
import type { Store } from '../../src/content/store.ts'
import { OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { add, addIndex, addManifest, present, storeFor } from './store.ts'

test('what an image is made of stays, and what nobody needs goes', async (t) => {
  const store = storeFor(t)
  const kept = await addManifest(store, ['a', 'b'])
  await addManifest(store, ['b', 'c'])
  store.images.put('kept', kept)
  const collected = collect(store)
  assert.equal(collected.blobs.length, 3)
  assert.equal(present(store).size, 4)
  assert.deepEqual(collect(store).blobs, [])
  store.images.remove('kept')
  assert.equal(collect(store, { dryRun: true }).blobs.length, 4)
  assert.equal(present(store).size, 4)
  collect(store)
  assert.equal(present(store).size, 0)
})

test('an index keeps its manifests, and a manifest what was said about it', async (t) => {
  const store = storeFor(t)
  const [one, other] = [await addManifest(store, ['a']), await addManifest(store, ['b'])]
  const signature = await addManifest(store, ['signature'], { subject: one })
  await addManifest(store, ['of the signature'], { subject: signature })
  await addManifest(store, ['of nothing'], { subject: { ...one, digest: `sha256:${'0'.repeat(64)}` } })
  store.images.put('index', await addIndex(store, [one, other]))
  assert.equal(collect(store).blobs.length, 3)
  assert.equal(present(store).size, 13)
})

test('what a lease holds stays until it is given back, or has run out', async (t) => {
  const store = storeFor(t)
  const lease = store.leases.create()
  await addManifest(store, ['a'], {}, lease.id)
  collect(store)
  assert.equal(present(store).size, 3)
  store.leases.remove(lease.id)
  collect(store)
  assert.equal(present(store).size, 0)
  const short = store.leases.create({ id: 'short', hours: 0 })
  assert.throws(() => store.leases.hold(short.id, 'ingest/x'), /given back, or has run out/)
  await assert.rejects(add(store, 'a/b', 'x', { lease: 'short' }), /given back, or has run out/)
  assert.deepEqual(collect(store).leases, ['short'])
  assert.deepEqual(store.leases.list(), [])
})

test('what a lease holds goes when its owner has ended, but for what can be gone on with', async (t) => {
  const store = storeFor(t)
  const owner = becomeOwner()
  const { id } = store.leases.create({ owner })
  await addManifest(store, ['a'], {}, id)
  const half = await store.content.write('half', { lease: id })
  await half.write(Buffer.from('x'))
  await half.close()
  assert.deepEqual(collect(store).leases, [])
  assert.equal(present(store).size, 3)
  letGo(owner)
  assert.deepEqual(collect(store).leases, [id])
  assert.equal(present(store).size, 0)
  assert.ok(existsSync(store.places.part('half')))
  assert.throws(() => store.leases.hold(id, 'ingest/x'), /given back, or has run out/)
})

test('an owner in another PID namespace holds a lease when it gives signs of life', (t) => {
  const store = storeFor(t)
  const owner = { ...becomeOwner(), pidNamespace: 1 }
  const { id } = store.leases.create({ owner })
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 9_000 })
  assert.deepEqual(collect(store).leases, [])
  store.leases.renew(id)
  t.mock.timers.tick(9_000)
  assert.deepEqual(collect(store).leases, [])
  t.mock.timers.tick(2_000)
  assert.deepEqual(collect(store).leases, [id])
})

test('what was there already is claimed, and held from then on', async (t) => {
  const store = storeFor(t)
  const { digest } = await add(store, 'a/b', 'x')
  const { id } = store.leases.create({ hours: Infinity })
  assert.equal(store.content.claim(digest, id)?.size, 1)
  assert.equal(store.content.claim(`sha256:${'0'.repeat(64)}`, id), undefined)
  collect(store)
  assert.equal(present(store).size, 1)
  store.leases.release(id, `content/${digest}`)
  assert.deepEqual(store.leases.get(id)?.holds, [])
  collect(store)
  assert.equal(present(store).size, 0)
})

test('labels make roots, and name what else is needed', async (t) => {
  const store = storeFor(t)
  const [root, needed, lost] = [
    await add(store, 'a/b', 'root'),
    await add(store, 'a/b', 'needed'),
    await add(store, 'a/b', 'lost'),
  ]
  store.content.label(root.digest, {
    'boxwright/gc.root': 'now',
    'boxwright/gc.ref.content.x': needed.digest,
    other: lost.digest,
  })
  assert.deepEqual(collect(store).blobs, [lost.digest])
})

/** A snapshotter that only says what it would have. */
function shelf(
  snapshots: Record<string, { parent?: string; labels?: Record<string, string> }>,
): Shelf & { removed: string[] } {
  const removed: string[] = []
  return {
    name: 'overlay',
    removed,
    walk: () => Object.entries(snapshots).map(([key, { parent, labels = {} }]) => ({ key, parent, labels })),
    remove: (key) => void removed.push(key),
  }
}

test('a snapshot keeps what it stands on, and goes before it', async (t) => {
  const store = storeFor(t)
  const image = await addManifest(store, ['a'])
  store.images.put('i', image, { 'boxwright/gc.ref.snapshot.overlay': 'top' })
  const blob = await add(store, 'a/b', 'of a snapshot')
  const one = shelf({
    base: {},
    top: { parent: 'base', labels: { 'boxwright/gc.ref.content.x': blob.digest } },
    'garbage/base': {},
    'garbage/top': { parent: 'garbage/middle' },
    'garbage/middle': { parent: 'garbage/base' },
    running: { parent: 'base', labels: { 'boxwright/gc.root': '' } },
  })
  const collected = collect(store, { shelves: [one] })
  assert.deepEqual(one.removed, ['garbage/top', 'garbage/middle', 'garbage/base'])
  assert.equal(collected.snapshots.length, 3)
  assert.deepEqual(collected.blobs, [])
})

test('what is on its way in stays while somebody writes, while a lease holds it, and for a day', async (t) => {
  const store = storeFor(t)
  const { id } = store.leases.create()
  const [writing, held, left] = await Promise.all([
    store.content.write('writing'),
    store.content.write('held', { lease: id }),
    store.content.write('left'),
  ])
  await left.write(Buffer.from('x'))
  await held.close()
  await left.close()
  assert.deepEqual(collect(store).parts, [])
  assert.deepEqual(collect(store, { idleHours: 0 }).parts, ['left'])
  assert.deepEqual(
    ['writing', 'held', 'left'].map((ref) => existsSync(store.places.part(ref))),
    [true, true, false],
  )
  await writing.abort()
})

test('nothing is taken away when it cannot be told what is needed', async (t) => {
  const store = storeFor(t)
  const image = await addManifest(store, ['a'])
  store.images.put('i', image)
  spoil(store, image.digest)
  assert.throws(() => collect(store), { name: 'Damaged' })
  assert.equal(present(store).size, 3)
  store.images.remove('i')
  assert.equal(collect(store).blobs.length, 3)
})

function spoil(store: Store, digest: Parameters<Store['content']['path']>[0]): void {
  chmodSync(store.content.path(digest), 0o600)
  appendFileSync(store.content.path(digest), ' ')
}

test('what only looks like a manifest is none, and keeps nothing', async (t) => {
  const store = storeFor(t)
  const layer = await add(store, 'a/b', 'layer')
  for (const text of ['{', '{}', JSON.stringify({ schemaVersion: 2, layers: [layer] })])
    store.images.put(text, await add(store, OCI_MANIFEST, text))
  assert.deepEqual(collect(store).blobs, [layer.digest])
})
