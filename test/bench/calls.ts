/** One run, step by step, as the launchers themselves have timed it: `--explain=after --json`. */
import { spawnSync } from 'node:child_process'
import { median } from './summary.ts'
import { runIn, type Place } from './subjects.ts'

export interface CallTimes {
  step: number
  lane: 'host' | 'box'
  /** The call as its man page writes it, without what is another in each run. */
  text: string
  microseconds: number
}

interface Explained {
  step: number
  lane: 'host' | 'box'
  text: string
  result: { errno: number; nanoseconds: number }
}

export function runExplained(stage: string, { env, rootfs }: Place): CallTimes[] {
  const [program, ...args] = runIn(stage, '--explain=after', '--json', 'true')
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`Cannot explain stage ${stage}: it ended with ${status}\n${stderr}`)
  const steps = JSON.parse(stderr.slice(stderr.indexOf('['))) as Explained[]
  return steps.map(({ step, lane, text, result }) => ({
    step,
    lane,
    text: text.replaceAll(rootfs, 'ROOTFS').replace(/boxwright-[0-9a-f]{8}/, 'boxwright-ID'),
    microseconds: result.nanoseconds / 1000,
  }))
}

/** The plan is the same each time. */
export const medianCalls = (runs: readonly CallTimes[][]): CallTimes[] =>
  (runs[0] ?? []).map((call, n) => ({
    ...call,
    microseconds: median(runs.map((steps) => steps[n]?.microseconds ?? 0)),
  }))
