/** What search looks through: each section of each lesson, and each term. A script, since a page on a disk may not fetch a file. */
import type { Woven } from '../weave/weave.ts'
import { ATTACKS_PAGE, GLOSSARY_PAGE, lessonPage, type Book, type Chapter } from './book.ts'
import { lessonText } from './lesson-page.ts'
import { plainText } from './prose.ts'

export interface Entry {
  /** Where it is: a lesson, the glossary. */
  place: string
  title: string
  href: string
  text: string
}

// #region index
export const searchIndex = (book: Book): string =>
  `globalThis.boxwrightSearch = ${JSON.stringify([...book.chapters.flatMap((chapter) => sections(book, chapter)), ...terms(book), ...attacks(book)])}\n`

const terms = ({ terms }: Book): Entry[] =>
  terms.map(({ name, id, also, meaning }) => ({
    place: 'Glossary',
    title: name,
    href: `${GLOSSARY_PAGE}#${id}`,
    text: tidy([...meaning.map((token) => plainText([token])), ...also].join(' ')),
  }))

const attacks = ({ attacks }: Book): Entry[] =>
  attacks.rows.map(({ attack, story }) => ({
    place: 'Attack',
    title: attack,
    href: `${ATTACKS_PAGE}#${attack}`,
    text: story,
  }))

function sections(book: Book, chapter: Chapter): Entry[] {
  const { lesson, woven } = chapter
  const place = `Lesson ${lesson.number}`
  const href = lessonPage(lesson)
  const headings = lessonText(book, chapter).headings.values()
  let section: Entry = { place, title: lesson.title, href, text: '' }
  const entries = [section]
  for (const block of woven.blocks) {
    const heading = isHeading(block) ? headings.next().value : undefined
    if (!heading) section.text += ` ${words(block)}`
    else if (heading.depth > 1)
      entries.push((section = { place, title: heading.text, href: `${href}#${heading.id}`, text: '' }))
  }
  return entries.map((entry) => ({ ...entry, text: tidy(entry.text) }))
}
// #endregion index

const isHeading = (block: Woven): boolean => block.kind === 'prose' && block.token.type === 'heading'

function words(block: Woven): string {
  switch (block.kind) {
    case 'prose':
      return plainText([block.token])
    case 'quote':
      return block.excerpt.text
    case 'console':
      return block.exchanges.map(({ command, expected }) => [command, ...expected].join('\n')).join('\n')
    case 'plan':
    case 'diff':
      return block.command
    case 'matrix':
      return block.rows.map(({ attack, story }) => `${attack}: ${story}`).join('\n')
    case 'not run':
      return block.text
    default:
      return block satisfies never
  }
}

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim()
