/** A directory is emptied when its marker comes, with what its own layer has just put there. */
import { readdirSync, rmSync } from 'node:fs'
import { childOf, type Name } from '../../../src/layer/names.ts'
import { whiteoutOf } from '../../../src/layer/whiteout.ts'
import { entriesOf, pathIn, program, put } from '../given.ts'
import { unpack } from '../solution.ts'

export const diagnosis = 'opaque'

program(import.meta, (layout, target) => unpack(layout, target, unpackLayer))

async function unpackLayer(blob: number, root: string): Promise<void> {
  for await (const entry of entriesOf(blob)) {
    const whiteout = whiteoutOf(entry.name)
    if (whiteout.is === 'gone') remove(root, whiteout.name)
    if (whiteout.is === 'opaque')
      for (const base of readdirSync(pathIn(root, whiteout.name), 'latin1'))
        remove(root, childOf(whiteout.name, base))
    if (whiteout.is === 'none') await put(root, entry)
  }
}

const remove = (root: string, name: Name): void =>
  rmSync(pathIn(root, name), { recursive: true, force: true })
