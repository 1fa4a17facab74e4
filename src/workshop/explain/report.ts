/** Findings as lines for people, 80 columns wide. */
import { getSystemErrorMap } from 'node:util'
import { ERRNO } from '../../kernel/error.ts'
import { colour } from '../say.ts'
import type { Finding } from './explain.ts'
import type { Failure } from './last-failure.ts'

const WIDTH = 80
const MARKS = { false: ['red', 'no   '], so: ['green', 'yes  '], unknown: ['yellow', '?    '] } as const

// #region report
/** Every precondition, whether it is so, and for what is not: what is, what to do, who says so. */
export function report(findings: readonly Finding[]): string {
  const calls = [...new Set(findings.map(({ call }) => call))]
  return calls
    .map((call) =>
      section(
        call,
        findings.filter((finding) => finding.call === call),
      ),
    )
    .join('\n\n')
}

const section = (call: string, findings: readonly Finding[]): string => [call, ...findings.map(entry)].join('\n')

function entry({ precondition, verdict, fault, man }: Finding): string {
  const [hue, mark] = MARKS[verdict]
  const head = wrap(precondition, 5).trimStart()
  const why = fault ? [wrap(fault.fact, 5), wrap(`→ ${fault.remedy}`, 5)] : []
  return [`${colour(hue, mark)}${head}`, ...why, ...(verdict === 'so' ? [] : [wrap(man, 5)])].join('\n')
}

/** What a run left behind: the call, and what was found then. */
export function reportFailure({ text, code, rootfs, time, findings }: Failure): string {
  const head = [wrap(`${text} gave ${code}`, 0), wrap(`in the box of ${rootfs}, ${time}`, 0)]
  const told = findings.length === 0 ? `I know no cause: see the man page` : report(findings)
  return [...head, '', told].join('\n')
}
// #endregion report

/** `EINVAL (22): invalid argument`. */
export function errorTitle(code: string): string {
  const number = ERRNO[code] ?? 0
  return `${code} (${number}): ${getSystemErrorMap().get(-number)?.[1] ?? 'see errno(3)'}`
}

/** Breaks at a space; a word that is longer than a line is broken where the line ends. */
function wrap(text: string, indent: number): string {
  const room = WIDTH - indent
  const words = text.split(' ').flatMap((word) => word.match(new RegExp(`.{1,${room}}`, 'g')) ?? [''])
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n')
}
