/** Lesson 9, the reference: an image becomes a directory. */
import { lstatSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { childOf, type Name } from '../../src/layer/names.ts'
import { Seen } from '../../src/layer/seen.ts'
import { whiteoutOf } from '../../src/layer/whiteout.ts'
import { algorithmOf, digestOf } from '../../src/oci/digest.ts'
import {
  chroot,
  entriesOf,
  layersIn,
  pathIn,
  program,
  put,
  type Layer,
} from './given.ts'

program(import.meta, (layout, target) => unpack(layout, target))

export async function unpack(
  layout: string,
  target: string,
  unpackOne = unpackLayer,
): Promise<void> {
  const layers = layersIn(layout)
  layers.forEach(expectWhole)
  const blobs = layers.map(({ file }) => openSync(file, 'r'))
  chroot(target)
  for (const blob of blobs) await unpackOne(blob, '/')
}

export function expectWhole({ digest, file }: Layer): void {
  if (digestOf(readFileSync(file), algorithmOf(digest)) !== digest)
    throw new Error(`Cannot unpack ${digest}: its file has other content`)
}

export async function unpackLayer(blob: number, root: string): Promise<void> {
  const seen = new Seen()
  for await (const entry of entriesOf(blob)) {
    const whiteout = whiteoutOf(entry.name)
    if (whiteout.is === 'gone') hide(root, whiteout.name, seen)
    if (whiteout.is === 'opaque') hideBelow(root, whiteout.name, seen)
    if (whiteout.is !== 'none') continue
    await put(root, entry)
    seen.add(entry.name)
  }
}

/** A whiteout is about the layers below, never about what its own layer has brought. */
function hide(root: string, name: Name, seen: Seen): void {
  const path = pathIn(root, name)
  if (!seen.has(name)) rmSync(path, { recursive: true, force: true })
  else if (lstatSync(path).isDirectory()) hideBelow(root, name, seen)
}

function hideBelow(root: string, directory: Name, seen: Seen): void {
  for (const base of readdirSync(pathIn(root, directory), 'latin1'))
    hide(root, childOf(directory, base), seen)
}
