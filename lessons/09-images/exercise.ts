/**
 * Lesson 9, your program: an image becomes a directory.
 *
 *   npx tsx THIS_FILE unpack LAYOUT TARGET      to try it, as root
 *   boxwright check 9                           to have it judged
 *   boxwright hint                              when you are stuck
 */
import { openSync } from 'node:fs'
import { entriesOf, layersIn, program, put } from './given.ts'

program(import.meta, unpack)

async function unpack(layout: string, target: string): Promise<void> {
  const layers = layersIn(layout)
  // TODO 1: The name of a layer's file says what is in it. Is it so? `digestOf` of src/oci/digest.ts makes a name of bytes.
  const blobs = layers.map(({ file }) => openSync(file, 'r'))
  // TODO 2: From here on no name in a layer should mean anything outside. `chroot` is given too; which root is `root` then?
  for (const blob of blobs.slice(0, 1)) await unpackLayer(blob, target) // TODO 3: And the others? In which order?
}

async function unpackLayer(blob: number, root: string): Promise<void> {
  for await (const entry of entriesOf(blob)) {
    // TODO 4: Some entries are no files: they say that one is gone. `whiteoutOf` of src/layer/whiteout.ts knows them by their names.
    // TODO 5: And some say that all of a directory is gone, but for what this very layer has put there. So you have to remember that.
    await put(root, entry)
  }
}
