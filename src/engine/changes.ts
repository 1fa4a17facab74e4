/** What a container has changed in its root file system: the layer that it would be, read instead of kept. */
import { PassThrough } from 'node:stream'
import { filesOf } from '../image/layers.ts'
import { resolveImage } from '../image/find.ts'
import type { Stores } from '../image/stores.ts'
import { ByteReader } from '../layer/byte-reader.ts'
import { readTar } from '../layer/tar-read.ts'
import { whiteoutOf } from '../layer/whiteout.ts'
import type { Kept } from './kept.ts'
import { writtenBy } from './written.ts'

export interface Changed {
  /** Added, changed or deleted: as Docker's letters. */
  kind: 'A' | 'C' | 'D'
  path: string
}

// #region changes
export async function changesOf(stores: Stores, kept: Kept): Promise<Changed[]> {
  const before = await filesOf(stores.store, resolveImage(stores.store, kept.target))
  const tar = new PassThrough()
  const [, changed] = await Promise.all([writtenBy(stores, kept, tar), read(tar, before)])
  return changed.sort((one, other) => (one.path < other.path ? -1 : 1))
}

async function read(tar: AsyncIterable<Buffer>, before: ReadonlySet<string>): Promise<Changed[]> {
  const all: Changed[] = []
  for await (const { name } of readTar(new ByteReader(tar))) {
    const whiteout = whiteoutOf(name)
    if (whiteout.is === 'gone') all.push({ kind: 'D', path: `/${whiteout.name}` })
    if (whiteout.is === 'none' && name !== '') all.push({ kind: before.has(name) ? 'C' : 'A', path: `/${name}` })
  }
  return all
}
// #endregion changes
