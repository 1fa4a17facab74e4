import type { CommandModule } from 'yargs'
import { doctor, type Finding } from '../workshop/doctor.ts'
import { colour, print } from '../workshop/say.ts'

interface Arguments {
  json: boolean
}

export const doctorCommand = (finish: (status: number) => void): CommandModule<object, Arguments> => ({
  command: 'doctor',
  describe: 'try what the lessons need, and say what runs',
  builder: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'as JSON' }),
  handler: async ({ json }) => {
    const findings = await doctor()
    print(json ? JSON.stringify(findings, null, 2) : findings.map(line).join('\n'))
    finish(findings.some(({ ok }) => !ok) ? 1 : 0)
  },
})

function line({ lesson, what, ok, fact, remedy }: Finding): string {
  const mark = ok ? colour('green', 'yes') : colour('red', 'no ')
  return `${lesson}  ${mark}  ${what.padEnd(24)} ${fact}${remedy ? `\n${' '.repeat(8)}→ ${remedy}` : ''}`
}
