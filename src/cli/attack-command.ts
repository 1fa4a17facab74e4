import { constants } from 'node:os'
import type { CommandModule } from 'yargs'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { attackNamed, attacks } from '../workshop/attacks/all.ts'
import { runAttack, type Attack } from '../workshop/attacks/attack.ts'
import { enterStandIn } from '../workshop/attacks/ground.ts'
import { head, line, rowOf, type Row } from '../workshop/attacks/matrix.ts'
import { recordingOf } from '../workshop/attacks/stale.ts'
import type { Outcome, Verdict } from '../workshop/attacks/verdict.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { print } from '../workshop/print.ts'
import { colour } from '../workshop/say.ts'
import { wallBuildersOf, type Stage } from '../workshop/stage.ts'
import { boxNumbered } from '../workshop/stages.ts'
import { repository } from './repository.ts'
import { workshopOf } from './workshop.ts'

interface Arguments {
  name: string | undefined
  stage: string | undefined
  json: boolean
}

export const attackCommand = (
  stages: readonly Stage[],
  finish: (status: number) => void,
): CommandModule<object, Arguments> => ({
  command: 'attack [name]',
  describe: 'try to get out of the boxes',
  builder: (yargs) =>
    yargs
      .positional('name', { type: 'string', describe: 'one attack alone' })
      .option('stage', { type: 'string', requiresArg: true, describe: 'one stage alone' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: async ({ name, stage, json }) => {
    const chosen = name === undefined ? attacks : [attackNamed(name)]
    const builders = wallBuildersOf(stages)
    const against = stage === undefined ? builders : [boxNumbered(stages, stage)]
    await prepare(json)
    const rootfs = ensureBase(imageDirectory()).path
    const teller = json ? SILENT : name === undefined ? TABLE : LIST
    const rows = await runAll(chosen, against, rootfs, teller)
    if (json)
      print(JSON.stringify(recordingOf({ repository, stages: builders, workshop: workshopOf(stages) }, rows), null, 2))
    finish(rows.length === chosen.length ? 0 : 128 + constants.signals.SIGINT)
  },
})

/** Says what has been found, while there is more to find. */
interface Teller {
  start?(stages: readonly Stage[]): void
  begin?(attack: Attack): void
  found?(stage: Stage, outcome: Outcome): void
  end?(row: Row): void
}

const SILENT: Teller = {}

const LIST: Teller = {
  begin: ({ name, story }) => print(`${name}: ${story}`),
  found: ({ lesson }, { verdict, reason }) =>
    print(`  stage ${lesson}  ${paint(verdict)}${reason === undefined ? '' : `: ${reason}`}`),
}

const TABLE: Teller = {
  start: (stages) => print(head(stages.map(({ lesson }) => lesson))),
  end: (row) => print([line(row, paint), ...new Set(Object.values(row.unseen ?? {}))].join('\n  unseen: ')),
}

const COLOURS = { open: 'red', closed: 'green', unseen: 'yellow' } as const

const paint = (verdict: Verdict): string => colour(COLOURS[verdict], verdict)

/** @returns the rows that were made whole before somebody interrupted. What is being tried then is still taken away. */
async function runAll(
  chosen: readonly Attack[],
  against: readonly Stage[],
  rootfs: string,
  teller: Teller,
): Promise<Row[]> {
  const rows: Row[] = []
  const interruption = { came: false }
  for (const signal of INTERRUPTIONS) process.on(signal, () => (interruption.came = true))
  enterStandIn()
  teller.start?.(against)
  for (const attack of chosen) {
    const outcomes = new Map<number, Outcome>()
    teller.begin?.(attack)
    for (const stage of against) {
      const outcome = await runAttack(attack, stage, rootfs)
      if (interruption.came) return rows
      outcomes.set(stage.lesson, outcome)
      teller.found?.(stage, outcome)
    }
    rows.push(rowOf(attack, outcomes))
    teller.end?.(rowOf(attack, outcomes))
  }
  return rows
}

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
