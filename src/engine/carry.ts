/**
 * The process that goes into a tree to copy from it, or to it: started by copy.ts. Like lesson 9's it makes the tree its root when it has loaded all that it
 * needs, so that neither a link nor a race leads anywhere else (CVE-2018-15664), and nothing of the tree's is ever loaded (CVE-2019-14271).
 */
import { writeSync } from 'node:fs'
import { hasCode } from '../kernel/error-code.ts'
import { inode } from '../layer/inode.ts'
import { readNumbers } from '../layer/numbers.ts'
import { openTree } from '../layer/tree.ts'
import { bringIn, type BringIn } from './bring-in.ts'
import { bringOut, type BringOut } from './bring-out.ts'

export type Errand = (BringIn | BringOut) & {
  /** The tree. */
  root: string
}

// #region carry
async function carry(errand: Errand): Promise<void> {
  const tree = openTree({ overlay: false, alone: false }, readNumbers())
  process.umask(0)
  inode().chroot(Buffer.from(errand.root))
  if (errand.is === 'out') await bringOut(errand, process.stdout)
  else writeSync(1, JSON.stringify(await bringIn(errand, tree)))
}
// #endregion carry

try {
  await carry(JSON.parse(process.argv[2] ?? '') as Errand)
} catch (error) {
  if (hasCode(error, 'EPIPE')) process.exit(0) // whoever does not listen knows why
  writeSync(2, error instanceof Error ? error.message : String(error))
  process.exit(1) // whatever of the archive is still being read
}
