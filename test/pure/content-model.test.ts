/** The store beside a model of it, a few Maps: whatever is done in whatever order, both have the same. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { collect } from '../../src/content/gc.ts'
import { openStore, type Store } from '../../src/content/store.ts'
import { digestOf, type Digest } from '../../src/oci/digest.ts'
import { OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'

/** There are thousands of changes, each of which waits for the disk. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

interface Thing {
  digest: Digest
  bytes: Buffer
  mediaType: string
  needs: readonly Thing[]
  subject?: Thing
}

const blob = (text: string): Thing => ({
  digest: digestOf(text),
  bytes: Buffer.from(text),
  mediaType: OCI_LAYER,
  needs: [],
})

const about = ({ digest, bytes, mediaType }: Thing): object => ({ mediaType, digest, size: bytes.length })

function manifest(config: Thing, layers: readonly Thing[], subject?: Thing): Thing {
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: about(config),
    layers: layers.map(about),
    ...(subject && { subject: about(subject) }),
  })
  return { ...blob(text), mediaType: OCI_MANIFEST, needs: [config, ...layers], ...(subject && { subject }) }
}

const [EMPTY, ONE, TWO, THREE] = [blob(''), blob('one'), blob('two, which is longer'), blob('three')]
const IMAGE = manifest(EMPTY, [ONE, TWO])
const SIGNATURE = manifest(EMPTY, [THREE], IMAGE)
const THINGS = [EMPTY, ONE, TWO, THREE, IMAGE, SIGNATURE]

const thing = fc.constantFrom(...THINGS)
const ref = fc.constantFrom('r', 's')
const name = fc.constantFrom('a', 'b')
const lease = fc.constantFrom('l', 'm')

const act = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      ref,
      thing,
      lease: fc.option(lease, { nil: undefined }),
      upTo: fc.constantFrom(0, 2, 1000),
      ending: fc.constantFrom('commit' as const, 'commit' as const, 'close' as const, 'abort' as const),
    }),
  },
  fc.record({ kind: fc.constant('name' as const), name, thing }),
  fc.record({ kind: fc.constant('unname' as const), name }),
  fc.record({ kind: fc.constant('lease' as const), lease }),
  fc.record({ kind: fc.constant('give back' as const), lease }),
  fc.record({
    kind: fc.constant('label' as const),
    thing,
    root: fc.boolean(),
    needs: fc.option(thing, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('remove' as const), thing }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('collect' as const) }) },
  fc.record({ kind: fc.constant('reopen' as const) }),
)

type Act = typeof act extends fc.Arbitrary<infer One> ? One : never

class Model {
  blobs = new Map<Thing, { root: boolean; needs: Thing | undefined }>()
  parts = new Map<string, { thing: Thing; length: number }>()
  leases = new Map<string, Set<Thing | string>>()
  images = new Map<string, Thing>()

  collect(): void {
    const kept = new Set<Thing | string>()
    const roots = [
      ...this.images.values(),
      ...[...this.leases.values()].flatMap((held) => [...held]),
      ...[...this.blobs].flatMap(([one, { root }]) => (root ? one : [])),
    ]
    for (const root of roots) this.#keep(root, kept)
    for (const one of [...this.blobs.keys()]) if (!kept.has(one)) this.blobs.delete(one)
    for (const one of [...this.parts.keys()]) if (!kept.has(one)) this.parts.delete(one)
  }

  #keep(one: Thing | string, kept: Set<Thing | string>): void {
    if (kept.has(one)) return
    kept.add(one)
    const there = typeof one === 'string' ? undefined : this.blobs.get(one)
    if (typeof one === 'string' || !there) return
    const referrers = [...this.blobs.keys()].filter(({ subject }) => subject === one)
    for (const needed of [...one.needs, ...referrers, ...(there.needs ? [there.needs] : [])]) this.#keep(needed, kept)
  }
}

type Write = Extract<Act, { kind: 'write' }>

async function write(model: Model, store: Store, one: Write): Promise<void> {
  const { ref: path, thing: wanted, lease: id, upTo, ending } = one
  const expected = { digest: wanted.digest, size: wanted.bytes.length, ...(id !== undefined && { lease: id }) }
  const held = id === undefined ? new Set() : model.leases.get(id)
  if (!held) return assert.rejects(store.content.write(path, expected), /given back, or has run out/)
  const writer = await store.content.write(path, expected)
  if (model.blobs.has(wanted)) {
    held.add(wanted)
    assert.equal(writer.offset, wanted.bytes.length)
    return writer[ending](wanted.digest)
  }
  held.add(path)
  const before = model.parts.get(path)
  const start = before?.thing === wanted ? before.length : 0
  assert.equal(writer.offset, start)
  const length = Math.max(start, Math.min(upTo, wanted.bytes.length))
  if (length > start) await writer.write(wanted.bytes.subarray(start, length))
  model.parts.set(path, { thing: wanted, length })
  if (ending === 'close') return writer.close()
  if (ending === 'commit' && length < wanted.bytes.length)
    return assert.rejects(writer.commit(wanted.digest), /go on from/)
  await writer[ending](wanted.digest)
  model.parts.delete(path)
  held.delete(path)
  if (ending === 'abort') return
  model.blobs.set(wanted, { root: false, needs: undefined })
  held.add(wanted)
}

async function play(model: Model, store: Store, one: Act): Promise<Store> {
  if (one.kind === 'write') await write(model, store, one)
  else if (one.kind === 'reopen') {
    store[Symbol.dispose]()
    return openStore(store.directory)
  } else playAtOnce(model, store, one)
  return store
}

function playAtOnce(model: Model, store: Store, one: Exclude<Act, { kind: 'write' | 'reopen' }>): void {
  const { content, images, leases } = store
  switch (one.kind) {
    case 'name':
      model.images.set(one.name, one.thing)
      images.put(one.name, { mediaType: one.thing.mediaType, digest: one.thing.digest, size: one.thing.bytes.length })
      return
    case 'unname':
      assert.equal(images.remove(one.name), model.images.delete(one.name))
      return
    case 'lease':
      if (model.leases.has(one.lease)) {
        assert.throws(() => leases.create({ id: one.lease }), RangeError)
        return
      }
      model.leases.set(one.lease, new Set())
      leases.create({ id: one.lease })
      return
    case 'give back':
      model.leases.delete(one.lease)
      {
        leases.remove(one.lease)
        return
      }
    case 'label':
      if (model.blobs.has(one.thing)) model.blobs.set(one.thing, { root: one.root, needs: one.needs })
      {
        content.label(one.thing.digest, {
          'boxwright/gc.root': one.root ? 'yes' : '',
          'boxwright/gc.ref.content.x': one.needs?.digest ?? '',
        })
        return
      }
    case 'remove':
      model.blobs.delete(one.thing)
      {
        content.remove(one.thing.digest)
        return
      }
    case 'collect':
      model.collect()
      return void collect(store, { idleHours: 0 })
    default:
      one satisfies never
  }
}

function assertSame(model: Model, { content, images, leases, places }: Store): void {
  const blobs = [...content.walk()].map(({ digest, size, labels }) => ({
    digest,
    size,
    root: 'boxwright/gc.root' in labels,
  }))
  const expected = [...model.blobs].map(([{ digest, bytes }, { root }]) => ({ digest, size: bytes.length, root }))
  assert.deepEqual(
    blobs,
    expected.sort((one, other) => (one.digest < other.digest ? -1 : 1)),
  )
  assert.deepEqual(
    new Map(images.list().map(({ name, target }) => [name, target.digest])),
    new Map([...model.images].map(([name, { digest }]) => [name, digest])),
  )
  const keyOf = (one: Thing | string): string => (typeof one === 'string' ? `ingest/${one}` : `content/${one.digest}`)
  assert.deepEqual(
    new Map(leases.list().map(({ id, holds }) => [id, new Set<string>(holds)])),
    new Map([...model.leases].map(([id, held]) => [id, new Set([...held].map(keyOf))])),
  )
  for (const path of ['r', 's'])
    assert.equal(statSync(places.part(path), { throwIfNoEntry: false })?.size, model.parts.get(path)?.length, path)
}

test('the store has what its model has after any acts in any order', async (t) => {
  const seed = Number(process.env['BOXWRIGHT_TEST_SEED'] ?? Date.now() % 1_000_000)
  t.diagnostic(`BOXWRIGHT_TEST_SEED=${seed}`)
  const counted: Record<string, number> = {}
  const property = fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 40 }), async (acts) => {
    const directory = mkdtempSync(join(MEMORY, 'boxwright-model-'))
    const model = new Model()
    let store = openStore(directory)
    try {
      for (const one of acts) {
        counted[one.kind] = (counted[one.kind] ?? 0) + 1
        store = await play(model, store, one)
        assertSame(model, store)
      }
    } finally {
      store[Symbol.dispose]()
      rmSync(directory, { recursive: true, force: true })
    }
  })
  await fc.assert(property, { seed, numRuns: 200, includeErrorInReport: true })
  t.diagnostic(JSON.stringify(counted))
})
