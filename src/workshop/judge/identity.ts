/** Which directory is it? One has many paths, and a path leads to many; device and inode are the directory: inode(7). */
import { statSync } from 'node:fs'

export function identity(path: string): string {
  const { dev, ino } = statSync(path)
  return `${dev}:${ino}`
}
