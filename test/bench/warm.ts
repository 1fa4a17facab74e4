/**
 * A Node that has been running for a while makes boxes: `runBox`, from the spec to the exit status, beside the C program, started by the same
 * addon and, once more, as child_process does it. Run by node.ts as a process of its own, with a heap as large as it is told; prints milliseconds.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readMachine } from '../../src/kernel/machine.ts'
import { runBox } from '../../src/launch/whole.ts'
import { host, type Wall } from '../../src/plan/plan.ts'
import { specOf, WALLS } from './box.ts'
import { clocked, type Program } from './clock.ts'

export interface Task {
  rootfs: string
  bare: Program
  runs: number
  megabytes: number
}

export interface Warm {
  whole: number[]
  bare: number[]
  spawned: number[]
  /** Seconds for a hundred boxes, eight at a time. */
  hundred: number[]
}

const task = JSON.parse(process.argv[2] ?? '') as Task
const machine = readMachine()

/** Of version 2, which the box is born in. Those of version 1 have to be walked into, and the first walk takes its time (docs/performance.md). */
const cgroup: Wall = {
  name: 'cgroup',
  lesson: 4,
  steps: ({ linux: { cgroupsPath } }, { cgroups: { v2 } }) => {
    const directory = `${v2?.base}${cgroupsPath}`
    return v2 === undefined
      ? []
      : [
          host('mkdir', [directory, 0o755], 'a cgroup', { undo: { call: 'remove_cgroup', args: [directory] } }),
          host('clone_into_cgroup', [directory], 'to be born in'),
        ]
  },
}

let number = 0

/** @returns milliseconds, from a spec that somebody has handed over. */
async function whole(): Promise<number> {
  const id = `bench-${process.pid}-${(number += 1)}`
  const spec = specOf(task.rootfs, id)
  const start = process.hrtime.bigint()
  const { status } = await runBox(spec, [cgroup, ...WALLS], { id }, machine)
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6
  if (status !== 0) throw new Error(`Cannot measure a box: it ended with ${status}`)
  return elapsed
}

async function spawned(): Promise<void> {
  const child = spawn(task.bare.file, task.bare.args.slice(1), { stdio: 'ignore' })
  await once(child, 'exit')
}

async function hundred(): Promise<void> {
  let left = 100
  const worker = async (): Promise<void> => {
    while ((left -= 1) >= 0) await whole()
  }
  await Promise.all(Array.from({ length: 8 }, worker))
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e6
}

/** Lists of numbers, a thousand to a megabyte. */
const heap = Array.from({ length: task.megabytes * 1000 }, () => new Array<number>(123).fill(0.5))

const WARMING_UP = 30
for (let n = 0; n < WARMING_UP; n += 1) await whole()
const warm: Warm = { whole: [], bare: [], spawned: [], hundred: [] }
for (let n = 0; n < task.runs; n += 1) {
  warm.whole.push(await whole())
  warm.bare.push(clocked(task.bare))
  if (n % 5 === 0) warm.spawned.push(await timed(spawned))
  if (n % 20 === 0) warm.hundred.push((await timed(hundred)) / 1000)
}
if (heap.length !== task.megabytes * 1000) throw new Error('Cannot measure with a heap that is gone')
console.log(JSON.stringify(warm))
