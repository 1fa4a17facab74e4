/**
 * The base image: a root file system made of the host's own files, so that the first box needs no download. It is made once,
 * kept beside a manifest, and shared by all boxes with nothing in between: what one box has damaged is mended before the next.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync, constants, copyFileSync, existsSync, lchownSync, lstatSync, lutimesSync, mkdirSync, mkdtempSync, readdirSync,
  readFileSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync, type Stats,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { machineOf } from '../kernel/elf.ts'
import { readMountInfo } from '../kernel/mountinfo.ts'
import { elfReader, homeOf, loaderDirectories, needsOf, type Shelves } from './libraries.ts'

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
    mkdirSync(directory, { recursive: true })
    const shelf = realpathSync(directory)
    const manifests = readManifests(shelf)
    const found = findPrograms(searchPath)
    const plan = manifests.find((manifest) => isCurrent(manifest, found)) ?? planBase(found)
    const path = join(shelf, `base-${plan.key}`)
    const made = !existsSync(path) && make(path, plan)
    const manifest = made ? undefined : manifests.find(({ key }) => key === plan.key)
    return { path, made, repaired: verify(path, plan, manifest) }
  } catch (cause) {
    throw new Error(`Cannot make the base image: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

// #region contents
/** Part of every key: an image of another format is another image. */
const FORMAT = 1

const TOOLS = `sh ls cat echo true false ps id hostname mount umount sleep kill env pwd mkdir rmdir rm cp mv ln touch head tail wc
  grep sed sort uniq cut tr seq dd df du stat readlink test [ expr date uname nproc free find xargs awk tty stty chmod chown mknod
  chroot unshare nsenter od sha256sum tee timeout yes mkfifo sync printf basename dirname realpath sysctl ip top pgrep`.split(/\s+/)

/** Without the terminal's description `top` does not start: terminfo(5). */
const TERMINALS = ['dumb', 'linux', 'screen', 'screen-256color', 'tmux-256color', 'vt100', 'xterm', 'xterm-256color']

const directory = (path: string, mode = 0o755): Entry => ({ path, mode, type: 'directory' })
const link = (path: string, to: string): Entry => ({ path, mode: 0o777, type: 'link', to })
const text = (path: string, ...lines: string[]): Entry => ({ path, mode: 0o644, type: 'text', text: `${lines.join('\n')}\n` })
const copy = (path: string, mode: number, of: Input): Entry => ({ path, mode, type: 'copy', of })

const SKELETON: Entry[] = [
  ...['/', '/bin', '/proc', '/sys', '/dev', '/run', '/etc', '/var', '/home', '/mnt', '/usr'].map((path) => directory(path)),
  directory('/tmp', 0o1777),
  directory('/root', 0o700),
  link('/sbin', 'bin'),
  link('/usr/bin', '../bin'),
  link('/usr/sbin', '../bin'),
  text('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh', 'nobody:x:65534:65534:nobody:/:/bin/false'),
  text('/etc/group', 'root:x:0:', 'nogroup:x:65534:'),
  text('/etc/hosts', '127.0.0.1 localhost'),
  text('/etc/os-release', 'NAME="Boxwright base"', 'ID=boxwright'),
]
// #endregion contents

type Entry = { path: string; mode: number } & Content
type Content = { type: 'directory' } | { type: 'link'; to: string } | { type: 'text'; text: string } | { type: 'copy'; of: Input }

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
  const forTools = [...searchPath.split(':').filter((place) => place.startsWith('/')), '/usr/sbin', '/sbin'].map(real)
  const forBusybox = [...forTools, ...['/usr/bin', '/bin', '/usr/lib/busybox'].map(real)]
  const names = new Map(forBusybox.map((place) => [place, new Set(namesIn(place))]))
  const find = (name: string, places: string[]): string[] =>
    [...new Set(places)].filter((place) => names.get(place)?.has(name)).map((place) => join(place, name))
  return { busybox: find('busybox', forBusybox), ...Object.fromEntries(TOOLS.map((name) => [name, find(name, forTools)])) }
}

const isCurrent = ({ format, found, inputs }: Manifest, foundNow: Found): boolean =>
  format === FORMAT && JSON.stringify(found) === JSON.stringify(foundNow) && inputs.every(isUnchanged)

function isUnchanged(input: Input): boolean {
  const stats = statSync(input.path, { throwIfNoEntry: false })
  return stats?.size === input.size && stats.mtimeMs === input.mtimeMs && real(input.path) === input.real
}

