/** The workshop as a folder of pages that need nothing: they open from a disk, and from any web server. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { slotsOf, type Cut } from '../desk/schedule.ts'
import { readRecording } from '../attacks/recording.ts'
import { readPassport } from '../passport.ts'
import type { Stage } from '../stage.ts'
import { readLessons } from '../weave/lesson.ts'
import { weave, type Problem, type Workshop } from '../weave/weave.ts'
import { ATTACKS_PAGE, GLOSSARY_PAGE, lessonPage, sourcePage, SOURCES_PAGE, type Book, type Chapter } from './book.ts'
import { attacksPageOf } from './attacks-page.ts'
import { readGlossary } from './glossary.ts'
import { highlighter } from './highlight.ts'
import { homePage } from './home-page.ts'
import { lessonPageOf } from './lesson-page.ts'
import { glossaryPageOf, sourcesPageOf } from './lists.ts'
import { searchIndex } from './search-index.ts'
import { sourcePageOf } from './source-page.ts'

/** By their paths from the site's root. */
export type Files = ReadonlyMap<string, string>

interface Material {
  repository: string
  stages: readonly Stage[]
  workshop: Workshop
  cuts: readonly Cut[]
}

// #region site
/** All pages, and what is wrong with the lessons that they show. Writes nothing. */
export async function makeSite(material: Material): Promise<{ files: Files; problems: Problem[] }> {
  const book = await openBook(material)
  const files = new Map([
    ['index.html', homePage(book)],
    ...book.chapters.map((chapter) => [lessonPage(chapter.lesson), lessonPageOf(book, chapter)] as const),
    ...book.sources.map((path) => [sourcePage(path), sourcePageOf(book, path)] as const),
    [SOURCES_PAGE, sourcesPageOf(book)],
    [GLOSSARY_PAGE, glossaryPageOf(book)],
    [ATTACKS_PAGE, attacksPageOf(book)],
    ['assets/search-index.js', searchIndex(book)],
    ...assets(material.repository),
  ])
  return { files, problems: book.chapters.flatMap(({ woven }) => woven.problems) }
}
// #endregion site

async function openBook({ repository, stages, workshop, cuts }: Material): Promise<Book> {
  const lessons = readLessons(repository)
  const chapters = lessons.map((lesson) => ({ lesson, woven: weave(repository, lesson, workshop) }))
  return {
    repository,
    stages,
    workshop,
    chapters,
    terms: readGlossary(repository),
    attacks: readRecording(repository),
    passport: readPassport(repository),
    schedules: cuts.map((cut) => ({ name: cut.name, slots: slotsOf(lessons, cut) })),
    sources: sourcesOf(repository, chapters),
    highlight: await highlighter(),
  }
}

/** What lessons explain, their stages, the attacks, and whatever else is quoted. */
function sourcesOf(repository: string, chapters: readonly Chapter[]): string[] {
  const taught = chapters.flatMap(({ lesson }) => [
    `lessons/${lesson.name}/stage.ts`,
    ...lesson.teaches.map((file) => `src/${file}.ts`),
  ])
  const attacks = readdirSync(join(repository, 'src/workshop/attacks')).map((name) => `src/workshop/attacks/${name}`)
  const quoted = chapters.flatMap(({ woven }) =>
    woven.blocks.flatMap((block) => (block.kind === 'quote' ? [block.excerpt.path] : [])),
  )
  return [...new Set([...taught, ...attacks.sort(), ...quoted])]
}

const ASSETS = 'src/workshop/site/assets'
const SHEETS = ['colours', 'page', 'home', 'lesson', 'blocks', 'attacks', 'source', 'search', 'print'].map(
  (name) => `${name}.css`,
)

/** The style sheets are one to a browser. */
function assets(repository: string): [string, string][] {
  const read = (name: string): string => readFileSync(join(repository, ASSETS, name), 'utf8')
  const others = readdirSync(join(repository, ASSETS)).filter((name) => !SHEETS.includes(name))
  return [
    ['assets/site.css', SHEETS.map(read).join('\n')],
    ...others.map((name): [string, string] => [`assets/${name}`, read(name)]),
  ]
}

/** What was there before is taken away: a page of a lesson that is gone must not stay. */
export function writeSite(files: Files, directory: string): void {
  rmSync(directory, { recursive: true, force: true })
  for (const [path, content] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), content)
  }
}
