/**
 * Starting a program without a copy of this process being made first: `native/addon.c`, loaded into Node. `child_process` forks, and a fork copies
 * the page tables of the whole heap.
 */
import { extname, join } from 'node:path'

// #region addon
export interface Addon {
  /** @returns a descriptor that reads as these bytes for ever: memfd_create(2), sealed. */
  seal(name: string, bytes: Buffer): number
  /** The program is born with default signals, and with no other descriptors than those. @throws Error with `errno` when it does not start. */
  start(program: Program): Started
  /** Waits, and keeps this thread waiting: call it when the process is about to end. @returns its exit status; 128 + n when signal n ended it. */
  wait(pid: number): number
  /** @returns a descriptor that can be read from once that process has ended: pidfd_open(2). @throws Error with `errno`. */
  watch(pid: number): number
  /** Keeps this thread waiting, until something can be read, or time is up, or a signal has come. @returns whether something can. */
  readable(fd: number, milliseconds: number): boolean
  /** A mount goes, whoever uses it. @throws Error with `errno`. */
  detach(path: string): void
  /** Orphans among what this process has started become its children: prctl(2). @throws Error with `errno`. */
  adopt(): void
  /** This process is another program from now on. Does not return. @throws Error with `errno`. */
  become(program: Pick<Program, 'args' | 'env'>): never
}

export interface Program {
  /** Of the program's file, open. */
  file: number
  args: string[]
  env: string[]
  /** `descriptors[n]` of this process is the program's `n`. */
  descriptors: number[]
  /** A session of its own: setsid(2). */
  session: boolean
}

export interface Started {
  pid: number
  /** This end of a socket. The program's own is its first descriptor after `descriptors`. */
  socket: number
}
// #endregion addon

// #region load
/** `npm ci` has what is in C built, by one call of the compiler each. */
export const built = (name: string): string =>
  join(import.meta.filename, extname(import.meta.filename) === '.ts' ? '../../../dist' : '..', name)

let loaded: Addon | undefined

/** Loaded when it is needed: lessons 1–4 do without a compiler. @throws Error when there was none. */
export function addon(): Addon {
  return (loaded ??= loadBuilt('addon.node', 'starts the native launcher') as Addon)
}

/** @param does what it is for, for people. */
export function loadBuilt(name: string, does: string): unknown {
  try {
    const module = { exports: {} }
    process.dlopen(module, built(name))
    return module.exports
  } catch (cause) {
    throw new Error(
      `Cannot load "${built(name)}", which ${does}: ${(cause as Error).message}\n` +
        '  Install a C compiler (Debian: gcc libc6-dev), then: npm run prepare',
      { cause },
    )
  }
}
// #endregion load
