/** Images at a stage, since lesson 9: `run --image`, and `unpack`. Loaded for these alone. */
import { existsSync, mkdirSync } from 'node:fs'
import { openStore } from '../content/store.ts'
import { imageDirectory } from '../image/directory.ts'
import { resolveImage } from '../image/find.ts'
import { isLayout, openLayout } from '../image/layout-directory.ts'
import { rootfsOf, unpackInto } from '../image/rootfs-of.ts'
import type { Digest } from '../oci/digest.ts'
import { Complaint } from '../workshop/complaint.ts'
import { getImage } from './image/get.ts'

// #region image
/** @param word a directory that is a layout, or an image's name. @returns its root file system. */
// ts-unused-exports:disable-next-line
export async function rootfsOfImage(word: string): Promise<string> {
  if (isLayout(word)) return rootfsOf(openLayout(word), imageDirectory())
  if (existsSync(word))
    throw new Complaint(
      `Cannot run "${word}": it is no image: it has no index.json\n  An image in a directory is an OCI layout: boxwright save IMAGE | tar -x -C DIRECTORY`,
    )
  using store = openStore()
  const { target } = await getImage({ store }, word, { pull: 'missing' })
  const blob = (digest: Digest): string => store.content.path(digest)
  return await rootfsOf({ image: resolveImage(store, target), blob }, imageDirectory())
}

/** `boxwright stage 9 unpack LAYOUT TARGET`. @returns the exit status. */
// ts-unused-exports:disable-next-line
export async function unpackLayout([layout, target, ...more]: readonly string[]): Promise<number> {
  if (layout === undefined || target === undefined || more.length > 0)
    throw new Complaint('Cannot unpack: two words are wanted\n  Write: boxwright stage 9 unpack LAYOUT TARGET')
  mkdirSync(target, { recursive: true })
  await unpackInto(openLayout(layout), target)
  return 0
}
// #endregion image
