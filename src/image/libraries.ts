/**
 * Which shared libraries programs need, and where their loader finds them: ld.so(8). `ldd` would tell as
 * well, but it may run the program to learn it; here files are only read.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { machineOf, readElf, type Elf } from '../kernel/elf.ts'

/** Programs that can live in one root file system, and what has to be there for them. */
export interface Household {
  programs: string[]
  /** Path in the root file system → the host's file. */
  files: Map<string, string>
  /** Directories that the loader knows by a second name, such as `/lib64` → `/usr/lib64`. */
  aliases: Map<string, string>
}

/** Leaves out what lacks a library, or needs others than the programs named before it. */
export function householdOf(candidates: string[], elf: Shelves['elf']): Household {
  const interpreters = candidates.map((path) => elf(path)?.interpreter)
  const loader = interpreters.find((interpreter) => interpreter !== undefined)
  const shelves = { elf, directories: loader ? loaderDirectories(loader) : [] }
  const libraries = new Map<string, string>()
  const programs = candidates.filter((program) => {
    const needs = needsOf(real(program), shelves)
    const alien = ![undefined, loader].includes(elf(program)?.interpreter)
    const clash = [...needs.libraries].some(([name, at]) => real(libraries.get(name) ?? at) !== real(at))
    if (alien || clash || needs.missing.length > 0) return false
    for (const [name, path] of needs.libraries) libraries.set(name, path)
    return true
  })
  const { files, aliases } = loader
    ? layOut(loader, libraries)
    : { files: new Map<string, string>(), aliases: new Map<string, string>() }
  return { programs, files: new Map([...files, ...terminals()]), aliases }
}

/**
 * The loader goes exactly where programs look for it. All libraries go into one directory, where it looks
 * without a cache or a variable: for glibc the one in which its own libc is found, for musl the one that the
 * loader is in.
 */
function layOut(loader: string, libraries: Needs['libraries']): Pick<Household, 'files' | 'aliases'> {
  const home = dirname([...libraries].find(([name]) => name.startsWith('libc.so'))?.[1] ?? loader)
  // Before glibc 2.34 looking up a user's name loads this one, which no program says that it needs: nss(5).
  const names = join(home, 'libnss_files.so.2')
  const all = existsSync(names) ? [...libraries, [basename(names), names] as const] : [...libraries]
  const aliases = [dirname(loader), home].map((place) => [place, real(place)] as const)
  return {
    files: new Map([
      [join(real(dirname(loader)), basename(loader)), loader],
      ...all.map(([name, file]) => [join(real(home), name), file] as const),
    ]),
    aliases: new Map(aliases.filter(([place, target]) => place !== target)),
  }
}

const TERMINALS = 'dumb linux screen screen-256color tmux-256color vt100 xterm xterm-256color'.split(' ')

/** `top` draws with these descriptions, and does not start without: terminfo(5). */
function terminals(): [path: string, file: string][] {
  const homes = ['/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo']
  return TERMINALS.map((name) => `${name[0]}/${name}`).flatMap((name) => {
    const file = homes.map((home) => join(home, name)).find((path) => existsSync(path))
    return file ? [[join('/usr/share/terminfo', name), file] as [string, string]] : []
  })
}

const real = (path: string): string => realpathSync.native(path)

/** What a search may ask of the host. */
export interface Shelves {
  /** Nothing when there is no such file or it is not ELF. */
  elf: (path: string) => Elf | undefined
  /** Where the loader looks after a file's own RUNPATH. */
  directories: readonly string[]
}

export interface Needs {
  /** The name under which it is asked for → the host's path at which it is found. */
  libraries: Map<string, string>
  missing: string[]
}

