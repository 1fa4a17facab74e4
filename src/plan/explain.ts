/** A plan as a table that fits a terminal of 80 columns: number, lane, call and, after a run, what the kernel said and how long it took. */
import { errnoName } from '../kernel/error.ts'
import type { Plan, Step } from './plan.ts'
import { symbolic } from './symbols.ts'

/** What became of one step: errno, 0 when the kernel did it, and the time that it took. */
interface Result {
  errno: number
  nanoseconds: number
}

// #region explain
/** @param results of a run, for its errno and microseconds; steps that it did not come to have none. */
export function explain(plan: Plan, results?: readonly Result[]): string {
  const head = ` #  lane  call${results ? `${' '.repeat(CALL - 4)}result      µs` : ''}`
  return [head, ...plan.map((step, n) => row(step, n, results && (results[n] ?? 'not reached')))].join('\n')
}

function row(step: Step, n: number, result: Result | 'not reached' | undefined): string {
  const [first = '', ...rest] = wrap(symbolic(step), result ? CALL : CALL + 16)
  const start = `${String(n + 1).padStart(2)}  ${step.lane.padEnd(4)}  `
  const verdict = result === undefined ? '' : `${' '.repeat(CALL - first.length)}${written(result)}`
  return [
    `${start}${first}${verdict}`,
    ...rest.map((line) => `${INDENT}  ${line}`),
    ...(step.why ? [`${INDENT}– ${step.why} (${step.lesson})`] : []),
  ].join('\n')
}
// #endregion explain

const CALL = 52
const INDENT = ' '.repeat(10)

function written(result: Result | 'not reached'): string {
  if (result === 'not reached') return 'not reached'
  const code = result.errno === 0 ? 'ok' : errnoName(result.errno)
  return `${code} ${String(Math.round(result.nanoseconds / 1000)).padStart(13 - code.length)}`
}

/** Breaks after a comma, a bar or a slash where there is one; never loses a character. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  for (let room = width; rest.length > room; room = width - 2) {
    const head = rest.slice(0, room)
    const at = Math.max(head.lastIndexOf(', ') + 2, head.lastIndexOf('|') + 1, head.lastIndexOf('/') + 1)
    const cut = at > room / 3 ? at : room
    lines.push(rest.slice(0, cut).trimEnd())
    rest = rest.slice(cut)
  }
  return [...lines, rest]
}

/** The same for programs: one object a step, as JSON. */
export function explainJson(plan: Plan, results?: readonly Result[]): string {
  const rows = plan.map((step, n) => ({
    step: n + 1,
    ...step,
    text: symbolic(step),
    ...(results?.[n] && { result: results[n] }),
  }))
  return JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)
}
