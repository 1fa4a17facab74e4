/**
 * Things by their digest. A name says what the thing is, so a thing never changes, is there once however many images have it, and is either whole or
 * not there. It comes in through a writer (ingest.ts), which gives it its name when the name is right.
 */
import { createReadStream, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { algorithmOf, digestOf, type Digest } from '../oci/digest.ts'
import { openWriter, type Writer } from './ingest.ts'
import type { BlobRow, Inside } from './inside.ts'
import { relabelled, type Labels } from './labels.ts'
import type { Leases } from './leases.ts'
import type { Table } from './metadata.ts'
import { namesIn, type Places } from './places.ts'
import type { Expected } from './turn.ts'

export interface BlobInfo {
  digest: Digest
  size: number
  createdAt: Date
  labels: Labels
}

// #region content
export interface Content {
  info(digest: Digest): BlobInfo | undefined
  /** What is there, and from now on held by the lease. */
  claim(digest: Digest, lease: string): BlobInfo | undefined
  read(digest: Digest, range?: { start?: number; end?: number }): Readable
  /** All of it, verified. */
  bytes(digest: Digest, atMost: number): Buffer
  path(digest: Digest): string
  write(ref: string, expected?: Expected): Promise<Writer>
  label(digest: Digest, labels: Labels): void
  remove(digest: Digest): void
  walk(): Iterable<BlobInfo>
}
// #endregion content

export function contentIn(inside: Inside): Content {
  const { places, metadata, leases } = inside
  const rows = metadata.table<BlobRow>('blob')
  const info = (digest: Digest): BlobInfo | undefined => infoOf(digest, places, rows)
  return {
    info,
    claim: (digest, lease) => metadata.change(() => held(info(digest), lease, leases)),
    read: (digest, range) => createReadStream('', { ...inclusive(range), fd: opened(digest, places) }),
    bytes: (digest, atMost) => verified(digest, atMost, places),
    path: (digest) => places.blob(digest),
    write: (ref, expected = {}) => openWriter(inside, ref, expected),
    label: (digest, labels) => metadata.change(() => relabel(info(digest), labels, rows)),
    remove: (digest) => metadata.change(() => removeBlob(digest, places, rows), { frees: true }),
    walk: () => namesIn(places).digests.flatMap((digest) => info(digest) ?? []),
  }
}

/** A file with its final name is whole, whether the metadata has heard of it or not. */
function infoOf(digest: Digest, places: Places, rows: Table<BlobRow>): BlobInfo | undefined {
  const file = statSync(places.blob(digest), { throwIfNoEntry: false })
  if (!file) return undefined
  const { createdAt = file.mtime, labels = {} } = rows.get(digest) ?? {}
  return { digest, size: file.size, createdAt: new Date(createdAt), labels }
}

function held(info: BlobInfo | undefined, lease: string, leases: Leases): BlobInfo | undefined {
  if (info) leases.hold(lease, `content/${info.digest}`)
  return info
}

/** Streams of Node's count the last byte in. */
const inclusive = ({ start = 0, end = Infinity }: { start?: number; end?: number } = {}): {
  start: number
  end: number
} => ({
  start,
  end: end - 1,
})

function opened(digest: Digest, places: Places): number {
  try {
    return openSync(places.blob(digest), 'r')
  } catch (cause) {
    throw missing(digest, cause)
  }
}

// #region verified
export function verified(digest: Digest, atMost: number, places: Pick<Places, 'blob'>): Buffer {
  const size = statSync(places.blob(digest), { throwIfNoEntry: false })?.size
  if (size === undefined) throw missing(digest)
  if (size > atMost)
    throw new RangeError(`Cannot read ${digest}: it has ${size} bytes, and ${atMost} are the most here`)
  const bytes = readFileSync(places.blob(digest))
  if (digestOf(bytes, algorithmOf(digest)) === digest) return bytes
  throw new Damaged(digest)
}
// #endregion verified

export class Damaged extends Error {
  override readonly name = 'Damaged'
  readonly digest: Digest

  constructor(digest: Digest) {
    super(`Cannot read ${digest}: its file has other content than its name says\n  See: boxwright fsck`)
    this.digest = digest
  }
}

/** With the code that a file would have had. */
const missing = (digest: Digest, cause?: unknown): Error =>
  Object.assign(new Error(`Cannot read ${digest}: it is not there`, { cause }), { code: 'ENOENT' })

function relabel(info: BlobInfo | undefined, labels: Labels, rows: Table<BlobRow>): void {
  if (info) rows.put(info.digest, { createdAt: info.createdAt.toISOString(), labels: relabelled(info.labels, labels) })
}

/** The file first: metadata without a file says nothing, and is put right by fsck. */
export function removeBlob(digest: Digest, places: Places, rows: Table<BlobRow>): void {
  rmSync(places.blob(digest), { force: true })
  rows.remove(digest)
}
