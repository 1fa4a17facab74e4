/**
 * What was left half done: what has begun to come in, and whose writer is gone – it may be gone on with, and for how long it is waited for is for others
 * to say –, and what a collection that was killed has not forgotten yet.
 */
import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../oci/digest.ts'
import type { BlobRow } from './inside.ts'
import { isAtWork, type Owner } from './owner.ts'
import { partName } from './places.ts'
import type { Store } from './store.ts'
import type { IngestRow } from './turn.ts'

export interface IdlePart {
  /** None where a file is left that no metadata knows of. */
  ref: string | undefined
  path: string
  /** In bytes; none where the metadata is left, and no file. */
  size: number | undefined
}

// #region idle
/** @param hours that have gone by since the last byte came. */
export function idleParts({ metadata, places }: Store, hours: number): IdlePart[] {
  const rows = metadata.table<IngestRow>('ingest').all()
  const known = new Set(rows.map(({ key }) => partName(key)))
  const strangers = readdirSync(places.ingest).filter((name) => !known.has(name))
  const parts = [
    ...rows.map(({ key, row }) => partAt(key, places.part(key), row)),
    ...strangers.map((name) => partAt(undefined, join(places.ingest, name))),
  ]
  return parts
    .filter(({ owner, touched }) => !owner || !isAtWork(owner, touched))
    .filter(({ touched }) => Date.now() - touched >= hours * 3_600_000)
}
// #endregion idle

type Part = IdlePart & { touched: number; owner?: Owner | undefined }

function partAt(ref: string | undefined, path: string, row?: IngestRow): Part {
  const file = statSync(path, { throwIfNoEntry: false })
  const startedAt = row ? Date.parse(row.startedAt) : 0
  return {
    ref,
    path,
    size: file?.size,
    touched: Math.max(startedAt, Math.floor(file?.mtimeMs ?? 0)),
    owner: row?.owner,
  }
}

/** A file goes before what is known of it. */
export const withoutFile = ({ content, metadata }: Store): Digest[] =>
  metadata
    .table<BlobRow>('blob')
    .all()
    .map(({ key }) => key as Digest)
    .filter((digest) => !content.info(digest))

/** Within a change, as `idleParts` before it. */
export function removePart({ metadata }: Store, { ref, path }: IdlePart): void {
  rmSync(path, { force: true, recursive: true })
  if (ref !== undefined) metadata.table<IngestRow>('ingest').remove(ref)
}
