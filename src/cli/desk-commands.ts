/** The learner's desk: `begin`, `goto`, `catchup`. */
import { relative } from 'node:path'
import type { CommandModule } from 'yargs'
import { Complaint } from '../workshop/complaint.ts'
import { begin, catchUp, goTo, isBegun, openDesk, type Placed } from '../workshop/desk/desk.ts'
import { print } from '../workshop/print.ts'
import { directoryOf, type Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { repository } from './repository.ts'

interface Arguments {
  n: string
}

type Stages = readonly Stage[]

const command = (command: string, describe: string, work: (n: string) => void): CommandModule<object, Arguments> => ({
  command,
  describe,
  builder: (yargs) =>
    yargs.positional('n', { type: 'string', demandOption: true, describe: 'a lesson, by number or name' }),
  handler: ({ n }) => work(n),
})

export const beginCommand = (stages: Stages): CommandModule<object, Arguments> =>
  command('begin <n>', 'put the exercise of a lesson on your desk, work/', (n) => {
    const stage = stageNumbered(stages, n)
    const placed = begin(openDesk(repository), directoryOf(stage))
    print(
      placed.fresh
        ? `${shown(placed.file)} is yours: fill in its TODOs`
        : `${shown(placed.file)} is there already, as you left it`,
    )
    next(stage)
  })

export const gotoCommand = (stages: Stages): CommandModule<object, Arguments> =>
  command('goto <n>', 'go to a lesson from anywhere; nothing of yours is lost', (n) => {
    const stage = stageNumbered(stages, n)
    const placed = goTo(openDesk(repository), stages.map(directoryOf), directoryOf(stage))
    for (const one of placed.slice(0, -1)) print(`${shown(one.file)} is there, solved`)
    for (const one of placed.slice(-1))
      print(`${shown(one.file)} is ${one.fresh ? 'yours: fill in its TODOs' : 'there, as you left it'}`)
    next(stage)
  })

export const catchupCommand = (stages: Stages): CommandModule<object, { n: string | undefined }> => ({
  command: 'catchup [n]',
  describe: 'take the reference’s wall for yours, and go on',
  builder: (yargs) => yargs.positional('n', { type: 'string', describe: 'a lesson; or the last that was begun' }),
  handler: ({ n }) => {
    const stage = n === undefined ? lastBegun(stages) : stageNumbered(stages, n)
    const placed = catchUp(openDesk(repository), directoryOf(stage))
    if (placed.aside !== undefined) print(`yours is kept as ${shown(placed.aside)}`)
    print(`${shown(placed.file)} is ${placed.fresh ? 'now' : 'already'} the reference’s ${kindOf(stage)}`)
    const following = stages[stages.indexOf(stage) + 1]
    if (following) print(`  go on with: boxwright begin ${following.lesson}`)
  },
})

function lastBegun(stages: Stages): Stage {
  const found = stages.findLast((stage) => isBegun(openDesk(repository), directoryOf(stage)))
  if (found) return found
  throw new Complaint('Cannot catch up: no lesson has been begun\n  Begin the first: boxwright begin 1')
}

const shown = (path: Placed['file']): string => relative('', path)

const next = ({ lesson }: Stage): void => print(`  judged with: boxwright check ${lesson} --watch`)

/** What a lesson’s exercise is. */
const kindOf = ({ exercise }: Stage): string =>
  exercise === 'keeper' ? 'driver' : exercise === 'unpacker' || exercise === 'puller' ? 'program' : 'wall'
