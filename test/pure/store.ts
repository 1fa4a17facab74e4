/** A store of a test's own, and things to put into it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openStore, type Store } from '../../src/content/store.ts'
import type { Expected } from '../../src/content/turn.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'

export function storeFor(t: TestContext): Store {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-store-'))
  const store = openStore(directory)
  t.after(() => {
    store[Symbol.dispose]()
    rmSync(directory, { recursive: true, force: true })
  })
  return store
}

export async function add(
  store: Store,
  mediaType: string,
  bytes: Buffer | string,
  more: Expected = {},
): Promise<Descriptor> {
  const [digest, size] = [digestOf(bytes), Buffer.byteLength(bytes)]
  const writer = await store.content.write(`test ${digest}`, { digest, size, ...more })
  if (writer.offset === 0) await writer.write(Buffer.from(bytes))
  await writer.commit(digest, size)
  return { mediaType, digest, size }
}

/** A manifest and what it is made of; nothing points at it yet. */
export async function addManifest(
  store: Store,
  layers: readonly string[],
  more: object = {},
  lease?: string,
): Promise<Descriptor> {
  const held = lease === undefined ? {} : { lease }
  const parts = await Promise.all(layers.map((layer) => add(store, OCI_LAYER, layer, held)))
  const config = await add(store, OCI_CONFIG, JSON.stringify({ architecture: 'amd64', os: 'linux', of: layers }), held)
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: parts, ...more }
  return add(store, OCI_MANIFEST, JSON.stringify(manifest), held)
}

export const addIndex = (store: Store, manifests: readonly Descriptor[]): Promise<Descriptor> =>
  add(store, OCI_INDEX, JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }))

export const present = (store: Store): Set<string> => new Set([...store.content.walk()].map(({ digest }) => digest))
