/** How much of the course fits into a morning: lessons in their order, each only after what it builds on. */
import type { Lesson } from '../weave/lesson.ts'

export interface Slot {
  /** Minutes after the beginning. */
  at: number
  minutes: number
  lesson?: Pick<Lesson, 'number' | 'title'>
  what: 'lesson and exercise' | 'lesson alone' | 'break'
}

const BREAK = 15
/** Nobody listens for longer. */
const LONGEST = 90

type Timed = Pick<Lesson, 'number' | 'name' | 'title' | 'minutes' | 'needs'>

// #region schedule
/** A lesson whose exercise does not fit any more is shown; one that does not even fit so, or lacks what it builds on, is left out. */
export function schedule(lessons: readonly Timed[], minutes: number): Slot[] {
  const slots: Slot[] = []
  const taught = new Set<string>()
  for (const lesson of lessons) {
    const { teaching, exercises } = lesson.minutes
    if (!lesson.needs.every((need) => taught.has(need))) continue
    const before = needsBreak(slots, teaching + exercises)
      ? [{ at: end(slots), minutes: BREAK, what: 'break' as const }]
      : []
    const left = minutes - end([...slots, ...before])
    if (teaching > left) continue
    const whole = teaching + exercises <= left
    const what = whole ? 'lesson and exercise' : 'lesson alone'
    slots.push(...before, {
      at: end([...slots, ...before]),
      minutes: whole ? teaching + exercises : teaching,
      lesson,
      what,
    })
    taught.add(shortName(lesson))
  }
  return slots
}
// #endregion schedule

const shortName = ({ name }: Timed): string => name.replace(/^\d+-/, '')

const end = (slots: readonly Slot[]): number => {
  const last = slots.at(-1)
  return last ? last.at + last.minutes : 0
}

function needsBreak(slots: readonly Slot[], next: number): boolean {
  const last = slots.findLastIndex(({ what }) => what === 'break')
  const since = slots.slice(last + 1).reduce((sum, slot) => sum + slot.minutes, 0)
  return since > 0 && since + next > LONGEST
}
