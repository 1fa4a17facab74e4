/** How much of the course fits into a morning, or into two days: lessons in their order, each only after what it builds on. */
import type { Lesson } from '../weave/lesson.ts'

export interface Slot {
  /** Minutes after the beginning. */
  at: number
  minutes: number
  lesson?: Pick<Lesson, 'number' | 'name' | 'title'>
  what: 'lesson and exercise' | 'lesson alone' | 'break'
}

const BREAK = 15
/** Nobody listens for longer. */
const LONGEST = 90

export interface Cut {
  name: string
  minutes: number
  /** So many of another day came before it. */
  after?: number
}

type Timed = Pick<Lesson, 'number' | 'name' | 'title' | 'minutes' | 'needs'>

// #region schedule
/** What is left for a second day is what the first has not had. */
export function slotsOf(lessons: readonly Timed[], { minutes, after = 0 }: Cut): Slot[] {
  const before = schedule(lessons, after).flatMap(({ lesson }) => lesson ?? [])
  return schedule(lessons, minutes, before)
}

/** A lesson whose exercise does not fit any more is shown; one that does not even fit so, or lacks what it builds on, is left out. @param before lessons of another day. */
export function schedule(
  lessons: readonly Timed[],
  minutes: number,
  before: readonly Pick<Timed, 'name'>[] = [],
): Slot[] {
  const slots: Slot[] = []
  const taught = new Set(before.map(shortName))
  for (const lesson of lessons.filter((one) => !taught.has(shortName(one)))) {
    const { teaching, exercises } = lesson.minutes
    if (!lesson.needs.every((need) => taught.has(need))) continue
    const rest = needsBreak(slots, teaching + exercises)
      ? [{ at: end(slots), minutes: BREAK, what: 'break' as const }]
      : []
    const left = minutes - end([...slots, ...rest])
    if (teaching > left) continue
    const whole = teaching + exercises <= left
    const what = whole ? 'lesson and exercise' : 'lesson alone'
    slots.push(...rest, {
      at: end([...slots, ...rest]),
      minutes: whole ? teaching + exercises : teaching,
      lesson,
      what,
    })
    taught.add(shortName(lesson))
  }
  return slots
}
// #endregion schedule

const shortName = ({ name }: Pick<Timed, 'name'>): string => name.replace(/^\d+-/, '')

const end = (slots: readonly Slot[]): number => {
  const last = slots.at(-1)
  return last ? last.at + last.minutes : 0
}

function needsBreak(slots: readonly Slot[], next: number): boolean {
  const last = slots.findLastIndex(({ what }) => what === 'break')
  const since = slots.slice(last + 1).reduce((sum, slot) => sum + slot.minutes, 0)
  return since > 0 && since + next > LONGEST
}
