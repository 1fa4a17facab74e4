/**
 * What nobody needs any more goes: mark and sweep, from images, leases and labelled roots. It is one change to the metadata, so nobody names, holds or
 * brings anything meanwhile; files go first, and whoever is killed in between has lost nothing that was needed.
 */
import type { Digest } from '../oci/digest.ts'
import { removeBlob } from './content.ts'
import { garbageIn, type Graph, type Shelf } from './graph.ts'
import type { BlobRow } from './inside.ts'
import { isOver, type Thing } from './leases.ts'
import { idleParts, removePart, withoutFile, type IdlePart } from './parts.ts'
import type { Store } from './store.ts'

export interface Collected {
  blobs: Digest[]
  bytes: number
  /** `NAME/KEY`. */
  snapshots: string[]
  /** What had begun to come, and came no further. */
  parts: string[]
  leases: string[]
}

export interface CollectOptions {
  shelves?: readonly Shelf[]
  /** What is still to come is given up after so many hours without a byte. */
  idleHours?: number
  /** Tells, and takes nothing away. */
  dryRun?: boolean
}

// #region collect
export function collect(
  store: Store,
  { shelves = [], idleHours = 24, dryRun = false }: CollectOptions = {},
): Collected {
  return store.metadata.change(
    () => {
      const { graph, needed, garbage } = garbageIn(store, shelves)
      const leases = store.leases.list().filter((lease) => isOver(lease))
      const parts = idleParts(store, idleHours).filter(({ ref }) => ref === undefined || !needed.has(`ingest/${ref}`))
      const collected = told(
        store,
        garbage,
        parts,
        leases.map(({ id }) => id),
      )
      if (!dryRun) sweep(store, shelves, graph, garbage, parts, collected)
      return collected
    },
    { frees: true },
  )
}
// #endregion collect

function told(store: Store, garbage: readonly Thing[], parts: readonly IdlePart[], leases: string[]): Collected {
  const blobs = below<Digest>(garbage, 'content/')
  const bytes = blobs.reduce((sum, digest) => sum + (store.content.info(digest)?.size ?? 0), 0)
  return {
    blobs,
    bytes,
    snapshots: below(garbage, 'snapshot/'),
    parts: parts.map(({ ref, path }) => ref ?? path),
    leases,
  }
}

const below = <Name extends string>(things: readonly Thing[], kind: string): Name[] =>
  things.filter((thing) => thing.startsWith(kind)).map((thing) => thing.slice(kind.length) as Name)

// #region sweep
function sweep(
  store: Store,
  shelves: readonly Shelf[],
  graph: Graph,
  garbage: readonly Thing[],
  parts: readonly IdlePart[],
  { blobs, leases }: Collected,
): void {
  const rows = store.metadata.table<BlobRow>('blob')
  for (const shelf of shelves) for (const key of topFirst(shelf.name, garbage, graph)) shelf.remove(key)
  for (const digest of blobs) removeBlob(digest, store.places, rows)
  for (const digest of withoutFile(store)) rows.remove(digest)
  for (const part of parts) removePart(store, part)
  for (const id of leases) store.leases.remove(id)
}

/** A snapshot goes before the one that it stands on. */
function topFirst(name: string, garbage: readonly Thing[], graph: Graph): string[] {
  const prefix = `snapshot/${name}/`
  const mine = garbage.filter((thing) => thing.startsWith(prefix))
  const depth = (thing: Thing): number =>
    1 + Math.max(0, ...(graph.get(thing)?.needs ?? []).filter((one) => one.startsWith(prefix)).map(depth))
  return mine.sort((one, other) => depth(other) - depth(one)).map((thing) => thing.slice(prefix.length))
}
// #endregion sweep
