/** Where each thing lies: `content/blobs/sha256/…` by its digest, as image-spec image-layout.md has it; and what is still on its way in, beside it. */
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { algorithmOf, digestOf, encodedOf, isDigest, type Digest } from '../oci/digest.ts'

/** Root's, or one's own. */
export function dataDirectory(): string {
  const { BOXWRIGHT_DATA, XDG_DATA_HOME } = process.env
  if (BOXWRIGHT_DATA) return BOXWRIGHT_DATA
  return process.geteuid?.() === 0
    ? '/var/lib/boxwright'
    : join(XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'boxwright')
}

// #region places
export interface Places {
  metadata: string
  blobs: string
  ingest: string
  /** What fsck has set aside. */
  damaged: string
  blob(digest: Digest): string
  /** What a writer has called it may be no name of a file. */
  part(ref: string): string
}

const ALGORITHMS = ['sha256', 'sha512'] as const

export function placesIn(directory: string): Places {
  const [blobs, ingest, damaged] = ['blobs', 'ingest', 'damaged'].map((name) => join(directory, 'content', name)) as [
    string,
    string,
    string,
  ]
  return {
    metadata: join(directory, 'meta.db'),
    blobs,
    ingest,
    damaged,
    blob: (digest) => join(blobs, algorithmOf(digest), encodedOf(digest)),
    part: (ref) => join(ingest, partName(ref)),
  }
}
// #endregion places

export const partName = (ref: string): string => encodedOf(digestOf(ref))

export function makePlaces({ blobs, ingest }: Places): void {
  for (const path of [...ALGORITHMS.map((algorithm) => join(blobs, algorithm)), ingest])
    mkdirSync(path, { recursive: true, mode: 0o700 })
}

/** @returns a digest for each file, in order; and files whose names are none. */
export function namesIn({ blobs }: Places): { digests: Digest[]; strangers: string[] } {
  const names = ALGORITHMS.flatMap((algorithm) =>
    readdirSync(join(blobs, algorithm))
      .sort()
      .map((encoded) => `${algorithm}:${encoded}`),
  )
  return {
    digests: names.filter(isDigest),
    strangers: names.filter((name) => !isDigest(name)).map((name) => join(blobs, name.replace(':', '/'))),
  }
}

/** A new name is on the disk when its directory is: fsync(2). */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
