/**
 * The base image: a root file system made of the host's own files, so that the first box needs no download.
 * It is made once, kept beside a manifest, and shared by all boxes with nothing in between: what one box has
 * damaged is mended before the next.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { readMountInfo } from '../kernel/mountinfo.ts'
import { elfReader, householdOf, isProgram, type Shelves } from './libraries.ts'

export interface Base {
  /** The root file system. */
  path: string
  /** Was it made by this call? */
  made: boolean
  /** Paths in the image that were missing or changed, and have been put right. */
  repaired: string[]
}

/**
 * @param directory where images are kept; made when it is not there.
 * @param searchPath as PATH: where the host's programs are.
 * @throws Error `Cannot make the base image: …`, with what to do about it where we know.
 */
export function ensureBase(directory: string, searchPath = process.env['PATH'] ?? ''): Base {
  try {
    fs.mkdirSync(directory, { recursive: true })
    const shelf = fs.realpathSync(directory)
    const manifests = readManifests(shelf)
    const found = findPrograms(searchPath)
    const plan = manifests.find((manifest) => isCurrent(manifest, found)) ?? planBase(found)
    const path = join(shelf, `base-${plan.key}`)
    const made = !fs.existsSync(path) && make(path, plan)
    const known = made ? undefined : manifests.find(({ key }) => key === plan.key)
    return { path, made, repaired: verify(path, plan, known) }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`Cannot make the base image: ${why}`, { cause })
  }
}

/** Part of every key: an image of another format is another image. */
const FORMAT = 1

// #region contents
const TOOLS = `sh ls cat echo true false ps id hostname mount umount sleep kill env pwd mkdir rmdir rm cp mv
  ln touch head tail wc grep sed sort uniq cut tr seq dd df du stat readlink test [ expr date uname nproc
  free find xargs awk tty stty chmod chown mknod chroot unshare nsenter od sha256sum tee timeout yes
  mkfifo sync printf basename dirname realpath sysctl ip top pgrep`.split(/\s+/)

const directory = (path: string, mode = 0o755): Entry => ({ path, mode, type: 'directory' })
const link = (path: string, to: string): Entry => ({ path, mode: 0o777, type: 'link', to })
const text = (path: string, text: string): Entry => ({ path, mode: 0o644, type: 'text', text })
const copy = (path: string, of: Input): Entry => ({ path, mode: 0o755, type: 'copy', of })

const SKELETON: Entry[] = [
  ...['/bin', '/dev', '/etc', '/home', '/mnt', '/proc', '/run', '/sys', '/var'].map((at) => directory(at)),
  directory('/'),
  directory('/tmp', 0o1777),
  directory('/root', 0o700),
  link('/sbin', 'bin'),
  link('/usr/bin', '../bin'),
  link('/usr/sbin', '../bin'),
  text('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n'),
  text('/etc/group', 'root:x:0:\nnogroup:x:65534:\n'),
  text('/etc/hosts', '127.0.0.1 localhost\n'),
  text('/etc/os-release', 'NAME="Boxwright base"\nID=boxwright\n'),
]
// #endregion contents

type Entry = { path: string; mode: number } & Content
type Content =
  { type: 'directory' } | { type: 'link'; to: string } | { type: 'text'; text: string } | { type: 'copy'; of: Input }

/** A file of the host as it was found. `real` is where links led: tomorrow they may lead elsewhere. */
interface Input {
  path: string
  real: string
  inode: string
  size: number
  mtimeMs: number
}

/** The host's files of a name, in the order of the search path. */
type Found = Record<string, string[]>

interface Plan {
  format: number
  key: string
  found: Found
  inputs: Input[]
  entries: Entry[]
}

/** A plan that was carried out, with what stateOf() then said of each entry. */
interface Manifest extends Plan {
  states: Record<string, string>
}

function findPrograms(searchPath: string): Found {
  const forTools = placesOf([...searchPath.split(':'), '/usr/sbin', '/sbin'])
  const forBusybox = placesOf([...forTools, '/usr/bin', '/bin', '/usr/lib/busybox'])
  const find = (name: string, places: string[]): string[] =>
    places.map((place) => `${place}/${name}`).filter((path) => fs.existsSync(path))
  const tools = TOOLS.map((name) => [name, find(name, forTools)])
  return { busybox: find('busybox', forBusybox), ...Object.fromEntries(tools) }
}

/**
 * `/bin` and `/usr/bin` are often one directory; a search path may name what is not there, or only from here.
 */
function placesOf(places: string[]): string[] {
  const there = places.filter((place) => place.startsWith('/') && fs.existsSync(place))
  return [...new Set(there.map((place) => fs.realpathSync.native(place)))]
}

const isCurrent = ({ format, found, inputs }: Manifest, foundNow: Found): boolean =>
  format === FORMAT && JSON.stringify(found) === JSON.stringify(foundNow) && inputs.every(isUnchanged)

/** A link that leads elsewhere now leads to another inode: asking for that is faster than following each link. */
function isUnchanged({ path, inode, size, mtimeMs }: Input): boolean {
  const now = fs.statSync(path, { throwIfNoEntry: false })
  return now?.size === size && now.mtimeMs === mtimeMs && inodeOf(now) === inode
}

