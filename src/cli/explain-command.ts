import { existsSync } from 'node:fs'
import type { CommandModule } from 'yargs'
import { explain } from '../workshop/explain/explain.ts'
import { lastFailure } from '../workshop/explain/last-failure.ts'
import { parseQuestion } from '../workshop/explain/question.ts'
import { errorTitle, report, reportFailure } from '../workshop/explain/report.ts'
import { readScene } from '../workshop/explain/scene.ts'
import { Complaint } from '../workshop/complaint.ts'
import { print } from '../workshop/print.ts'

interface Arguments {
  words: string[]
  pid: string | undefined
  json: boolean
}

export const explainCommand: CommandModule<object, Arguments> = {
  command: 'explain [words..]',
  describe: 'say why a call failed: last, EINVAL, mount EBUSY …',
  builder: (yargs) =>
    yargs
      .positional('words', { type: 'string', array: true, default: [], describe: 'last, or [CALL] ERROR [ARGUMENT …]' })
      .option('pid', { type: 'string', requiresArg: true, describe: 'look as this process would' })
      .option('json', { type: 'boolean', default: false, describe: 'as JSON' })
      .parserConfiguration({ 'parse-positional-numbers': false, 'parse-numbers': false }),
  handler: ({ words, pid, json }) => {
    if (words.length === 0 || words[0] === 'last') explainLast(json)
    else explainQuestion(words, pidFrom(pid), json)
  },
}

function explainLast(json: boolean): void {
  const failure = lastFailure()
  if (!failure)
    throw new Complaint(
      'Cannot explain "last": no run of yours has failed yet\n  Name an error: boxwright explain EINVAL',
    )
  print(json ? JSON.stringify(failure, null, 2) : reportFailure(failure))
}

function explainQuestion(words: readonly string[], pid: number | undefined, json: boolean): void {
  const { calls, code, args } = parseQuestion(words)
  const scene = readScene(pid)
  const findings = calls.flatMap((call) => explain({ call, args, scene }, code))
  if (findings.length === 0)
    throw new Complaint(
      `Cannot explain "${words.join(' ')}": I know of no such failure\n  See what I know: boxwright explain ${calls.length === 1 ? (calls[0] ?? '') : 'EINVAL'}`,
    )
  const title = code === undefined ? [] : [errorTitle(code), '']
  print(json ? JSON.stringify(findings, null, 2) : [...title, report(findings)].join('\n'))
}

function pidFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+$/.test(text) && existsSync(`/proc/${text}`)) return Number(text)
  throw new Complaint(`Cannot look as process "${text}": there is none of that number\n  See the numbers with: ps`)
}
