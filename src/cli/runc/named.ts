/** Which containers are meant: one by its name, or all whose names match. */
import { list } from '../../runtime/list.ts'
import type { Settings } from '../../runtime/settings.ts'
import { Complaint } from '../../workshop/complaint.ts'
import type { Options } from '../options/option.ts'

export const NAMES = {
  regex: { short: 'r', about: 'the name is a regular expression: all containers that it matches' },
} as const satisfies Options

/** @throws Complaint when it is no regular expression. */
export function named(settings: Settings, word: string, regex: boolean): string[] {
  if (!regex) return [word]
  const pattern = patternOf(word)
  return list(settings).flatMap(({ id }) => (pattern.test(id) ? [id] : []))
}

function patternOf(word: string): RegExp {
  try {
    return new RegExp(word)
  } catch (cause) {
    throw new Complaint(`Cannot look for "${word}": ${(cause as Error).message}`, { cause })
  }
}
