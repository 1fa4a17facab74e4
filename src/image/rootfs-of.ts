/**
 * Lesson 9. An image becomes a root file system: its layers are unpacked one on top of the other, into one directory. There is one for each image, and all
 * boxes of that image have it together; lesson 11 has something better.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { digestOfFile } from '../content/digest-of-file.ts'
import { hasCode } from '../kernel/error-code.ts'
import { applyLayer } from '../layer/apply.ts'
import { chainIds } from '../layer/chain.ts'
import { encodedOf, type Digest } from '../oci/digest.ts'
import { openScratch } from './base-tree.ts'
import { openImages } from './directory.ts'
import { namedLayers } from './find.ts'
import type { Source } from './layout-directory.ts'

// #region unpack
/** @param target a directory with nothing in it. @throws Error, and then what is there is half an image: throw it away. */
export async function unpackInto({ image, blob }: Source, target: string): Promise<void> {
  for (const { layer, diffId } of namedLayers(image)) {
    const { digest, mediaType, size } = layer
    await expectWhole(blob(digest), digest)
    await applyLayer(blob(digest), mediaType, target, { size, diffId })
  }
}

/** Whoever has the name can tell whether it is the thing. */
async function expectWhole(file: string, digest: Digest): Promise<void> {
  if ((await digestOfFile(file, digest)) === digest) return
  throw new Error(`Cannot unpack ${digest}: its file has other content than its name says\n  Get it again`)
}
// #endregion unpack

// #region rootfs
/** @param directory where images are kept. @returns the root file system, which is there from now on. */
export async function rootfsOf(source: Source, directory: string): Promise<string> {
  const shelf = openImages(directory)
  const name = chainIds(source.image.config.rootfs.diff_ids).at(-1)
  const path = join(shelf, `image-${name ? encodedOf(name).slice(0, 12) : 'empty'}`)
  if (existsSync(path)) return path
  using scratch = openScratch(shelf)
  const draft = join(scratch.path, 'rootfs')
  mkdirSync(draft)
  await unpackInto(source, draft)
  comeFirst(draft, path)
  return path
}

/** Somebody else may have had the same idea: both have unpacked the same. rename(2). */
function comeFirst(draft: string, path: string): void {
  try {
    renameSync(draft, path)
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
  }
}
// #endregion rootfs
