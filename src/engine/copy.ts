/**
 * Files are copied into a container or out of it. A process in the one tree writes an archive, a process in the other reads it (carry.ts); either may be the
 * archive of whoever asks. Of a container that runs the tree is what its first process sees, volumes included; of another, what it has written on its image.
 */
import { spawn, type ChildProcess, type StdioNull, type StdioPipe } from 'node:child_process'
import { extname } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as later } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import { snapshotsOf, type Stores } from '../image/stores.ts'
import { loaders } from '../kernel/loaders.ts'
import { endOf, feed } from '../layer/child.ts'
import { load } from '../runtime/container.ts'
import { usualSettings } from '../runtime/settings.ts'
import { openApart } from '../snapshot/apart.ts'
import type { Errand } from './carry.ts'
import type { Kept, Shelf } from './kept.ts'
import { isRunning } from './status.ts'
import { requireRunning } from './stop.ts'
import { takeTurn } from './turn.ts'

/** Something that files are in: `words` starts a program that can get there. */
interface Ground extends Disposable {
  root: string
  words(argv: string[]): string[]
}

/** One end of the way. */
export interface End {
  ground: Ground
  /** Absolute; as it was given, but for that. */
  path: string
  /** For a person. */
  shown: string
}

/** Standard input, or standard output. */
export const STREAM = 'stream'

interface CopyWish {
  keepsOwner: boolean
  follows: boolean
}

// #region ground
export const machine: Ground = { root: '/', words: (argv) => argv, [Symbol.dispose]: () => {} }

/** @throws Error when it runs where we cannot see it. */
export async function groundOf(stores: Stores, shelf: Shelf, kept: Kept): Promise<Ground> {
  for (;;) {
    const turn = await takeTurn(stores, shelf, kept)
    if (turn) return inTurn(openApart(snapshotsOf(stores, kept.snapshotter).mounts(kept.snapshot)), turn)
    const root = rootOf(shelf, shelf.find(kept.id))
    if (root !== undefined) return { ...machine, root }
    await later(20) // it is just beginning, or ending
  }
}

function rootOf(shelf: Shelf, kept: Kept): string | undefined {
  if (!isRunning(shelf, kept)) return undefined
  requireRunning(shelf, kept, 'copy files of')
  const first = load(usualSettings(), kept.id).first
  return first && `/proc/${first.pid}/root`
}

function inTurn(ground: Ground, turn: Disposable): Ground {
  return {
    ...ground,
    [Symbol.dispose]: () => {
      ground[Symbol.dispose]()
      turn[Symbol.dispose]()
    },
  }
}
// #endregion ground

// #region copy
/** @returns what was left out, in words. @throws Error */
export async function copy(from: End | typeof STREAM, to: End | typeof STREAM, wish: CopyWish): Promise<string[]> {
  const [isArchive, base] = [from === STREAM, from === STREAM ? '' : baseOf(from.path)]
  const [give, take] = [from === STREAM, to === STREAM].map((isStream) => (isStream ? 'inherit' : 'pipe'))
  const out = from === STREAM ? undefined : begin(from, { ...wish, is: 'out', base }, ['ignore', take])
  const into = to === STREAM ? undefined : begin(to, { ...wish, is: 'in', base, isArchive }, [give, 'pipe'])
  const ends = [out, into].flatMap((child) => (child ? [expectDone(child)] : []))
  const left = into ? text(into.stdout as Readable) : '[]'
  if (out && into) await feed(out.stdout as Readable, into)
  await Promise.allSettled(ends)
  await Promise.all(ends) // what the first says comes first: without it the other has nothing to do
  return JSON.parse(await left) as string[]
}
// #endregion copy

/** `/etc` is called `etc` in an archive; of `/`, and of what ends in `/.`, it is the content that is copied. */
function baseOf(path: string): string {
  const last = path.split('/').findLast((part) => part !== '') ?? '.'
  return last === '.' || last === '..' ? '' : bytes(last)
}

/** As names are kept: a character a byte. */
const bytes = (path: string): string => Buffer.from(path).toString('latin1')

/** Beside this file as TypeScript; beside the bundle as JavaScript. */
const PROGRAM = fileURLToPath(new URL(`carry${extname(import.meta.url)}`, import.meta.url))

type Part<T> = T extends Errand ? Omit<T, 'root' | keyof Omit<End, 'ground'>> : never

/** Without an environment: none of it is about files. */
function begin({ ground, path, shown }: End, part: Part<Errand>, stdio: (StdioNull | StdioPipe)[]): ChildProcess {
  const errand = { ...part, root: ground.root, path: bytes(path), shown }
  const [program = '', ...words] = ground.words([process.execPath, ...loaders(), PROGRAM, JSON.stringify(errand)])
  return spawn(program, words, { stdio: [...stdio, 'pipe'], env: {} })
}

/** @throws Error with what it has said. */
async function expectDone(child: ChildProcess): Promise<void> {
  const [complaint, { status, signal }] = await Promise.all([text(child.stderr as Readable), endOf(child)])
  if (status === 0) return
  throw new Error(complaint || `Cannot copy: the process that does it has ended with ${signal ?? status}`)
}
