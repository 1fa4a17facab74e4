import { constants } from 'node:os'

/** A system call that the kernel refused. It has the property names of Node's own errors, so `err.code === 'ENOENT'` works. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError'
  readonly syscall: string
  readonly args: readonly unknown[]
  /** Negative, as in Node's own errors. */
  readonly errno: number
  readonly code: string

  constructor(syscall: string, args: readonly unknown[], errno: number, options?: ErrorOptions) {
    const code = errnoName(errno)
    super(`Cannot ${syscall}(${args.map(String).join(', ')}): ${code}`, options)
    this.syscall = syscall
    this.args = args
    this.errno = -errno
    this.code = code
  }
}

/** `<errno.h>`, with two that mount(2) and unshare(2) give and Node does not know. */
export const ERRNO: Readonly<Record<string, number>> = { ...constants.errno, ENOTBLK: 15, EUSERS: 87 }

/** `2` → `ENOENT`: errno(3). util.getSystemErrorName() has no name for some that the kernel does give, ENOEXEC and EDQUOT among them. */
export function errnoName(errno: number): string {
  const [name] = Object.entries(ERRNO).find(([, number]) => number === errno) ?? []
  return name ?? `errno ${errno}`
}
