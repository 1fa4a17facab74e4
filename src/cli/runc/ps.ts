/** `ps`: the numbers of a container's processes, or what ps(1) says of them. */
import { execFileSync } from 'node:child_process'
import { ps as psOf } from '../../runtime/ps.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command } from './command.ts'
import { oneOf } from './globals.ts'
import { print } from '../../workshop/print.ts'

// ts-unused-exports:disable-next-line
export const ps = command({
  usage: '<container-id> [OPTIONS OF ps(1) …]',
  about: 'What follows the name is ps(1)’s (default: -ef); among its columns there has to be PID.',
  options: { format: { short: 'f', value: 'FORMAT', about: 'table or json (default: table)' } },
  extent: 'first',
  words: [1, Infinity],
  run: ({ format = 'table' }, [id = '', ...options], { settings }) => {
    const pids = psOf(settings, id)
    if (oneOf('format', format, ['table', 'json']) === 'json') print(JSON.stringify(pids))
    else print(linesOf(saidByPs(options), new Set(pids)).join('\n'))
  },
})

function saidByPs(options: readonly string[]): string {
  try {
    return execFileSync('ps', options.length > 0 ? options : ['-ef'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: string }
    throw new Complaint(
      `Cannot list the processes: ${stderr?.trim() || message}\n  Try --format json, which needs no ps(1)`,
      {
        cause,
      },
    )
  }
}

/** The head, and the lines whose column PID is one of them. @throws Complaint when there is no such column. */
export function linesOf(text: string, pids: ReadonlySet<number>): string[] {
  const [head = '', ...lines] = text.trimEnd().split('\n')
  const column = words(head).indexOf('PID')
  if (column < 0)
    throw new Complaint(
      'Cannot tell whose the processes are: ps(1) was told to leave out PID\n  Ask for that column, too: -o pid,args',
    )
  return [head, ...lines.filter((line) => pids.has(Number(words(line)[column])))]
}

const words = (line: string): string[] => line.trim().split(/\s+/)
