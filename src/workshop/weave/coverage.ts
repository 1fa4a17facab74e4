/** What the lessons owe to the source: each file of the taught floors has one lesson, and what it exports is quoted there, once. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import type { Lesson } from './lesson.ts'
import type { Problem, WovenPage } from './weave.ts'

/** Every file on these is taught; of other floors those that a lesson names. */
const TAUGHT_FLOORS = ['box', 'launch', 'plan']

// #region coverage
export function coverageProblems(
  repository: string,
  lessons: readonly Lesson[],
  woven: readonly WovenPage[],
): Problem[] {
  const teacher = new Map(
    lessons.flatMap((lesson) => lesson.teaches.map((file) => [`src/${file}.ts`, lesson] as const)),
  )
  return [
    ...untaught(repository, teacher),
    ...taughtTwice(lessons),
    ...[...teacher].flatMap(([file, lesson]) => misquoted(repository, file, lesson, woven)),
    ...lessons.flatMap((lesson) => importedTooEarly(repository, lesson, teacher)),
  ]
}
// #endregion coverage

type Teacher = ReadonlyMap<string, Lesson>

function untaught(repository: string, teacher: Teacher): Problem[] {
  const files = TAUGHT_FLOORS.flatMap((floor) =>
    readdirSync(join(repository, 'src', floor)).map((name) => `src/${floor}/${name}`),
  )
  const missing = files.filter((file) => file.endsWith('.ts') && !teacher.has(file))
  return missing.map((path) => ({
    path,
    line: 1,
    message: 'no lesson teaches this file: name it in the front matter of one',
  }))
}

function taughtTwice(lessons: readonly Lesson[]): Problem[] {
  return lessons.flatMap(({ path, teaches, number }) => {
    const before = lessons.filter((lesson) => lesson.number < number).flatMap((lesson) => lesson.teaches)
    const twice = teaches.filter((file) => before.includes(file))
    return twice.map((file) => ({ path, line: 1, message: `teaches ${file}, and so does a lesson before it` }))
  })
}

/** An export is quoted when the line that defines it stands in a quotation. */
function misquoted(repository: string, file: string, lesson: Lesson, woven: readonly WovenPage[]): Problem[] {
  const quotes = woven.flatMap(({ page, blocks }) =>
    blocks.flatMap((block) => (block.kind === 'quote' && block.excerpt.path === file ? [{ page, ...block }] : [])),
  )
  return exportsOf(repository, file, lesson).flatMap(({ name, line }) => {
    const by = quotes.filter(({ excerpt }) => excerpt.line <= line && line <= excerpt.last).map(({ page }) => page.path)
    if (by.length === 1) return []
    const fact = by.length === 0 ? 'is quoted by no lesson' : `is quoted ${by.length} times: ${by.join(', ')}`
    return [{ path: file, line, message: `"${name}" ${fact}; lesson ${lesson.number} teaches this file` }]
  })
}

/** Constants in capitals are data, and data is quoted where it helps. */
function exportsOf(repository: string, file: string, lesson: Lesson): { name: string; line: number }[] {
  const found = read(repository, file, lesson).matchAll(/^export (?:async )?(?:function|const|class) (\w+)/gm)
  return [...found]
    .map((match) => ({ name: match[1] ?? '', line: match.input.slice(0, match.index).split('\n').length }))
    .filter(({ name }) => name !== name.toUpperCase())
}

/** A stage is the program as it stands after its lesson: what it names itself, and every wall that comes with that. */
function importedTooEarly(repository: string, lesson: Lesson, teacher: Teacher): Problem[] {
  const stage = `lessons/${lesson.name}/stage.ts`
  const direct = importsOf(repository, stage, lesson)
  const walls = reachable(direct, (file) => (file.startsWith('src/box/') ? importsOf(repository, file, lesson) : []))
  return [...new Set([...direct, ...walls.filter((file) => file.startsWith('src/box/'))])]
    .filter((file) => (teacher.get(file)?.number ?? 0) > lesson.number)
    .map((file) => ({
      path: stage,
      line: 1,
      message: `comes to ${file}, which lesson ${teacher.get(file)?.number} teaches`,
    }))
}

function importsOf(repository: string, file: string, lesson: Lesson): string[] {
  const paths = read(repository, file, lesson).matchAll(/^(?:import|export) .*?from '(\.[^']+)'/gms)
  return [...paths].map((match) => normalize(join(dirname(file), match[1] ?? '')))
}

function reachable(start: readonly string[], next: (file: string) => string[]): string[] {
  const seen = new Set(start)
  for (const file of seen) for (const other of next(file)) seen.add(other)
  return [...seen]
}

function read(repository: string, file: string, lesson: Lesson): string {
  try {
    return readFileSync(join(repository, file), 'utf8')
  } catch (cause) {
    throw new Error(`Cannot read "${file}", which "${lesson.path}" speaks of: there is no such file`, { cause })
  }
}