// #region plan
/** What goes into an image, before anything is written. */
interface Parts {
  tools: [name: string, of: Input][]
  files: [path: string, of: Input][]
  aliases: [path: string, target: string][]
}

function planBase(found: Found): Plan {
  const elf = elfReader()
  const isProgram = (path: string): boolean => isExecutable(path) && elf(path)?.machine === machineOf(process.arch)
  const programs = Object.fromEntries(Object.entries(found).map(([name, paths]) => [name, paths.filter(isProgram)]))
  const busybox = programs['busybox']?.find((path) => !elf(path)?.interpreter)
  const parts = (busybox && busyboxParts(busybox)) || hostParts(programs, elf)
  if (parts.tools.every(([name]) => name !== 'sh')) throw new Error(noShell(found['sh'] ?? []))
  const entries = entriesOf(parts)
  const inputs = [...parts.tools, ...parts.files].map(([, of]) => of)
  return { format: FORMAT, key: keyOf(entries), found, inputs: inputs.filter(isFirst), entries }
}

/** One static program that is every tool, by the name that it is called by. */
function busyboxParts(path: string): Parts | undefined {
  const applets = execFileSync(path, ['--list'], { encoding: 'utf8' }).split('\n').filter((name) => /^[^/]+$/.test(name))
  const of = inputAt(path)
  return applets.includes('sh') ? { tools: ['busybox', ...applets].map((name) => [name, of]), files: [], aliases: [] } : undefined
}

function hostParts(found: Found, elf: Shelves['elf']): Parts {
  const household = householdOf(TOOLS.flatMap((name) => (found[name] ?? []).slice(0, 1)), elf)
  return {
    tools: household.programs.map((path) => [basename(path), inputAt(path)]),
    files: [...household.files, ...terminals()].map(([path, file]) => [path, inputAt(file)]),
    aliases: [...household.aliases],
  }
}

function terminals(): [path: string, file: string][] {
  const homes = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo']
  return TERMINALS.map((name) => `${name[0]}/${name}`).flatMap((name) => {
    const file = homes.map((home) => join(home, name)).find((path) => existsSync(path))
    return file ? [[join('/usr/share/terminfo', name), file] as [string, string]] : []
  })
}

const noShell = (seen: string[]): string =>
  seen.length === 0
    ? 'there is no sh in PATH\n  Add the directory that holds it to PATH, or install a static busybox (Debian: busybox-static)'
    : `"${seen[0]}" is a script, for another machine, or lacks a library\n  Install a static busybox (Debian: busybox-static)`

/** Sorted, so that a directory comes before what is in it. Libraries need no x bit; the loader is run by the kernel. */
function entriesOf({ tools, files, aliases }: Parts): Entry[] {
  const firsts = new Map(tools.map(([name, of]) => [of.inode, name] as const).reverse())
  const tool = (name: string, of: Input): Entry =>
    firsts.get(of.inode) === name ? copy(`/bin/${name}`, of) : link(`/bin/${name}`, firsts.get(of.inode) ?? name)
  const entries = [
    ...SKELETON,
    ...aliases.map(([path, target]) => link(path, relative(dirname(path), target))),
    ...tools.map(([name, of]) => tool(name, of)),
    ...files.map(([path, of]) => copy(path, of)),
  ]
  const links = entries.filter(({ type }) => type === 'link').map(({ path }) => `${path}/`)
  const direct = entries.filter(({ path }) => !links.some((above) => path.startsWith(above)))
  const parents = direct.flatMap(({ path }) => parentsOf(path)).map((path) => directory(path))
  const byPath = new Map([...parents, ...direct].map((entry) => [entry.path, entry]))
  return [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
}

const parentsOf = (path: string): string[] => (path === '/' ? [] : [dirname(path), ...parentsOf(dirname(path))])

/** Where a tool is found doesn't matter, only which file that is. */
function keyOf(entries: Entry[]): string {
  const facts = entries.map((entry) => (entry.type === 'copy' ? { ...entry, of: { ...entry.of, path: '', inode: '' } } : entry))
  return createHash('sha256').update(JSON.stringify([FORMAT, facts])).digest('hex').slice(0, 12)
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
    renameSync(draft, path)
    return true
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false
    throw error
  }
}

function create(path: string, entry: Entry): void {
  if (entry.type === 'directory') mkdirSync(path)
  else if (entry.type === 'link') symlinkSync(entry.to, path)
  else if (entry.type === 'text') writeFileSync(path, entry.text)
  else if (entry.type === 'copy') copyFileSync(entry.of.real, path, constants.COPYFILE_FICLONE)
  else entry satisfies never
}

