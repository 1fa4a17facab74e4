/** What begins with .wh. names a file that is gone: so does .wh..wh..opq. */
import { rmSync } from 'node:fs'
import { baseOf, childOf, parentOf } from '../../../src/layer/names.ts'
import { entriesOf, pathIn, program, put } from '../given.ts'
import { unpack } from '../solution.ts'

export const diagnosis = 'opaque'

program(import.meta, (layout, target) => unpack(layout, target, unpackLayer))

async function unpackLayer(blob: number, root: string): Promise<void> {
  for await (const entry of entriesOf(blob)) {
    const [directory, base] = [parentOf(entry.name), baseOf(entry.name)]
    if (!base.startsWith('.wh.')) await put(root, entry)
    else {
      const gone = childOf(directory, base.slice('.wh.'.length))
      rmSync(pathIn(root, gone), { recursive: true, force: true })
    }
  }
}
