/**
 * Which shared libraries a program needs, and where its loader would find them: ld.so(8). `ldd` would tell as well, but it may
 * run the program to learn it; here files are only read.
 */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { readElf, type Elf } from '../kernel/elf.ts'

/** Programs that can live in one root file system, and what has to be there for them. */
export interface Household {
  programs: string[]
  /** Path in the root file system → the host's file. */
  files: Map<string, string>
  /** Directories that the host, and so the loader, knows by a second name, such as `/lib64` → `/usr/lib64`. */
  aliases: Map<string, string>
}

/** Leaves out the programs whose libraries are incomplete, or can't stand beside those of programs named before them. */
export function householdOf(candidates: string[], elf: Shelves['elf']): Household {
  const loader = candidates.map((path) => elf(path)?.interpreter).find((interpreter) => interpreter !== undefined) ?? ''
  const directories = loaderDirectories(loader)
  const libraries = new Map<string, string>()
  const programs = candidates.filter((program) => {
    const needs = needsOf(real(program), { elf, directories })
    const alien = ![undefined, loader].includes(elf(program)?.interpreter)
    const clash = [...needs.libraries].some(([name, file]) => real(libraries.get(name) ?? file) !== real(file))
    if (alien || clash || needs.missing.length > 0) return false
    for (const [name, file] of needs.libraries) libraries.set(name, file)
    return true
  })
  return { programs, ...(loader === '' ? { files: new Map(), aliases: new Map() } : layOut(loader, libraries)) }
}

/**
 * The loader goes exactly where programs look for it. All libraries go into one directory, in which the loader looks without a
 * cache or a variable: glibc's is the one in which its own libc is found, musl's the one that the loader is in.
 */
function layOut(loader: string, libraries: Needs['libraries']): Pick<Household, 'files' | 'aliases'> {
  const home = dirname([...libraries].find(([name]) => name.startsWith('libc.so'))?.[1] ?? loader)
  // Before glibc 2.34 looking up a user's name loads this one, which no program says that it needs: nss(5).
  const names = join(home, 'libnss_files.so.2')
  const all = existsSync(names) ? [...libraries, [basename(names), names] as const] : [...libraries]
  return {
    files: new Map([
      [join(real(dirname(loader)), basename(loader)), loader],
      ...all.map(([name, file]) => [join(real(home), name), file] as const),
    ]),
    aliases: new Map([dirname(loader), home].filter((place) => place !== real(place)).map((place) => [place, real(place)])),
  }
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
export function needsOf(program: string, { elf, directories }: Shelves): Needs {
  const first = elf(program)
  const loader = first?.interpreter ?? ''
  const needs: Needs = { libraries: new Map(), missing: [] }
  const files = [program]
  for (const file of files) {
    const { needed = [], runpath = [] } = elf(file) ?? {}
    const places = [...runpath.map((place) => place.replace(/\$ORIGIN|\$\{ORIGIN\}/g, dirname(file))), ...directories]
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

const isLoader = (name: string, loader: string): boolean => name === basename(loader) || (isMusl(loader) && name.startsWith('libc.'))

const isMusl = (loader: string): boolean => basename(loader).startsWith('ld-musl')

/** A host may hold libraries for several machines. A loader passes over those for others, and so do we. */
const fits = (one: Elf | undefined, other: Elf | undefined): boolean =>
  one !== undefined && one.machine === other?.machine && one.bits === other.bits && one.endian === other.endian

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

/** ld.so(8): first what ldconfig(8) is told to look through, then the directories that a distribution builds in. */
function glibcDirectories(): string[] {
  const multiarch = ['/lib', '/usr/lib'].flatMap((lib) =>
    namesIn(lib).filter((name) => /-linux-gnu\w*$/.test(name)).map((name) => join(lib, name)),
  )
  const builtIn = [...multiarch, '/lib64', '/usr/lib64', '/lib', '/usr/lib']
  return [...new Set([...configured('/etc/ld.so.conf', new Set()), ...builtIn])]
}

/** `seen`: a configuration may include itself. */
function configured(file: string, seen: Set<string>): string[] {
  if (seen.has(file)) return []
  seen.add(file)
  return parseLoaderConfig(textOf(file) ?? '').flatMap((line) =>
    'directory' in line ? [line.directory] : filesLike(resolve(dirname(file), line.include)).flatMap((path) => configured(path, seen)),
  )
}

/** ldconfig(8). A line is a comment, a directory, or `include` with patterns. */
export function parseLoaderConfig(text: string): ({ directory: string } | { include: string })[] {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  return lines.flatMap((line) => {
    const [word, ...patterns] = line.split(/\s+/)
    if (word === 'include') return patterns.map((include) => ({ include }))
    return line.startsWith('/') ? [{ directory: line.replace(/=.*/, '') }] : []
  })
}

/** glob(7), as far as anybody uses it here: `*` and `?` in the last name. */
function filesLike(pattern: string): string[] {
  const source = basename(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')
  const like = new RegExp(`^${source}$`)
  return namesIn(dirname(pattern)).filter((name) => like.test(name)).map((name) => join(dirname(pattern), name))
}

function namesIn(directory: string): string[] {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(directory).sort() : []
}

function textOf(file: string): string | undefined {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : undefined
}
