/**
 * A plan, drawn: two lanes with time running down, a mark for each system call in the lane that makes it, and an arrow wherever the lane
 * changes, since that is where host and box meet. Drawn twice, for a page and for a phone: letters must not shrink.
 */
import { lanes, type Plan, type Step } from '../../plan/plan.ts'
import { symbolic } from '../../plan/symbols.ts'
import { markup, type Markup } from './markup.ts'
import { wrapCall, wrapWords } from './wrap.ts'

interface Lane {
  /** Where its line stands, and where its words begin or end. */
  line: number
  words: number
  anchor: 'start' | 'end'
  room: number
}

interface Sheet {
  name: 'wide' | 'narrow'
  width: number
  host: Lane
  box: Lane
}

const WIDE: Sheet = {
  name: 'wide',
  width: 848,
  host: { line: 346, words: 324, anchor: 'end', room: 322 },
  box: { line: 404, words: 426, anchor: 'start', room: 418 },
}

const NARROW: Sheet = {
  name: 'narrow',
  width: 350,
  host: { line: 19, words: 88, anchor: 'start', room: 260 },
  box: { line: 59, words: 88, anchor: 'start', room: 260 },
}

// #region drawing
/** @param lesson whose steps are marked as new; without one all are alike. */
export const drawings = (plan: Plan, lesson?: number): Markup[] =>
  [WIDE, NARROW].map((sheet) => drawing(plan, sheet, lesson))

function drawing(plan: Plan, sheet: Sheet, lesson: number | undefined): Markup {
  const rows = layOut(plan, sheet)
  const height = (rows.at(-1)?.bottom ?? HEAD) + TAIL
  const bottom = height - 6
  return markup`<svg class="drawing ${sheet.name}" role="img" aria-label="${summary(plan)}" width="${sheet.width}" height="${height}" viewBox="0 0 ${sheet.width} ${height}">
${title(sheet, 'host')}${title(sheet, 'box')}
${waiting(sheet.host, HEAD - 6, bottom)}${waiting(sheet.box, rows.find(isMeeting)?.top ?? bottom, bottom)}
${rows.filter(isRun).map((row) => activity(sheet, row))}
${rows.map((row) => (isMeeting(row) ? meeting(sheet, row) : row.steps.map((placed) => mark(sheet, placed, lesson))))}
${ending(plan, sheet, bottom)}</svg>`
}
// #endregion drawing

const HEAD = 34
const TAIL = 18
const CALL_HEIGHT = 17
const WHY_HEIGHT = 17

interface Placed {
  step: Step
  number: number
  y: number
  call: string[]
  why: string[]
}

interface Run {
  kind: 'run'
  lane: Step['lane']
  steps: Placed[]
  top: number
  bottom: number
}

interface Meeting {
  kind: 'meeting'
  to: Step['lane']
  words: string
  top: number
  bottom: number
}

type Row = Run | Meeting

const isRun = (row: Row): row is Run => row.kind === 'run'
const isMeeting = (row: Row): row is Meeting => row.kind === 'meeting'

/** The box is there from the first step on that is made in it: the host has it born then. */
function layOut(plan: Plan, sheet: Sheet): Row[] {
  const rows: Row[] = []
  let number = 1
  let born = false
  for (const steps of lanes(plan)) {
    const lane = steps[0]?.lane ?? 'host'
    if (lane === 'box' || born) rows.push(meetingOf(lane, born, rows.at(-1)?.bottom ?? HEAD))
    born ||= lane === 'box'
    const row = runOf(steps, number, sheet, rows.at(-1)?.bottom ?? HEAD)
    rows.push(row)
    number += steps.length
  }
  return rows
}

function meetingOf(to: Step['lane'], born: boolean, top: number): Meeting {
  const words = to === 'host' ? 'the box has done its part, and waits' : born ? 'the box goes on' : 'the box is born'
  return { kind: 'meeting', to, words, top: top + 14, bottom: top + 32 }
}

function runOf(steps: readonly Step[], first: number, sheet: Sheet, top: number): Run {
  const placed: Placed[] = []
  let y = top + 8
  const lane = steps[0]?.lane ?? 'host'
  for (const [n, step] of steps.entries()) {
    const call = wrapCall(symbolic(step), sheet[lane].room)
    const why = wrapWords(step.why, sheet[lane].room)
    placed.push({ step, number: first + n, y: y + 12, call, why })
    y += call.length * CALL_HEIGHT + why.length * WHY_HEIGHT + 12
  }
  return { kind: 'run', lane, steps: placed, top, bottom: y }
}

const title = (sheet: Sheet, lane: Step['lane']): Markup => {
  const { line, words, anchor } = sheet[lane]
  const middle = sheet.name === 'narrow'
  return markup`<text class="lane ${lane}" x="${middle ? line : words}" y="16" text-anchor="${middle ? 'middle' : anchor}">${lane}</text>`
}

const waiting = ({ line }: Lane, from: number, to: number): Markup =>
  markup`<line class="waiting" x1="${line}" x2="${line}" y1="${from}" y2="${to}"/>`

const activity = (sheet: Sheet, { lane, top, bottom }: Run): Markup =>
  markup`<line class="activity ${lane}" x1="${sheet[lane].line}" x2="${sheet[lane].line}" y1="${top + 4}" y2="${bottom - 8}"/>`

function meeting(sheet: Sheet, { to, words, top }: Meeting): Markup {
  const [from, end] = to === 'box' ? [sheet.host.line, sheet.box.line] : [sheet.box.line, sheet.host.line]
  const tip = to === 'box' ? end - 7 : end + 7
  const { words: x, anchor } = sheet[to]
  return markup`<g class="meeting"><line x1="${from}" x2="${end}" y1="${top}" y2="${top}"/><path d="M${tip} ${top - 5}L${end} ${top}L${tip} ${top + 5}"/><circle cx="${from}" cy="${top}" r="3.5"/><text x="${x}" y="${top + 4}" text-anchor="${anchor}">${words}</text></g>`
}

function mark(sheet: Sheet, { step, number, y, call, why }: Placed, lesson: number | undefined): Markup {
  const { line, words, anchor } = sheet[step.lane]
  const age = lesson !== undefined && step.lesson < lesson ? 'old' : 'new'
  const lines = (texts: readonly string[], from: number, height: number, kind: string): Markup[] =>
    texts.map(
      (text, n) =>
        markup`<text class="${kind}" x="${words}" y="${from + n * height}" text-anchor="${anchor}">${text}</text>`,
    )
  return markup`<g class="step ${step.lane} ${age}"><circle cx="${line}" cy="${y}" r="10"/><text class="number" x="${line}" y="${y + 4}" text-anchor="middle">${number}</text>${lines(call, y + 4, CALL_HEIGHT, 'call')}${lines(why, y + 5 + call.length * CALL_HEIGHT, WHY_HEIGHT, 'why')}</g>`
}

/** With execve(2) the box stops being ours and becomes the command. */
function ending(plan: Plan, sheet: Sheet, bottom: number): Markup | false {
  const { line } = sheet.box
  return plan.at(-1)?.call === 'execvpe' && markup`<path class="ending" d="M${line - 6} ${bottom - 9}h12l-6 9z"/>`
}

function summary(plan: Plan): string {
  const of = (lane: Step['lane']): number => plan.filter((step) => step.lane === lane).length
  return `Sequence diagram of ${plan.length} system calls in two lanes: ${of('host')} by the host, ${of('box')} in the box. The same as a table follows.`
}
