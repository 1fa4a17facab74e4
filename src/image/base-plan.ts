/** What goes into the base image: decided from the programs that were found, before anything is written. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { basename, dirname, relative } from 'node:path'
import { elfReader, householdOf, isProgram, type Shelves } from './libraries.ts'

/** Part of every key: an image of another format is another image. */
export const FORMAT = 1

// #region contents
export const TOOLS = `sh ls cat echo true false ps id hostname mount umount sleep kill env pwd mkdir rmdir rm cp mv
  ln touch head tail wc grep sed sort uniq cut tr seq dd df du stat readlink test [ expr date uname nproc
  free find xargs awk tty stty chmod chown mknod chroot unshare nsenter od sha256sum tee timeout yes
  mkfifo sync printf tar gzip basename dirname realpath sysctl ip top pgrep`.split(/\s+/)

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
  text('/etc/hostname', ''),
  text('/etc/resolv.conf', ''),
  text('/etc/os-release', 'NAME="Boxwright base"\nID=boxwright\n'),
]
// #endregion contents

export type Entry = { path: string; mode: number } & Content
type Content =
  { type: 'directory' } | { type: 'link'; to: string } | { type: 'text'; text: string } | { type: 'copy'; of: Input }

/** A file of the host as it was found. `real` is where links led: tomorrow they may lead elsewhere. */
export interface Input {
  path: string
  real: string
  inode: string
  size: number
  mtimeMs: number
}

/** The host's files of a name, in the order of the search path. */
export type Found = Record<string, string[]>

export interface BasePlan {
  format: number
  key: string
  found: Found
  inputs: Input[]
  entries: Entry[]
}

// #region plan
/** What goes into an image, before anything is written. */
interface Parts {
  tools: [name: string, of: Input][]
  files: [path: string, of: Input][]
  aliases: [path: string, target: string][]
}

export function planBase(found: Found): BasePlan {
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
  const found = TOOLS.flatMap((name) => programs[name]?.[0] ?? [])
  const household = householdOf(found, elf)
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

function inputAt(path: string): Input {
  const stats = fs.statSync(path)
  const { size, mtimeMs } = stats
  return { path, real: fs.realpathSync.native(path), inode: inodeOf(stats), size, mtimeMs }
}

export const inodeOf = ({ dev, ino }: fs.Stats): string => `${dev}:${ino}`

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
