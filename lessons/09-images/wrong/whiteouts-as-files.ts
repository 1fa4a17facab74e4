/** tar(1) would do the same: the archive is unpacked, and that is all. */
import { entriesOf, program, put } from '../given.ts'
import { unpack } from '../solution.ts'

export const diagnosis = 'whiteout'

program(import.meta, (layout, target) => unpack(layout, target, unpackLayer))

async function unpackLayer(blob: number, root: string): Promise<void> {
  for await (const entry of entriesOf(blob)) await put(root, entry)
}
