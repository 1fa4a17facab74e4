/** What a Node that stays costs, with a small heap and with a large one: each in a process of its own, which measures itself (warm.ts). */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Program } from './clock.ts'
import type { Place } from './subjects.ts'
import type { Task, Warm } from './warm.ts'

const SCRIPT = fileURLToPath(new URL('warm.ts', import.meta.url))

/** Megabytes of numbers in lists, besides what Node has anyway. */
export const HEAPS = { small: 0, large: 1000 } as const
export type Heap = keyof typeof HEAPS

function runWarm(heap: Heap, bare: Program, runs: number, { rootfs, env }: Place): Warm {
  const task: Task = { rootfs, bare, runs, megabytes: HEAPS[heap] }
  const args = ['--max-old-space-size=4096', '--import', 'tsx', SCRIPT, JSON.stringify(task)]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot measure a warm Node: it ended with ${status}\n${stderr}`)
  return JSON.parse(stdout) as Warm
}

/** One after the other, a few runs each time: what disturbs the machine disturbs both. */
export function runBoth(bare: Program, rounds: number, runs: number, place: Place): Record<Heap, Warm> {
  const both: Record<Heap, Warm> = { small: empty(), large: empty() }
  for (let round = 0; round < rounds; round += 1)
    for (const heap of ['small', 'large'] as const) add(both[heap], runWarm(heap, bare, runs, place))
  return both
}

const empty = (): Warm => ({ whole: [], bare: [], spawned: [], hundred: [] })

function add(sum: Warm, more: Warm): void {
  for (const name of ['whole', 'bare', 'spawned', 'hundred'] as const) sum[name].push(...more[name])
}
