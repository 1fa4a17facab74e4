import type { CommandModule } from 'yargs'
import { isBegun, openDesk } from '../workshop/desk/desk.ts'
import { slotsOf, type Cut, type Slot } from '../workshop/desk/schedule.ts'
import { print } from '../workshop/print.ts'
import { readLessons, type Lesson } from '../workshop/weave/lesson.ts'
import { repository } from './repository.ts'

const DAY = 420

export const CUTS: readonly Cut[] = [
  { name: '90 minutes', minutes: 90 },
  { name: 'half a day', minutes: DAY / 2 },
  { name: 'a full day', minutes: DAY },
  { name: 'and a second day', minutes: DAY, after: DAY },
]

interface Arguments {
  minutes: number | undefined
  json: boolean
}

export const lessonsCommand: CommandModule<object, Arguments> = {
  command: 'lessons',
  describe: 'the lessons, and what fits into 90 minutes, half a day, a day, two days',
  builder: (yargs) =>
    yargs
      .option('minutes', { type: 'number', requiresArg: true, describe: 'what fits into so many minutes' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: ({ minutes, json }) => {
    const lessons = readLessons(repository)
    const cuts = minutes === undefined ? CUTS : [{ name: `${minutes} minutes`, minutes }]
    const schedules = cuts.map((cut) => ({ name: cut.name, slots: slotsOf(lessons, cut) }))
    if (json) print(JSON.stringify(schedules, null, 2))
    else print([lessons.map(line).join('\n'), ...schedules.map(told)].join('\n\n'))
  },
}

function line({ number, name, title, minutes }: Lesson): string {
  const begun = isBegun(openDesk(repository), name) ? '  begun' : ''
  return `${number} · ${title.padEnd(12)}  ${minutes.teaching} min and ${minutes.exercises} for the exercise${begun}`
}

const told = ({ name, slots }: { name: string; slots: Slot[] }): string =>
  [name, ...slots.map((slot) => `  ${clock(slot.at)}  ${String(slot.minutes).padStart(3)} min  ${content(slot)}`)].join(
    '\n',
  )

const clock = (minutes: number): string => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`

const content = ({ lesson, what }: Slot): string => (lesson ? `${lesson.number} · ${lesson.title}, ${what}` : what)
