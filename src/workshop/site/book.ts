/** What a site is made of, and where each part of it has its page. */
import { dirname, join, normalize, relative } from 'node:path'
import type { Slot } from '../desk/schedule.ts'
import type { Recording } from '../attacks/recording.ts'
import type { Passport } from '../passport.ts'
import type { Stage } from '../stage.ts'
import type { Lesson } from '../weave/lesson.ts'
import type { Workshop, WovenPage } from '../weave/weave.ts'
import { GLOSSARY, type Term } from './glossary.ts'
import type { Highlight } from './highlight.ts'
import { rootOf } from './shell.ts'

export interface Book {
  repository: string
  chapters: Chapter[]
  stages: readonly Stage[]
  workshop: Workshop
  terms: Term[]
  schedules: { name: string; slots: Slot[] }[]
  attacks: Recording
  passport: Passport
  /** Source files that have a page, from the repository's root. */
  sources: string[]
  highlight: Highlight
}

export interface Chapter {
  lesson: Lesson
  woven: WovenPage
}

export const lessonPage = ({ name }: Pick<Lesson, 'name'>): string => `lessons/${name}.html`
export const sourcePage = (path: string): string => `source/${path}.html`
export const GLOSSARY_PAGE = 'glossary.html'
export const ATTACKS_PAGE = 'attacks.html'
export const SOURCES_PAGE = 'source/index.html'

// #region links
/**
 * Where a link that was written in a file of the repository leads on the site.
 * @param from the file. @param page its own page, from which the answer is relative.
 */
export function leadsTo(book: Book, from: string, page: string, href: string): string | undefined {
  if (/^([a-z]+:|#)/.test(href)) return href
  const [path = '', anchor] = href.split('#')
  const target = pageOf(book, normalize(join(dirname(from), path)))
  return target === undefined ? undefined : `${rootOf(page)}${target}${anchor === undefined ? '' : `#${anchor}`}`
}

function pageOf({ chapters, sources }: Book, file: string): string | undefined {
  const chapter = chapters.find(({ lesson }) => lesson.path === file || dirname(lesson.path) === file)
  if (chapter) return lessonPage(chapter.lesson)
  if (sources.includes(file)) return sourcePage(file)
  return { [GLOSSARY]: GLOSSARY_PAGE, 'README.md': 'index.html' }[file]
}

/** From one page to a source file's, if it has one. */
export const sourceFrom = ({ sources }: Book, page: string, path: string): string | undefined =>
  sources.includes(path) ? relative(dirname(page), sourcePage(path)) : undefined
// #endregion links
