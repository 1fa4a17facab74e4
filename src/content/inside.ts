/** What the parts of the store have in common. */
import type { Digest } from '../oci/digest.ts'
import type { Labels } from './labels.ts'
import type { Leases } from './leases.ts'
import type { Metadata, Table } from './metadata.ts'
import type { Places } from './places.ts'

export interface Inside {
  directory: string
  places: Places
  metadata: Metadata
  leases: Leases
}

/** What the file of a blob cannot say of itself. */
export interface BlobRow {
  createdAt: string
  labels: Labels
}

/** Of a thing that has come, or that has come again: it is as old as it was, and keeps what was said of it. */
export function remember(rows: Table<BlobRow>, digest: Digest, labels: Labels): void {
  const { createdAt = new Date().toISOString(), labels: before = {} } = rows.get(digest) ?? {}
  rows.put(digest, { createdAt, labels: { ...before, ...labels } })
}
