import type { CommandModule } from 'yargs'
import { defaultSpec } from '../oci/defaults.ts'
import { diff, type Difference } from '../plan/diff.ts'
import { symbolic } from '../plan/symbols.ts'
import { planOf } from '../workshop/run-stage.ts'
import { colour, print } from '../workshop/say.ts'
import type { Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'

interface Arguments {
  from: string
  to: string
  json: boolean
}

export const diffCommand = (stages: readonly Stage[]): CommandModule<object, Arguments> => ({
  command: 'diff <from> <to>',
  describe: 'what one stage has and another has not',
  builder: (yargs) =>
    yargs
      .positional('from', { type: 'string', demandOption: true, describe: 'a stage, by number or name' })
      .positional('to', { type: 'string', demandOption: true, describe: 'another' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: ({ from, to, json }) => {
    const spec = defaultSpec({ id: 'ID', rootfs: '/BASE', args: ['sh'] })
    const rows = diff(planOf(stageNumbered(stages, from), spec), planOf(stageNumbered(stages, to), spec))
    print(json ? JSON.stringify(rows, null, 2) : rows.map(line).join('\n'))
  },
})

function line({ sign, step }: Difference): string {
  const text = `${sign} ${step.lane.padEnd(4)}  ${symbolic(step)}`
  return sign === ' ' ? text : colour(sign === '+' ? 'green' : 'red', text)
}
