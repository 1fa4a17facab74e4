/** What every call that is given a path asks of it: path_resolution(7). And what making a name asks of the place. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, text, type Attempt, type Call, type Cause, type Fault, type Verdict } from '../cause.ts'
import { KINDS } from '../place.ts'

/** Which arguments are paths: of something that is there, or of a name to be made. */
const PATHS: Partial<Record<Call, readonly number[]>> = {
  chroot: [0],
  chdir: [0],
  pivot_root: [0, 1],
  umount2: [0],
  mount: [0, 1],
  rmdir: [0],
  write: [0],
  setns: [0],
}
const NEW: Partial<Record<Call, number>> = { mkdir: 0, mknod: 0, symlink: 1 }

const DIRECTORIES: readonly Call[] = ['chroot', 'chdir', 'pivot_root', 'rmdir']

/** The source of a mount is a path for a bind mount, a move and a device: for others it is a word. */
function pathsOf(attempt: Attempt): string[] {
  const places = PATHS[attempt.call] ?? []
  const isPath = (place: number): boolean =>
    attempt.call !== 'mount' || place === 1 || isBindOrMove(attempt) || text(attempt, 0).startsWith('/')
  return places.filter((place) => place < attempt.args.length && isPath(place)).map((place) => text(attempt, place))
}

const isBindOrMove = (attempt: Attempt): boolean =>
  has(number(attempt, 3), constants.MS_BIND) || has(number(attempt, 3), constants.MS_MOVE)

/** The directory in which a name is to be made. */
function parentOf(attempt: Attempt): string | undefined {
  const place = NEW[attempt.call]
  if (place === undefined) return undefined
  const parent = text(attempt, place)
    .replace(/\/+$/, '')
    .replace(/[^/]+$/, '')
  return parent === '' ? '.' : parent
}

const waysOf = (attempt: Attempt): string[] => [pathsOf(attempt), parentOf(attempt) ?? []].flat()

/** The path that leads nowhere for this reason. */
function astray(attempt: Attempt, code: string, remedy: string): Verdict {
  const lost = waysOf(attempt)
    .map((path) => ({ path, place: attempt.scene.look(path) }))
    .find(({ place }) => !place.found && place.code === code)
  if (!lost || lost.place.found) return 'so'
  return { fact: lost.place.fact, remedy }
}

const ALL: readonly Call[] = [...(Object.keys(PATHS) as Call[]), ...(Object.keys(NEW) as Call[])]
const MAKING: readonly Call[] = Object.keys(NEW) as Call[]

