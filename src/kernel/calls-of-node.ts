/** Calls that Node has by itself, under the kernel's names: whoever needs no others loads no FFI. */
import { mkdirSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dissolveCgroup, removeCgroup } from './cgroup-remove.ts'
import { SyscallError } from './error.ts'
import { unlinkEmpty } from './unlink-empty.ts'

/** Synchronously, on this same thread. Their errors are given the face of the others. */
export function throughNode<A extends unknown[]>(name: string, call: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      call(...args)
    } catch (error) {
      const { errno } = error as NodeJS.ErrnoException
      throw errno === undefined ? error : new SyscallError(name, args, -errno, { cause: error })
    }
  }
}

export const callsOfNode = {
  mkdir: throughNode('mkdir', (path: string, mode: number) => mkdirSync(path, { mode })),
  rmdir: throughNode('rmdir', (path: string) => rmdirSync(path)),
  symlink: throughNode('symlink', (target: string, linkpath: string) => symlinkSync(target, linkpath)),
  /** open(2) for writing, write(2), close(2). Never creates a file: the kernel's own files are all there. */
  write: throughNode('write', (path: string, data: string) => writeFileSync(path, data, { flag: 'r+' })),
  /** Ends what still lives in a cgroup, waits, and removes it with everything below it. */
  remove_cgroup: throughNode('remove_cgroup', (path: string) => removeCgroup(path)),
  /** Puts what lives in a cgroup back into its parent, and removes it. */
  dissolve_cgroup: throughNode('dissolve_cgroup', (path: string) => dissolveCgroup(path)),
  /** Removes an empty file below a root, following no links. */
  unlink_empty: throughNode('unlink_empty', (path: string, root: string) => unlinkEmpty(path, root)),
}

/** A refusal by the kernel is a result. @returns an errno. */
export function attempt(call: (...args: unknown[]) => void, args: readonly unknown[]): number {
  try {
    call(...args)
    return 0
  } catch (error) {
    if (error instanceof SyscallError) return -error.errno
    throw error
  }
}
