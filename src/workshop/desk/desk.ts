/**
 * The learner's desk, `work/`: one wall a lesson, in a file of their own. Whatever stands there is theirs: it is put aside under another
 * name before anything takes its place, and never deleted.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { hasCode } from '../../kernel/error-code.ts'
import { Complaint } from '../complaint.ts'

export interface Desk {
  /** The workshop's own files. */
  repository: string
  /** Where the learner's are. */
  directory: string
}

/** What became of a file: it was there, and was left alone; it was made; another was put aside for it. */
export interface Placed {
  file: string
  fresh: boolean
  aside?: string
}

export const openDesk = (repository: string): Desk => ({
  repository,
  directory: process.env['BOXWRIGHT_WORK'] ?? join(repository, 'work'),
})

export const fileOf = (desk: Desk, name: string): string => join(desk.directory, `${name}.ts`)

export const isBegun = (desk: Desk, name: string): boolean => existsSync(fileOf(desk, name))

// #region begin
/** The lesson's exercise, unless it has been begun. @param name of the lesson: `03-mounts`. */
export const begin = (desk: Desk, name: string): Placed =>
  isBegun(desk, name) ? { file: fileOf(desk, name), fresh: false } : place(desk, name, exercise(desk, name))

/** To a lesson from anywhere: what the lessons before it lack is put there solved, and what is there stays as it is. */
export function goTo(desk: Desk, names: readonly string[], name: string): Placed[] {
  const before = names.slice(0, names.indexOf(name)).filter((other) => !isBegun(desk, other))
  return [...before.map((other) => place(desk, other, solution(desk, other))), begin(desk, name)]
}

/** The reference in the place of what one has, which is put aside. */
export const catchUp = (desk: Desk, name: string): Placed => place(desk, name, solution(desk, name))
// #endregion begin

/** Nothing is done when the very same text stands there. */
function place(desk: Desk, name: string, text: string): Placed {
  const file = fileOf(desk, name)
  makeDirectory(desk)
  const there = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  if (there === text) return { file, fresh: false }
  const put = there === undefined ? {} : { aside: putAside(file) }
  writeFileSync(file, text, { flag: 'wx' })
  return { file, fresh: true, ...put }
}

function makeDirectory({ directory }: Desk): void {
  try {
    mkdirSync(directory, { recursive: true })
    accessSync(directory, constants.W_OK)
  } catch (cause) {
    if (!hasCode(cause, 'EACCES')) throw cause
    throw new Complaint(
      `Cannot keep your files in "${directory}": you may not write there\n  Name a directory of yours: BOXWRIGHT_WORK=~/work boxwright …`,
      { cause },
    )
  }
}

/** `03-mounts.mine-1.ts`, or the next number that is free. */
function putAside(file: string): string {
  const stem = file.replace(/\.ts$/, '')
  const taken = readdirSync(dirname(file)).map((name) => Number(/\.mine-(\d+)\.ts$/.exec(name)?.[1] ?? 0))
  const aside = `${stem}.mine-${Math.max(0, ...taken) + 1}.ts`
  renameSync(file, aside)
  return aside
}

const exercise = (desk: Desk, name: string): string => copied(desk, `lessons/${name}/exercise.ts`)

/** The reference is the project's own wall, or way to keep snapshots, which the exercise names; of a program, it lies beside the exercise. */
function solution(desk: Desk, name: string): string {
  const program = `lessons/${name}/solution.ts`
  if (existsSync(join(desk.repository, program))) return copied(desk, program)
  const own = /\bname: '([\w-]+)'/.exec(exercise(desk, name))?.[1]
  const driver = `src/snapshot/${own}.ts`
  return copied(desk, existsSync(join(desk.repository, driver)) ? driver : `src/box/${own}.ts`)
}

/** A source as it stands on the desk: its imports lead where they led before. */
function copied({ repository, directory }: Desk, path: string): string {
  const from = join(repository, path)
  if (!existsSync(from)) throw new Complaint(`Cannot copy "${path}": this workshop has no such file`)
  const moved = (specifier: string): string => {
    const to = relative(directory, resolve(dirname(from), specifier))
    return to.startsWith('.') ? to : `./${to}`
  }
  const source = readFileSync(from, 'utf8')
  return source.replace(
    /(\bfrom ')(\.[^']+)'/g,
    (_, before: string, specifier: string) => `${before}${moved(specifier)}'`,
  )
}
