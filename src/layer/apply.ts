/**
 * A layer is put into a tree. A process of its own does it, which cannot reach anything but the tree (unpack.ts); this is who starts it, feeds it and
 * hears how it went.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { extname } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import { loaders } from '../kernel/loaders.ts'
import { algorithmOf, type Digest } from '../oci/digest.ts'
import { isLayer } from '../oci/media-types.ts'
import { endOf, feed } from './child.ts'
import { badLayer, LayerError, LowerNeeded } from './layer-error.ts'
import type { Answer, Request } from './unpack.ts'

export interface ApplyOptions {
  /** What the layer has to unpack to: from the image's configuration, which says so for each of its layers. */
  diffId?: Digest
  /** The tree is an upper directory of overlay's: whiteouts are put down as overlay has them, instead of deleting. */
  overlay?: boolean
  /** It is one of several layers, and the others are not to be seen. */
  alone?: boolean
  /** Of a blob that is no file, from its descriptor: how far it may unpack follows from it. */
  size?: number
  /** The most bytes, and the most entries, that it may unpack to. */
  limits?: { size?: number; entries?: number }
  /** The words that start a program where the tree is, for one that is not there for all. */
  under?: (argv: string[]) => string[]
}

export interface Applied {
  diffId: Digest
  /** Bytes of the tar archive. */
  size: number
  entries: number
  /** What could not be had here, in words: devices in a user namespace, xattrs that the file system has not. */
  skipped: string[]
  /** It says what the root looks like. */
  root: boolean
}

// #region apply
/**
 * @param blob a file's path, or bytes as they come.
 * @throws LayerError when something is wrong with the layer: then it is there in part, and the caller throws the tree away.
 * @throws LowerNeeded when it cannot be unpacked alone: likewise.
 */
export async function applyLayer(
  blob: Readable | string,
  mediaType: string,
  target: string,
  options: ApplyOptions = {},
): Promise<Applied> {
  if (!isLayer(mediaType)) throw badLayer(`"${mediaType}" is no layer’s media type`)
  const file = typeof blob === 'string' ? openSync(blob, 'r') : undefined
  try {
    const size = file === undefined ? options.size : fstatSync(file).size
    const child = start(requestOf(target, size, options), file ?? 'pipe', options.under)
    const fed = typeof blob === 'string' ? Promise.resolve() : feed(blob, child) // a file it has itself
    const ends = [fed, answerOf(child)] as const
    await Promise.allSettled(ends) // nobody writes to the tree any more, however it ended
    await ends[0]
    return checked(await ends[1], options.diffId)
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
// #endregion apply

// #region bounds
/** gzip makes a thousand bytes of one where they are all the same. No layer that anybody wanted does that for long. */
const TIMES = 100
const ALWAYS = 2 ** 30
/** A layer of an image with all of Debian's desktops has a tenth of it. */
const ENTRIES = 4_000_000

const requestOf = (target: string, size: number | undefined, options: ApplyOptions): Request => ({
  target,
  overlay: options.overlay ?? false,
  alone: options.alone ?? false,
  algorithm: options.diffId ? algorithmOf(options.diffId) : 'sha256',
  size: options.limits?.size ?? (size === undefined ? Number.MAX_SAFE_INTEGER : Math.max(ALWAYS, TIMES * size)),
  entries: options.limits?.entries ?? ENTRIES,
})
// #endregion bounds

/** Beside this file as TypeScript; beside the bundle as JavaScript. */
const PROGRAM = fileURLToPath(new URL(`unpack${extname(import.meta.url)}`, import.meta.url))

/** Without an environment: none of it is about a layer. */
function start(
  request: Request,
  blob: number | 'pipe',
  under: NonNullable<ApplyOptions['under']> = itself,
): ChildProcess {
  const words = [process.execPath, ...loaders(), PROGRAM, JSON.stringify(request)]
  const [program = '', ...rest] = under(words)
  return spawn(program, rest, { stdio: [blob, 'pipe', 'pipe'], env: {} })
}

const itself = (words: string[]): string[] => words

type Told = Answer | { refused: string; kind: string }

async function answerOf(child: ChildProcess): Promise<Answer> {
  const [said, complaint, { status, signal }] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    endOf(child),
  ])
  if (said === '')
    throw badLayer(`the process that does it has ended with ${signal ?? `status ${status}`}: ${complaint.trim()}`)
  const told = JSON.parse(said) as Told
  if ('refused' in told) throw new (told.kind === 'LowerNeeded' ? LowerNeeded : LayerError)(told.refused)
  return told
}

function checked({ digest, ...answer }: Answer, diffId: Digest | undefined): Applied {
  if (diffId === undefined || digest === diffId) return { diffId: digest as Digest, ...answer }
  throw badLayer(`it unpacks to ${digest}, and the image says ${diffId}`)
}