/** The closure of DT_NEEDED. The loader is not in it, and musl's loader is the C library too. */
function needsOf(program: string, { elf, directories }: Shelves): Needs {
  const first = elf(program)
  const loader = first?.interpreter ?? ''
  const needs: Needs = { libraries: new Map(), missing: [] }
  const files = [program]
  for (const file of files) {
    const { needed = [], runpath = [] } = elf(file) ?? {}
    const own = runpath.map((place) => place.replace(/\$ORIGIN|\$\{ORIGIN\}/g, dirname(file)))
    const places = [...own, ...directories]
    for (const name of needed) {
      if (isLoader(name, loader) || needs.libraries.has(name) || needs.missing.includes(name)) continue
      const found = places.map((place) => join(place, name)).find((path) => fits(elf(path), first))
      if (found) files.push(found)
      if (found) needs.libraries.set(name, found)
      else needs.missing.push(name)
    }
  }
  return needs
}

const isLoader = (name: string, loader: string): boolean =>
  name === basename(loader) || (isMusl(loader) && name.startsWith('libc.'))

const isMusl = (loader: string): boolean => basename(loader).startsWith('ld-musl')

/** A host may hold libraries for several machines. A loader passes over those for others, and so do we. */
const fits = (one: Elf | undefined, other: Elf | undefined): boolean =>
  one?.machine === other?.machine && one?.bits === other?.bits && one?.endian === other?.endian

/** Can this machine run the file by itself? A script needs what its first line names. */
export function isProgram(path: string, elf: Shelves['elf']): boolean {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
  return (mode & 0o111) !== 0 && elf(path)?.machine === machineOf(process.arch)
}

/** Reads each file once. What can't be read is as good as not there: another file may do. */
export function elfReader(): Shelves['elf'] {
  const seen = new Map<string, Elf | undefined>()
  return (path) => {
    if (!seen.has(path)) seen.set(path, elfAt(path))
    return seen.get(path)
  }
}

function elfAt(path: string): Elf | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? readElf(readFileSync(path)) : undefined
  } catch {
    return undefined
  }
}

const loaderDirectories = (loader: string): string[] => (isMusl(loader) ? muslDirectories(loader) : glibcDirectories())

/** musl, ldso/dynlink.c: `/etc/ld-musl-ARCH.path` in place of the three built in. */
function muslDirectories(loader: string): string[] {
  const file = join('/etc', basename(loader).replace(/\.so\..*/, '.path'))
  return textOf(file)?.split(/[:\n]/).filter(Boolean) ?? ['/lib', '/usr/local/lib', '/usr/lib']
}

/** ld.so(8): first what ldconfig(8) is told to look through, then what a distribution builds in. */
function glibcDirectories(): string[] {
  const multiarch = ['/lib', '/usr/lib'].flatMap((lib) => filesLike(join(lib, '*-linux-gnu*')))
  const builtIn = [...multiarch, '/lib64', '/usr/lib64', '/lib', '/usr/lib']
  return [...new Set([...configured('/etc/ld.so.conf', new Set()), ...builtIn])]
}

/** `seen`: a configuration may include itself. */
function configured(file: string, seen: Set<string>): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  return parseLoaderConfig(textOf(file) ?? '').flatMap((line) => {
    if ('directory' in line) return line.directory
    return filesLike(resolve(dirname(file), line.include)).flatMap((path) => configured(path, seen))
  })
}

type ConfigLine = { directory: string } | { include: string }

/** ldconfig(8). A line is a comment, a directory, or `include` with patterns. */
function parseLoaderConfig(text: string): ConfigLine[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return lines.flatMap((line): ConfigLine[] => {
    const [word, ...patterns] = line.split(/\s+/)
    if (word === 'include') return patterns.map((include) => ({ include }))
    return line.startsWith('/') ? [{ directory: line.replace(/=.*/, '') }] : []
  })
}

/** glob(7), as far as anybody uses it here: `*` and `?` in the last name. */
function filesLike(pattern: string): string[] {
  const place = dirname(pattern)
  const plain = basename(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const like = new RegExp(`^${plain.replaceAll('*', '.*').replaceAll('?', '.')}$`)
  const names = existsSync(place) ? readdirSync(place).sort() : []
  return names.filter((name) => like.test(name)).map((name) => join(place, name))
}

function textOf(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : undefined
}
