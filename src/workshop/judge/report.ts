/** The verdict, for people: eighty columns, the first failure explained. And for programs. */
import { colour } from '../say.ts'
import { isJudged, score, type Grade } from './check.ts'

const WIDTH = 80

interface Judged {
  lesson: number
  program: string
  grades: readonly Grade[]
}

// #region report
export function report({ lesson, program, grades }: Judged): string {
  const { passed, total } = score(grades)
  const failed = grades.filter((grade) => grade.verdict === 'failed')
  const silent = grades.filter(({ verdict }) => verdict === 'not reached').length
  return [
    `Lesson ${lesson} · ${program}`,
    '',
    ...grades.filter(({ verdict }) => verdict !== 'not reached').map(line),
    ...(silent ? [`  ·  ${silent} more not reached`] : []),
    ...failed.slice(0, 2).flatMap(explanation),
    '',
    colour(passed === total ? 'green' : 'red', `${passed} of ${total}`),
    ...(isJudged(grades) ? [] : [`Nothing of lesson ${lesson} can be judged here`]),
    ...(failed.length ? [`A hint: boxwright hint ${lesson}`] : reasons(lesson, grades)),
  ].join('\n')
}
// #endregion report

function line(grade: Grade): string {
  const { check, verdict } = grade
  if (verdict === 'unseen') return `  –  ${check.title}: not judged, ${grade.reason}`
  return verdict === 'passed' ? `  ${colour('green', '✔')}  ${check.title}` : `  ${colour('red', '✘')}  ${check.title}`
}

function explanation(grade: Grade): string[] {
  if (grade.verdict !== 'failed') return []
  const { check, expected, found, cause } = grade
  return ['', `✘ ${check.title}`, ...row('expected', expected), ...row('found', found), ...row('likely', cause)]
}

/** What has been built, once it stands: why it works. */
function reasons(lesson: number, grades: readonly Grade[]): string[] {
  const own = grades.filter(({ check, verdict }) => check.lesson === lesson && verdict === 'passed')
  return own.length === 0
    ? []
    : ['', 'Why this works', ...own.flatMap(({ check }) => row('', `${check.title}: ${check.why}`, 2))]
}

function row(name: string, text: string, indent = 12): string[] {
  const lines = text.split('\n').flatMap((part) => wrap(part, WIDTH - indent))
  return lines.map(
    (words, n) => `${(n === 0 && name ? `  ${name}` : indent === 2 && n === 0 ? '–' : '').padEnd(indent)}${words}`,
  )
}

function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last && last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last ? `${last} ${word}` : word
  }
  return lines
}

/** @returns an object, as JSON. */
export function reportJson({ lesson, program, grades }: Judged): string {
  const checks = grades.map(({ check: { id, title, lesson }, ...rest }) => ({ id, lesson, title, ...rest }))
  return JSON.stringify({ lesson, program, ...score(grades), checks }, null, 2)
}