/** Owner before mode: chown(2) takes bits of the mode away. */
function stamp(path: string, { type, mode }: Entry): void {
  if (process.getuid?.() === 0) lchownSync(path, 0, 0)
  if (type !== 'link') chmodSync(path, mode)
  lutimesSync(path, 0, 0)
}

/** A directory for drafts, on the image's file system but out of any box's reach. One that is old was left by a process that died. */
function openScratch(shelf: string): Disposable & { path: string } {
  const left = namesIn(shelf).filter((name) => name.startsWith('.draft-')).map((name) => join(shelf, name))
  for (const path of left) if (Date.now() - (lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? Infinity) > 600_000) remove(path)
  const path = mkdtempSync(join(shelf, '.draft-'))
  return { path, [Symbol.dispose]: () => remove(path) }
}

const remove = (path: string): void => rmSync(path, { recursive: true, force: true })
// #endregion make

// #region verify
/** Parents come first: a box may have put a link to the host's files where a directory was. @returns what was mended. */
function verify(image: string, plan: Plan, known: Manifest | undefined): string[] {
  const sound = (entry: Entry): boolean => {
    const state = known?.states[entry.path]
    const path = join(image, entry.path)
    return state === undefined ? isAsPlanned(path, entry) : stateOf(path) === state
  }
  const repaired: string[] = []
  for (const entry of plan.entries) {
    if (sound(entry) || isMountedOver(join(image, entry.path), image)) continue
    mend(image, entry)
    repaired.push(entry.path)
  }
  if (known !== plan || repaired.length > 0) writeManifest(image, plan, known, repaired)
  return repaired
}

/** inode(7). What is in a directory is not its own; any other file's ctime moves with each change, and no call sets it back. */
function stateOf(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats) return 'missing'
  const { mode, uid, gid, size, mtimeMs, ctimeMs } = stats
  return [mode.toString(8), uid, gid, ...(stats.isDirectory() ? [] : [size, mtimeMs, ctimeMs])].join(' ')
}

/** For an image without a manifest, as when its maker died or is about to write it. Reads all files. */
function isAsPlanned(path: string, entry: Entry): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (!stats || stats.uid !== process.getuid?.() || (stats.mode & 0o7777) !== entry.mode) return false
  if (entry.type === 'directory') return stats.isDirectory()
  if (entry.type === 'link') return stats.isSymbolicLink() && readlinkSync(path) === entry.to
  const content = entry.type === 'text' ? Buffer.from(entry.text) : readFileSync(entry.of.real)
  return stats.isFile() && stats.mtimeMs === 0 && content.equals(readFileSync(path))
}

/** What lies under a mount can't be seen; what is seen is not the image's. */
const isMountedOver = (path: string, image: string): boolean =>
  readMountInfo().some(({ mountPoint }) => mountPoint.startsWith(`${image}/`) && `${path}/`.startsWith(`${mountPoint}/`))

/** Beside, then renamed: a process that has the damaged file open keeps it. Nothing of a box's is deleted but what is replaced. */
function mend(image: string, entry: Entry): void {
  const path = join(image, entry.path)
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there?.isDirectory() && entry.type === 'directory') return stamp(path, entry)
  if (there && there.isDirectory() !== (entry.type === 'directory')) renameSync(path, `${path}.displaced-${Date.now()}`)
  using scratch = openScratch(dirname(image))
  const draft = join(scratch.path, basename(path))
  create(draft, entry)
  stamp(draft, entry)
  renameSync(draft, path)
}
// #endregion verify

// #region manifest
const manifestOf = (image: string): string => `${image}.json`

function readManifests(shelf: string): Manifest[] {
  return namesIn(shelf).filter((name) => /^base-[0-9a-f]+\.json$/.test(name)).flatMap((name) => {
    try {
      return [JSON.parse(readFileSync(join(shelf, name), 'utf8')) as Manifest]
    } catch {
      return [] // Without its manifest an image is compared with the host's files, and a manifest written anew.
    }
  })
}

function writeManifest(image: string, plan: Plan): void {
  const states = Object.fromEntries(plan.entries.map(({ path }) => [path, stateOf(join(image, path))]))
  using scratch = openScratch(dirname(image))
  const draft = join(scratch.path, 'manifest')
  writeFileSync(draft, JSON.stringify({ ...plan, states } satisfies Manifest))
  renameSync(draft, manifestOf(image))
}
// #endregion manifest