// #region paths
export const pathCauses: Cause[] = [
  {
    name: 'path/missing',
    calls: ALL,
    codes: ['ENOENT'],
    precondition: 'Every name on the way is there',
    man: 'path_resolution(7): If the component is not found, an ENOENT error is returned',
    args: 1,
    probe: (attempt) =>
      astray(attempt, 'ENOENT', 'See the names that are there with ls, in the namespace of the process'),
  },
  {
    name: 'path/not-a-directory',
    calls: ALL,
    codes: ['ENOTDIR'],
    precondition: 'Every name on the way is a directory, and so is the last where the call wants one',
    man: 'path_resolution(7): If the component is found, but is neither a directory nor a symbolic link, an ENOTDIR error is returned',
    args: 1,
    probe: (attempt) => {
      const remedy = 'Name a directory: ls -ld shows what it is'
      const onTheWay = astray(attempt, 'ENOTDIR', remedy)
      if (onTheWay !== 'so' || !DIRECTORIES.includes(attempt.call)) return onTheWay
      const file = pathsOf(attempt)
        .map((path) => ({ path, place: attempt.scene.look(path) }))
        .find(({ place }) => place.found && place.kind !== 'directory')
      return file ? { fact: `"${file.path}" is not a directory`, remedy } : 'so'
    },
  },
  {
    name: 'path/links',
    calls: ALL,
    codes: ['ELOOP'],
    precondition: 'There are no more than 40 symbolic links on the way',
    man: 'path_resolution(7): the maximum number of symbolic links that will be followed while resolving a pathname is 40',
    args: 1,
    probe: (attempt) => astray(attempt, 'ELOOP', 'Two of them point to each other: see them with namei(1)'),
  },
  {
    name: 'path/too-long',
    calls: ALL,
    codes: ['ENAMETOOLONG'],
    precondition: 'A path has at most 4095 bytes, and a name in it 255',
    man: 'path_resolution(7): There is a maximum length for pathnames.',
    args: 1,
    probe: (attempt): Verdict => {
      const long = attempt.args
        .map(String)
        .find((path) => Buffer.byteLength(path) > 4095 || path.split('/').some((name) => Buffer.byteLength(name) > 255))
      return long === undefined
        ? 'so'
        : {
            fact: `the path has ${Buffer.byteLength(long)} bytes, or a name in it more than 255`,
            remedy: 'Take a shorter one, or go there with chdir and name the rest',
          }
    },
  },
  {
    name: 'path/search',
    calls: ALL,
    codes: ['EACCES'],
    precondition: 'The process may go through every directory on the way',
    man: 'path_resolution(7): If the process does not have search permission on the current lookup directory, an EACCES error is returned',
    args: 1,
    probe: (attempt) => {
      const closed = waysOf(attempt)
        .flatMap(directoriesAbove)
        .find((path) => isClosed(attempt, path))
      if (closed === undefined) return 'so'
      return {
        fact: `user ${attempt.scene.uid} may not go through "${closed}"`,
        remedy: `Run it with sudo, or open the way: chmod o+x ${closed}`,
      }
    },
  },
  {
    name: 'path/taken',
    calls: MAKING,
    codes: ['EEXIST'],
    precondition: 'The name is free',
    man: 'mkdir(2): pathname already exists (not necessarily as a directory).',
    args: 1,
    probe: (attempt) => {
      const path = text(attempt, NEW[attempt.call] ?? 0)
      const place = attempt.scene.look(path)
      if (!place.found) return 'unknown'
      return {
        fact: `"${path}" is there already: ${KINDS[place.kind]}`,
        remedy: 'Take another name, or take that as done',
      }
    },
  },
  {
    name: 'path/read-only',
    calls: [...MAKING, 'rmdir', 'write'],
    codes: ['EROFS'],
    precondition: 'The file system may be written to',
    man: 'mkdir(2): pathname refers to a file on a read-only filesystem.',
    args: 1,
    probe: (attempt): Fault | 'so' => {
      const places = waysOf(attempt).map((path) => attempt.scene.look(path))
      const place = places.find((one) => one.found && isReadOnly(one.mount))
      if (!place?.found || !place.mount) return 'so'
      const { mountPoint, type } = place.mount
      const what = type.startsWith('cgroup') ? 'The cgroup file system is mounted read-only: ' : ''
      return {
        fact: `${mountPoint} (${type}) is mounted read-only`,
        remedy: `${what}mount -o remount,rw ${mountPoint}`,
      }
    },
  },
]
// #endregion paths

const isReadOnly = (mount: { options: string[]; superOptions: string[] } | undefined): boolean =>
  mount?.options.includes('ro') === true || mount?.superOptions.includes('ro') === true

function directoriesAbove(path: string): string[] {
  const names = path.split('/').filter(Boolean)
  return path.startsWith('/') ? names.map((_, n) => `/${names.slice(0, n).join('/')}`) : ['.']
}

/** The owner's bit counts for the owner, and the others' for all others: a group is not looked up. */
function isClosed({ scene }: Attempt, path: string): boolean {
  if (((scene.capabilities >> 2n) & 1n) === 1n || ((scene.capabilities >> 1n) & 1n) === 1n) return false
  const place = scene.look(path)
  return place.found && (place.mode & (place.uid === scene.uid ? 0o100 : 0o011)) === 0
}
