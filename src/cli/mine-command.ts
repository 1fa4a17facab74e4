import { BASE } from '../oci/defaults.ts'
import type { CommandModule } from 'yargs'
import { symbolic } from '../plan/symbols.ts'
import type { Step } from '../plan/plan.ts'
import { Complaint } from '../workshop/complaint.ts'
import { compare, type Remark } from '../workshop/desk/compare.ts'
import { fileOf, openDesk } from '../workshop/desk/desk.ts'
import { planOf, specOf } from '../workshop/run-stage.ts'
import { print } from '../workshop/print.ts'
import { directoryOf, withWall, type Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { loadWall } from '../workshop/wall-file.ts'
import { repository } from './repository.ts'

interface Arguments {
  n: string
  json: boolean
}

export const mineCommand = (stages: readonly Stage[]): CommandModule<object, Arguments> => ({
  command: 'mine <n>',
  describe: 'your plan beside the reference’s',
  builder: (yargs) =>
    yargs
      .positional('n', { type: 'string', demandOption: true, describe: 'a lesson, by number or name' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: async ({ n, json }) => {
    const stage = stageNumbered(stages, n)
    if (stage.exercise === 'keeper')
      throw new Complaint(
        `Cannot compare lesson ${stage.lesson}: its exercise is a way to keep snapshots, and has no plan\n  Have it judged: boxwright check ${stage.lesson}`,
      )
    if (stage.exercise === 'unpacker' || stage.exercise === 'puller')
      throw new Complaint(
        `Cannot compare plans at lesson ${stage.lesson}: yours is a program, and no wall\n  See ours: lessons/${directoryOf(stage)}/solution.ts`,
      )
    const wall = await loadWall(fileOf(openDesk(repository), directoryOf(stage)))
    const spec = specOf(stage, { id: 'ID', rootfs: BASE, args: ['sh'], resources: RESOURCES })
    const remarks = compare(planOf(withWall(stage, wall), spec), planOf(stage, spec))
    if (json) print(JSON.stringify(remarks, null, 2))
    else print(remarks.map(line).join('\n') || 'The same as the reference, step by step')
  },
})

/** So that lesson 4 has something to compare. */
const RESOURCES = { memory: { limit: 67_108_864n }, pids: { limit: 32n }, cpu: { quota: 50_000n, period: 100_000n } }

function line(remark: Remark): string {
  const mine = shown(remark.step)
  switch (remark.kind) {
    case 'missing':
      return `missing    ${mine}\n           it is there because: ${remark.step.why}`
    case 'extra':
      return `extra      ${mine}`
    case 'elsewhere':
      return `elsewhere  ${mine}\n           the reference has it at another place`
    case 'other lane':
    case 'other arguments':
      return `differs    ${mine}\nreference  ${shown(remark.reference)}`
    default:
      return remark satisfies never
  }
}

const shown = (step: Step): string => `${step.lane.padEnd(4)} ${symbolic(step)}`
