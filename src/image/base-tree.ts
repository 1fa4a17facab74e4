/** The base image as files: made beside and renamed, compared with what its plan says, and mended. */
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { hasCode } from '../kernel/error-code.ts'
import { readMountInfo } from '../kernel/mountinfo.ts'
import type { BasePlan, Entry } from './base-plan.ts'

/** A plan that was carried out, with what stateOf() then said of each entry. */
export interface Manifest extends BasePlan {
  states: Record<string, string>
}

// #region make
/** @returns whether this process made it: of several at once, the first to rename its draft has. */
export function make(path: string, { entries }: BasePlan): boolean {
  using scratch = openScratch(dirname(path))
  const draft = join(scratch.path, 'image')
  for (const entry of entries) create(join(draft, entry.path), entry)
  // Children before parents: what is made in a directory changes its time.
  for (const entry of entries.toReversed()) stamp(join(draft, entry.path), entry)
  try {
    fs.renameSync(draft, path)
    return true
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST')) return false
    throw error
  }
}

function create(path: string, entry: Entry): void {
  if (entry.type === 'directory') fs.mkdirSync(path)
  else if (entry.type === 'link') fs.symlinkSync(entry.to, path)
  else if (entry.type === 'text') fs.writeFileSync(path, entry.text)
  else fs.copyFileSync(entry.of.real, path, fs.constants.COPYFILE_FICLONE)
}

/** Owner before mode: chown(2) takes bits of the mode away. */
function stamp(path: string, { type, mode }: Entry): void {
  if (process.geteuid?.() === 0) fs.lchownSync(path, 0, 0)
  if (type !== 'link') fs.chmodSync(path, mode)
  fs.lutimesSync(path, 0, 0)
}

/**
 * A directory for drafts, on the image's file system, out of a box's reach. An old one's process has died.
 */
export function openScratch(shelf: string): Disposable & { path: string } {
  for (const name of fs.readdirSync(shelf).filter((one) => one.startsWith('.draft-'))) {
    const stats = fs.statSync(join(shelf, name), { throwIfNoEntry: false })
    if (stats && Date.now() - stats.ctimeMs > 600_000) remove(join(shelf, name))
  }
  const path = fs.mkdtempSync(join(shelf, '.draft-'))
  return { path, [Symbol.dispose]: () => remove(path) }
}

const remove = (path: string): void => fs.rmSync(path, { recursive: true, force: true })
// #endregion make

// #region verify
/** Parents come first: a box may have put a link to the host where a directory was. */
export function verify(image: string, plan: BasePlan, known: Manifest | undefined): string[] {
  const states = { ...known?.states }
  const repaired: string[] = []
  for (const entry of plan.entries) {
    const path = join(image, entry.path)
    const before = states[entry.path]
    const now = stateOf(path)
    const sound = before === undefined ? isAsPlanned(path, entry) : now === before
    if (!sound && isMountedOver(path, image)) continue
    if (!sound) repaired.push(entry.path)
    states[entry.path] = sound ? now : mend(image, entry)
  }
  if (known !== plan || repaired.length > 0) writeManifest(image, { ...plan, states })
  return repaired
}

/**
 * inode(7). A directory's times tell of what is in it. Any other's ctime moves with each change, for good.
 */
function stateOf(path: string): string {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false })
  if (!stats) return 'missing'
  const { mode, uid, gid, size, mtimeMs, ctimeMs } = stats
  return [mode.toString(8), uid, gid, ...(stats.isDirectory() ? [] : [size, mtimeMs, ctimeMs])].join(' ')
}

/** For an image without a manifest, as when its maker has died or is about to write it. Reads all files. */
function isAsPlanned(path: string, entry: Entry): boolean {
  const stats = fs.lstatSync(path, { throwIfNoEntry: false })
  if (!stats || stats.uid !== process.geteuid?.() || (stats.mode & 0o7777) !== entry.mode) return false
  if (entry.type === 'directory') return stats.isDirectory()
  if (entry.type === 'link') return stats.isSymbolicLink() && fs.readlinkSync(path) === entry.to
  const content = entry.type === 'text' ? Buffer.from(entry.text) : fs.readFileSync(entry.of.real)
  return stats.isFile() && stats.mtimeMs === 0 && content.equals(fs.readFileSync(path))
}

/** What lies under a mount can't be seen, and what is seen there is not the image's. */
function isMountedOver(path: string, image: string): boolean {
  const below = readMountInfo().filter(({ mountPoint }) => mountPoint.startsWith(`${image}/`))
  return below.some(({ mountPoint }) => `${path}/`.startsWith(`${mountPoint}/`))
}

/**
 * Beside, then renamed: a process that runs the damaged file keeps it. What is not even of the same kind is
 * put aside, as there may be more in it than our file. @returns the entry's new state.
 */
function mend(image: string, entry: Entry): string {
  const path = join(image, entry.path)
  const there = fs.lstatSync(path, { throwIfNoEntry: false })
  const isDirectory = entry.type === 'directory'
  if (there && there.isDirectory() !== isDirectory) fs.renameSync(path, `${path}.displaced-${Date.now()}`)
  if (there?.isDirectory() && isDirectory) stamp(path, entry)
  else {
    using scratch = openScratch(dirname(image))
    const draft = join(scratch.path, 'draft')
    create(draft, entry)
    stamp(draft, entry)
    fs.renameSync(draft, path)
  }
  return stateOf(path)
}
// #endregion verify

// #region manifest
/** A manifest that can't be read is none: the image is then compared with the host's files. */
export function readManifests(shelf: string): Manifest[] {
  const names = fs.readdirSync(shelf).filter((name) => /^base-[0-9a-f]{12}\.json$/.test(name))
  return names.flatMap((name) => {
    try {
      return [JSON.parse(fs.readFileSync(join(shelf, name), 'utf8')) as Manifest]
    } catch {
      return []
    }
  })
}

function writeManifest(image: string, manifest: Manifest): void {
  using scratch = openScratch(dirname(image))
  const draft = join(scratch.path, 'manifest')
  fs.writeFileSync(draft, JSON.stringify(manifest))
  fs.renameSync(draft, `${image}.json`)
}
// #endregion manifest
