import { BASE } from '../oci/defaults.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandModule } from 'yargs'
import { diff, type Difference } from '../plan/diff.ts'
import type { Plan } from '../plan/plan.ts'
import { symbolic } from '../plan/symbols.ts'
import { planOf, specOf } from '../workshop/run-stage.ts'
import { print } from '../workshop/print.ts'
import { colour } from '../workshop/say.ts'
import type { Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { readLessons } from '../workshop/weave/lesson.ts'
import { repository } from './repository.ts'

interface Arguments {
  from: string
  to: string
  json: boolean
}

export const diffCommand = (stages: readonly Stage[]): CommandModule<object, Arguments> => ({
  command: 'diff <from> <to>',
  describe: 'what one stage’s code and plan have and another’s have not',
  builder: (yargs) =>
    yargs
      .positional('from', { type: 'string', demandOption: true, describe: 'a stage, by number or name' })
      .positional('to', { type: 'string', demandOption: true, describe: 'another' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: ({ from, to, json }) => {
    const [before, after] = [stageNumbered(stages, from), stageNumbered(stages, to)]
    const code = sourcesBetween(before.lesson, after.lesson)
    const plan = diff(planFor(before), planFor(after))
    if (json) print(JSON.stringify({ walls: [before, after].map(wallsOf), code, plan }, null, 2))
    else print([walls(before), walls(after), ...code.map(file), '', ...steps(plan)].join('\n'))
  },
})

const planFor = (stage: Stage): Plan => planOf(stage, specOf(stage, { id: 'ID', rootfs: BASE, args: ['sh'] }))

interface Source {
  sign: '-' | '+'
  path: string
  lines: number
}

/** The files that the lessons between the two teach: gained on the way up, lost on the way down. */
function sourcesBetween(from: number, to: number): Source[] {
  const [low, high] = [Math.min(from, to), Math.max(from, to)]
  const paths = readLessons(repository)
    .filter(({ number }) => number > low && number <= high)
    .flatMap(({ teaches }) => teaches.map((name) => `src/${name}.ts`))
  return paths.map((path) => ({ sign: from < to ? '+' : '-', path, lines: linesOf(path) }))
}

const linesOf = (path: string): number => readFileSync(join(repository, path), 'utf8').trimEnd().split('\n').length

const wallsOf = ({ walls }: Stage): string[] => walls.map(({ name }) => name)

const walls = (stage: Stage): string => `  stage ${stage.lesson}: ${wallsOf(stage).join(', ')}`

const file = ({ sign, path, lines }: Source): string =>
  signed(sign, `${path.padEnd(32)}${String(lines).padStart(4)} lines`)

/** All of them, unless they are the same ones. */
const steps = (plan: readonly Difference[]): string[] =>
  plan.some(({ sign }) => sign !== ' ') ? plan.map(step) : [`  the same plan: ${plan.length} calls`]

const step = ({ sign, step }: Difference): string => signed(sign, `${step.lane.padEnd(4)}  ${symbolic(step)}`)

const signed = (sign: Difference['sign'], text: string): string =>
  sign === ' ' ? `  ${text}` : colour(sign === '+' ? 'green' : 'red', `${sign} ${text}`)
