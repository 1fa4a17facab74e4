/** How much of the OCI's validation of runtimes holds with the box of each stage. `npm run test:conformance` writes it down; lessons show it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Passport {
  /** The suite's. */
  version: string
  programs: number
  stages: Visa[]
}

/** What holds at one stage; without a number, of the runtime itself, which the last lesson makes. */
export interface Visa {
  lesson?: number
  name: string
  clean: number
  ok: number
  notOk: number
}

export const PASSPORT = 'lessons/passport.json'

export const readPassport = (repository: string): Passport =>
  JSON.parse(readFileSync(join(repository, PASSPORT), 'utf8')) as Passport

// #region visas
/** Up to that lesson: a passport fills as one goes. */
export function visasUpTo({ stages }: Passport, lesson: number): Visa[] {
  const isReached = (visa: Visa): boolean => (visa.lesson ?? RUNTIME) <= lesson
  return stages.filter(isReached)
}

/** For people: "10 of 18", "1940 of 1946". */
export const sharesOf = (
  { programs }: Passport,
  { clean, ok, notOk }: Visa,
): [programs: string, assertions: string] => [`${clean} of ${programs}`, `${ok} of ${ok + notOk}`]
// #endregion visas

/** The lesson that makes the runtime itself. */
const RUNTIME = 13

/** What is said of it at a lesson: some build no wall, and have no line. */
export function aboutPassport(passport: Passport, lesson: number): string {
  const last = visasUpTo(passport, lesson).at(-1)
  return (last?.lesson ?? RUNTIME) === lesson ? ABOUT : `${ABOUT} ${NO_LINE}`
}

const NO_LINE =
  'This lesson is about the root file system, and each of those programs brings one of its own: it has no line here.'

const ABOUT =
  'The Open Container Initiative validates runtimes with programs of its own. This is how many of those that look at a container find all as it has to be with the box of each lesson so far, and how many of their assertions hold.'