function inputAt(path: string): Input {
  const stats = fs.statSync(path)
  const { size, mtimeMs } = stats
  return { path, real: fs.realpathSync.native(path), inode: inodeOf(stats), size, mtimeMs }
}

const inodeOf = ({ dev, ino }: fs.Stats): string => `${dev}:${ino}`

// #region plan
/** What goes into an image, before anything is written. */
interface Parts {
  tools: [name: string, of: Input][]
  files: [path: string, of: Input][]
  aliases: [path: string, target: string][]
}

function planBase(found: Found): Plan {
  const elf = elfReader()
  const programs: Found = {}
  for (const name in found) programs[name] = found[name]?.filter((path) => isProgram(path, elf)) ?? []
  const busybox = programs['busybox']?.find((path) => !elf(path)?.interpreter)
  const parts = (busybox && busyboxParts(busybox)) || hostParts(programs, elf)
  if (!parts.tools.some(([name]) => name === 'sh')) throw new Error(noShell(found['sh']?.[0]))
  const inputs = [...parts.tools, ...parts.files].map(([, of]) => [of.path, of] as const)
  const entries = entriesOf(parts)
  return { format: FORMAT, key: keyOf(entries), found, inputs: [...new Map(inputs).values()], entries }
}

/** One static program that is every tool, by the name that it is called by. */
function busyboxParts(path: string): Parts | undefined {
  const list = execFileSync(path, ['--list'], { encoding: 'utf8' })
  const applets = list.split('\n').filter((name) => /^[^/]+$/.test(name))
  const of = inputAt(path)
  const tools = ['busybox', ...applets].map((name): Parts['tools'][number] => [name, of])
  return applets.includes('sh') ? { tools, files: [], aliases: [] } : undefined
}

function hostParts(programs: Found, elf: Shelves['elf']): Parts {
  const household = householdOf(
    TOOLS.flatMap((name) => programs[name]?.[0] ?? []),
    elf,
  )
  return {
    tools: household.programs.map((path) => [basename(path), inputAt(path)]),
    files: [...household.files].map(([path, file]) => [path, inputAt(file)]),
    aliases: [...household.aliases],
  }
}

function noShell(seen?: string): string {
  const fact = seen ? `"${seen}" does not fit this machine, or lacks a library` : 'there is no sh in PATH'
  return `${fact}\n  Put another sh first in PATH, or install a static busybox (Debian: busybox-static)`
}

/** Sorted, so that a directory comes before what is in it. Tools of the same file are links to the first. */
function entriesOf({ tools, files, aliases }: Parts): Entry[] {
  const firsts = new Map(tools.map(([name, of]) => [of.inode, name] as const).reverse())
  const tool = (name: string, of: Input, first = firsts.get(of.inode) ?? name): Entry =>
    first === name ? copy(`/bin/${name}`, of) : link(`/bin/${name}`, first)
  const entries = [
    ...SKELETON,
    ...aliases.map(([path, target]) => link(path, relative(dirname(path), target))),
    ...tools.map(([name, of]) => tool(name, of)),
    ...files.map(([path, of]) => copy(path, of)),
  ]
  // The host's `/lib` may be a link, and then `/lib/x86_64-linux-gnu` needs none of its own.
  const links = entries.filter(({ type }) => type === 'link').map(({ path }) => `${path}/`)
  const direct = entries.filter(({ path }) => !links.some((above) => path.startsWith(above)))
  const parents = direct.flatMap(({ path }) => parentsOf(path)).map((path) => directory(path))
  const byPath = new Map([...parents, ...direct].map((entry) => [entry.path, entry]))
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}

const parentsOf = (path: string): string[] => (path === '/' ? [] : [dirname(path), ...parentsOf(dirname(path))])

/** By which name a file was found doesn't matter, only which it is. */
function keyOf(entries: Entry[]): string {
  const facts = entries.map((entry) =>
    entry.type === 'copy' ? { ...entry, of: [entry.of.real, entry.of.size, entry.of.mtimeMs] } : entry,
  )
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, facts]))
    .digest('hex')
    .slice(0, 12)
}
// #endregion plan

// #region make
/** @returns whether this process made it: of several at once, the first to rename its draft has. */
function make(path: string, { entries }: Plan): boolean {
  using scratch = openScratch(dirname(path))
  const draft = join(scratch.path, 'image')
  for (const entry of entries) create(join(draft, entry.path), entry)
  // Children before parents: what is made in a directory changes its time.
  for (const entry of entries.toReversed()) stamp(join(draft, entry.path), entry)
  try {
    fs.renameSync(draft, path)
    return true
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

function create(path: string, entry: Entry): void {
  if (entry.type === 'directory') fs.mkdirSync(path)
  else if (entry.type === 'link') fs.symlinkSync(entry.to, path)
  else if (entry.type === 'text') fs.writeFileSync(path, entry.text)
  else if (entry.type === 'copy') fs.copyFileSync(entry.of.real, path, fs.constants.COPYFILE_FICLONE)
  else entry satisfies never
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
function openScratch(shelf: string): Disposable & { path: string } {
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
function verify(image: string, plan: Plan, known: Manifest | undefined): string[] {
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
function readManifests(shelf: string): Manifest[] {
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
