/** A lesson: a page, with what its front matter says of it. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readPage, type Page } from './page.ts'

export interface Lesson extends Page {
  number: number
  /** `03-mounts`. */
  name: string
  title: string
  minutes: { teaching: number; exercises: number }
  /** Names of the lessons that it builds on. */
  needs: string[]
  /** The source files that it explains, from `src/`, without their ending. */
  teaches: string[]
}

// #region lesson
/** All lessons, in their order. @throws Error when the front matter lacks a field. */
export function readLessons(repository: string): Lesson[] {
  const names = readdirSync(join(repository, 'lessons')).filter((name) => /^\d\d-/.test(name))
  return names.sort().map((name) => readLesson(repository, name))
}

export function readLesson(repository: string, name: string): Lesson {
  const page = readPage(repository, `lessons/${name}/lesson.md`)
  const minutes = field(page, 'minutes')
  return {
    ...page,
    number: Number(name.slice(0, 2)),
    name,
    title: field(page, 'title').replace(/^(['"])(.*)\1$/, '$2'),
    minutes: { teaching: number(minutes, 'teaching'), exercises: number(minutes, 'exercises') },
    needs: list(field(page, 'needs')),
    teaches: list(field(page, 'teaches')),
  }
}
// #endregion lesson

/** `name: value` on a line: a small part of YAML, and no more of it is needed. */
function field({ front, path }: Page, name: string): string {
  const value = new RegExp(`^${name}:(.*)$`, 'm').exec(front)?.[1]?.trim()
  if (value === undefined) throw new Error(`Cannot read "${path}": its front matter has no "${name}"`)
  return value
}

const number = (text: string, name: string): number => Number(new RegExp(`${name}: *(\\d+)`).exec(text)?.[1] ?? 0)

const list = (text: string): string[] =>
  text
    .replace(/^\[|\]$/g, '')
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
