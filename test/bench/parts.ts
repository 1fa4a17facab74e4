/** One run, cut where the launcher comes to the next part of its work. The parts add up to the whole. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './summary.ts'
import { runIn, timed, type Place } from './subjects.ts'

/** Each part ends with a mark that probe.mjs makes, the last with the launcher itself. */
const PARTS = {
  started: 'Node starts, with the probe',
  loaded: 'the bundle: is it current? load it',
  swept: 'the ledger: is anything left?',
  checked: 'the base image: is it whole?',
  written: 'the plan, and its page in the ledger',
  asked: 'host lane',
  born: 'a second Node is asked for',
  replied: 'and starts, and has its first step done',
  executed: 'box lane, up to execve',
  ended: 'the command, and waiting for it',
  settled: 'the host is put in order',
  over: 'Node ends',
} as const

type Mark = keyof typeof PARTS

/** Milliseconds, by what was done. */
export type Parts = Record<string, number>

const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url))

export function runProbed(stage: string, { directory, env }: Place): Parts {
  const marks = join(directory, 'marks.json')
  const probe = { NODE_OPTIONS: `--import=${PROBE}`, BOXWRIGHT_BENCH_MARKS: marks }
  const start = process.hrtime.bigint()
  timed(runIn(stage, 'true'), { env: { ...env, ...probe } })
  const over = String(process.hrtime.bigint())
  return cut(start, { ...(JSON.parse(readFileSync(marks, 'utf8')) as Record<Mark, string>), over })
}

function cut(start: bigint, marks: Record<Mark, string>): Parts {
  let last = start
  const parts = Object.entries(PARTS).map(([mark, name]) => {
    const now = BigInt(marks[mark as Mark])
    const elapsed = Number(now - last) / 1e6
    last = now
    return [name, elapsed]
  })
  return Object.fromEntries(parts) as Parts
}

export const medianParts = (runs: readonly Parts[]): Parts =>
  Object.fromEntries(Object.values(PARTS).map((name) => [name, median(runs.map((parts) => parts[name] ?? 0))]))
