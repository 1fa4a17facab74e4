/** What a tree takes: a file with several names is one file. containerd counts so, too. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Usage } from './snapshotter.ts'

/** stat(2): st_blocks, whatever the file system's own blocks are. */
const BLOCK = 512

// #region usage
export function usageOf(directory: string): Usage {
  const seen = new Set<number>()
  let blocks = 0
  const count = (path: string): void => {
    const stat = fs.lstatSync(path)
    if (stat.isDirectory()) for (const name of fs.readdirSync(path)) count(join(path, name))
    if (seen.has(stat.ino)) return
    seen.add(stat.ino)
    blocks += stat.blocks
  }
  count(directory)
  return { size: blocks * BLOCK, inodes: seen.size }
}
// #endregion usage
