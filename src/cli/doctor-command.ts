import type { CommandModule } from 'yargs'
import { doctor, type Finding } from '../workshop/doctor.ts'
import { prepare } from '../workshop/preliminaries.ts'
import { print } from '../workshop/print.ts'
import { colour } from '../workshop/say.ts'
import type { Stage } from '../workshop/stage.ts'

interface Arguments {
  json: boolean
}

export const doctorCommand = (
  stages: readonly Stage[],
  finish: (status: number) => void,
): CommandModule<object, Arguments> => ({
  command: 'doctor',
  describe: 'try what the lessons need, and say what runs',
  builder: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: async ({ json }) => {
    await prepare(json)
    const findings = await doctor()
    print(
      json ? JSON.stringify(findings, null, 2) : [...findings.map(line), '', ...verdict(findings, stages)].join('\n'),
    )
    finish(findings.every(({ ok, lesson, partly }) => ok || partly || lesson > 4) ? 0 : 1)
  },
})

function line({ lesson, what, ok, fact }: Finding): string {
  const [first = '', ...rest] = fact.match(/.{1,52}(?:\s|$)|.{1,52}/g) ?? []
  const mark = ok ? colour('green', 'yes') : colour('red', 'no ')
  return [`${lesson}  ${mark}  ${what.padEnd(18)}  ${first}`, ...rest.map((text) => `${' '.repeat(28)}${text}`)].join(
    '\n',
  )
}

/** A stage needs what its own lesson and all before it have tried. Each remedy is said once. */
function verdict(findings: readonly Finding[], all: readonly Stage[]): string[] {
  const firstGap = Math.min(...findings.filter(({ ok, partly }) => !ok && !partly).map(({ lesson }) => lesson))
  const numbers = all.map(({ lesson }) => lesson).filter((lesson) => lesson < firstGap)
  const remedies = new Set(findings.flatMap(({ remedy }) => remedy ?? []))
  return [
    `Stages that run here, as you are: ${numbers.join(', ') || 'none'}`,
    ...[...remedies].map((remedy) => `→ ${remedy}`),
  ]
}
