/**
 * Starting a program without a copy of this process being made first: `native/addon.c`, loaded into Node. `child_process` forks, and a fork copies
 * the page tables of the whole heap.
 */
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

// #region addon
export interface Addon {
  /** @returns a descriptor that reads as these bytes for ever: memfd_create(2), sealed. */
  seal(name: string, bytes: Buffer): number
  /** The program is born with default signals, and with no other descriptors than those. @throws Error with `errno` when it does not start. */
  start(program: Program): Started
  /** Waits, and keeps this thread waiting: call it when the process is about to end. @returns its exit status; 128 + n when signal n ended it. */
  wait(pid: number): number
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
  fileURLToPath(new URL(extname(import.meta.url) === '.ts' ? `../../dist/${name}` : name, import.meta.url))

const load = createRequire(import.meta.url)
let loaded: Addon | undefined

/** Loaded when it is needed: lessons 1–4 do without a compiler. @throws Error when there was none. */
export function addon(): Addon {
  return (loaded ??= loadAddon())
}
// #endregion load

function loadAddon(): Addon {
  try {
    return load(built('addon.node')) as Addon
  } catch (cause) {
    throw new Error(
      `Cannot load "${built('addon.node')}", which starts the native launcher: ${(cause as Error).message}\n` +
        '  Install a C compiler (Debian: gcc libc6-dev), then: npm run prepare',
      { cause },
    )
  }
}
