import type { CommandModule } from 'yargs'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { attackNamed, attacks } from '../workshop/attacks/all.ts'
import { runAttack, type Verdict } from '../workshop/attacks/attack.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { colour, print } from '../workshop/say.ts'
import type { Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'

interface Arguments {
  name: string | undefined
  stage: string | undefined
  json: boolean
}

export const attackCommand = (stages: readonly Stage[]): CommandModule<object, Arguments> => ({
  command: 'attack [name]',
  describe: 'try to get out of the boxes',
  builder: (yargs) =>
    yargs
      .positional('name', { type: 'string', describe: 'one attack alone' })
      .option('stage', { type: 'string', requiresArg: true, describe: 'one stage alone' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: async ({ name, stage, json }) => {
    const chosen = name === undefined ? attacks : [attackNamed(name)]
    const against = stage === undefined ? stages : [stageNumbered(stages, stage)]
    await prepare(json)
    const rootfs = ensureBase(imageDirectory()).path
    const rows: { attack: string; stage: number; verdict: Verdict }[] = []
    for (const attack of chosen) {
      if (!json) print(`${attack.name}: ${attack.story}`)
      for (const target of against) {
        const verdict = await runAttack(attack, target, rootfs)
        rows.push({ attack: attack.name, stage: target.lesson, verdict })
        if (!json) print(`  stage ${target.lesson}  ${colour(verdict === 'open' ? 'red' : 'green', verdict)}`)
      }
    }
    if (json) print(JSON.stringify(rows, null, 2))
  },
})
