/** Lesson 9: what your program finds ready. The layers of a layout, the entries of a layer, a file for an entry, and chroot(2). */
import * as fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openLayout } from '../../src/image/layout-directory.ts'
import { ByteReader } from '../../src/layer/byte-reader.ts'
import { decompressed, openBlob } from '../../src/layer/compression.ts'
import { inode } from '../../src/layer/inode.ts'
import { bytesOf, clean, parentOf, type Name } from '../../src/layer/names.ts'
import { readTar, type Entry } from '../../src/layer/tar-read.ts'
import type { Digest } from '../../src/oci/digest.ts'

export interface Layer {
  digest: Digest
  /** Where its blob lies. */
  file: string
}

/** In the order of the manifest. The manifest itself has been checked. */
export function layersIn(layout: string): Layer[] {
  const { image, blob } = openLayout(layout)
  return image.manifest.layers.map(({ digest }) => ({
    digest,
    file: blob(digest),
  }))
}

/** @param fd of the blob, compressed or not. */
export const entriesOf = (fd: number): AsyncIterable<Entry> =>
  readTar(new ByteReader(decompressed(openBlob(fd))))

/** Lesson 1’s call, for this whole process. */
export const chroot = (path: string): void => inode().chroot(Buffer.from(path))

/** A name is bytes, in no encoding. @param root `/`, or where the tree is. */
export const pathIn = (root: string, name: Name): Buffer =>
  Buffer.concat([Buffer.from(`${root}/`), bytesOf(name)])

// #region put
/** An entry becomes a file below the root. What has its name goes first, but for a directory that is to be one. */
export async function put(root: string, entry: Entry): Promise<void> {
  const path = pathIn(root, entry.name)
  fs.mkdirSync(pathIn(root, parentOf(entry.name)), { recursive: true })
  if (entry.kind === 'directory' && isDirectory(path)) return
  fs.rmSync(path, { recursive: true, force: true })
  if (entry.kind === 'directory') fs.mkdirSync(path)
  else if (entry.kind === 'symlink') fs.symlinkSync(entry.target, path)
  else if (entry.kind === 'link')
    fs.linkSync(pathIn(root, clean(entry.target)), path)
  else if (entry.kind === 'file') await write(path, entry)
}
// #endregion put

const isDirectory = (path: Buffer): boolean =>
  fs.lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true

async function write(path: Buffer, entry: Entry): Promise<void> {
  const fd = fs.openSync(path, 'wx')
  for await (const { offset, bytes } of entry.content)
    fs.writeSync(fd, bytes, 0, bytes.length, offset)
  fs.fchmodSync(fd, entry.mode)
  fs.closeSync(fd)
}

/** Runs what you have written when the file is started: `FILE unpack LAYOUT TARGET`. */
export function program(
  { url }: ImportMeta,
  unpack: (layout: string, target: string) => Promise<void>,
): void {
  const [, started = '', verb, layout, target] = process.argv
  if (verb !== 'unpack' || fs.realpathSync(started) !== fileURLToPath(url))
    return
  if (layout === undefined || target === undefined) return
  unpack(layout, target).catch((error: unknown) => {
    console.error(String(error))
    process.exit(1)
  })
}
