/**
 * A run of the last stage in which somebody is killed between two steps; a program of its own, started by kill-at-every-step.test.ts. The moment is
 * exact: a step of Node's own is put between the two, and while it is played all others wait.
 *
 *     node --import tsx test/kernel/killer.ts VICTIM INDEX ROOTFS [SIGNAL]
 *
 * The first line on standard output says who is who. An index that is the number of steps is after the last one, when the command runs.
 */
import { writeSync } from 'node:fs'
import { security } from '../../lessons/08-security/stage.ts'
import { CLONE_NEWNET } from '../../src/kernel/constants.ts'
import { allPids, parentOf, processId } from '../../src/kernel/proc.ts'
import { answerTo } from '../../src/launch/ask.ts'
import { host, type Plan } from '../../src/plan/plan.ts'
import { runStage } from '../../src/workshop/run-stage.ts'

export type Victim = 'node' | 'launcher' | 'box'

const [victim = '', index = '', rootfs = '', signal = 'SIGKILL'] = process.argv.slice(2)

const launcher = (): number => allPids().find((pid) => parentOf(pid) === process.pid) ?? 0

/** @param box 0 when it is not born yet: then it is its launcher that is killed. */
function kill(box: number): void {
  const pids = { node: process.pid, launcher: launcher(), box: box || launcher() }
  writeSync(1, `${JSON.stringify(Object.values(pids).map(processId))}\n`)
  process.kill(pids[victim as Victim], signal)
}

answerTo('kill', {
  play: (_json, box) => {
    kill(box)
    return Promise.resolve(0)
  },
  undo: () => 0,
})

/** A step of Node's is refused before the box has a network of its own (launch/harm.ts): here it has one from the beginning. */
const first = { ...host('unshare', [CLONE_NEWNET], 'born in a network of its own'), lesson: 8 }

const interrupted = (steps: Plan): Plan => [
  first,
  ...steps.toSpliced(Number(index), 0, { ...host('ask', ['kill', ''], 'somebody is killed'), lesson: 8 }),
]

process.exitCode = await runStage(security, {
  rootfs,
  args: ['sleep', '20'],
  change: (steps) => (Number(index) < steps.length ? interrupted(steps) : steps),
  started: kill,
}).catch((error: unknown) => {
  console.error((error as Error).message)
  return 125
})
