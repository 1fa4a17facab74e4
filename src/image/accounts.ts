/** The users of a root file system, read from outside without following a link out of it. What is there may be anything that somebody has made. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { hasCode } from '../kernel/error-code.ts'
import { resolveInRoot } from '../kernel/in-root.ts'
import type { Accounts } from '../oci/user.ts'

/** A machine has thousands of users, and a file of theirs no more than this. */
const MOST_BYTES = 1 << 20

export const readAccounts = (rootfs: string): Accounts => ({
  passwd: read(rootfs, '/etc/passwd'),
  group: read(rootfs, '/etc/group'),
})

/** @returns nothing of a file that is not there. @throws Error of one that is none, or is too long. */
function read(rootfs: string, path: string): string {
  const file = open(rootfs, path)
  if (file === undefined) return ''
  try {
    const stat = fstatSync(file)
    if (!stat.isFile() || stat.size > MOST_BYTES)
      throw new Error(
        `Cannot read "${path}" of the box: ${stat.isFile() ? `it has ${stat.size} bytes` : 'it is no file'}`,
      )
    const bytes = Buffer.alloc(stat.size)
    return bytes.subarray(0, readSync(file, bytes)).toString()
  } finally {
    closeSync(file)
  }
}

/** A fifo would keep us waiting. */
function open(rootfs: string, path: string): number | undefined {
  try {
    return openSync(resolveInRoot(rootfs, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
    throw error
  }
}
