/**
 * `native/launch`, started and listened to. It plays the plan, tells what became of each step, and ends as the command has; or leaves the box alone
 * and ends at once.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { encode } from '../plan/encode.ts'
import type { Plan, Step } from '../plan/plan.ts'
import { addon, built } from './addon.ts'
import { playerOf } from './ask.ts'
import { isFine, StepFailed, type Box, type Outcome, type Result } from './launcher.ts'
import { lineOfMany, type Line } from './line.ts'
import type { Running, Signals } from './signals.ts'

// #region launched
/** To the command's end. Whoever calls this sees to it that nothing is left. */
export async function launched(plan: Plan, box: Watched, signals: Passing): Promise<Outcome> {
  const launch = signals.to(start(encode(plan), box)) // a signal ends it, until there is a box
  box.launching?.(launch.pid)
  const results = await listen(launch, plan, box, signals)
  if (box.apart) return { status: await partedFrom(launch), results }
  const status = await endOf(launch)
  box.ended?.()
  return { status: signals.status ?? status, results }
}

export type Passing = Pick<Signals, 'to' | 'running' | 'status'>

/** Of whoever hands on no signals: a process that stays has its own, and a container that is left alone gets its own. */
export const unheeding = (): Passing => ({ to: (inside) => inside, running: false, status: undefined })
// #endregion launched

export interface Watched extends Omit<Box, 'id' | 'rootfs' | 'refused'>, Pick<Running, 'stopsItself'> {
  /** As a box's; whoever has to look for long is waited for. */
  refused?(failure: StepFailed, pid: number): void | Promise<void>
  /** A number 1 of ours is the command's parent. */
  init?: boolean
  /** Further options of native/launch. */
  options?: readonly string[]
  /** Descriptors of ours that the command gets, as 3, 4 and so on. */
  handed?: readonly number[]
  /** A descriptor of ours: helpers and hooks say there what they have to say, and the launcher why it gives up. */
  words?: number
  /** How the launcher is listened to: of many boxes, unless it is said that this is the only one. */
  line?: (fd: number) => Line
  /** With the option -b: the launcher has a session of its own and none of our streams, and is not waited for once the box runs. */
  apart?: boolean
  /** The program that the launcher becomes in the end, and its words. */
  afterwards?: readonly string[]
  /** Called with the launcher's process number, and with the box's when it has been born. */
  launching?(pid: number): void
  born?(pid: number): void
}

interface Launch {
  pid: number
  line: Line
}

// #region start
/** The command has our terminal as it is. The plan is a descriptor of its own, and so is a socket: it brings reports, and ends with the launcher. */
function start(
  plan: Buffer,
  { under = [], init, options = [], handed = [], words, line = lineOfMany, apart = false, afterwards = [] }: Watched,
): Launch {
  const bytes = addon().seal('plan', plan)
  const watcher = under[0] === undefined ? undefined : openSync(under[0], 'r')
  const nothing = apart ? openSync('/dev/null', 'r+') : undefined
  try {
    const descriptors = [
      ...[0, 1, 2].map((fd) => nothing ?? fd),
      ...handed,
      bytes,
      ...(words === undefined ? [] : [words]),
    ]
    const args = [
      ...under,
      ...(under.length ? [built('launch')] : ['launch']),
      ...(init ? ['-1'] : []),
      ...options,
      ...(handed.length ? ['-f', String(handed.length)] : []),
      ...['-p', String(3 + handed.length), '-r', String(descriptors.length)],
      ...(words === undefined ? [] : ['-o', String(descriptors.length - 1)]),
      ...afterwards,
    ]
    const started = addon().start({ file: watcher ?? program(), args, env: [], descriptors, session: apart })
    return { pid: started.pid, line: line(started.socket) }
  } finally {
    for (const fd of [bytes, watcher, nothing]) if (fd !== undefined) closeSync(fd)
  }
}

let sealed: number | undefined

/** The launcher, in memory, where nobody can write to it: CVE-2019-5736. Once for as long as this process lives. */
const program = (): number => (sealed ??= addon().seal('launch', readFileSync(built('launch'))))
// #endregion start

/** What is still to come over the line is its end. */
async function endOf(launch: Launch): Promise<number> {
  await partedFrom(launch)
  return addon().wait(launch.pid)
}

/** It says that it can do without us. */
async function partedFrom({ line }: Launch): Promise<number> {
  for await (const _ of line.chunks());
  return 0
}

// #region listen
/** Until the plan's threshold: its last step, or the one at which the box waits for somebody else. Or until a step has failed. @throws StepFailed when the kernel has refused it. */
async function listen(launch: Launch, plan: Plan, box: Watched, signals: Passing): Promise<Result[]> {
  const results: Result[] = []
  const last = thresholdOf(plan)
  let pid = 0
  for await (const { step, errno, nanoseconds } of reportsFrom(launch.line)) {
    if (step === PID_REPORT) pid = born(errno, box, signals)
    else if (step >= ASK) launch.line.write(await answer(plan[step - ASK], pid))
    else results[step] = { errno, nanoseconds }
    const [played, result] = [plan[step], results[step]]
    if (played && result && !isFine(played, result))
      throw await refused(new StepFailed(played, errno, results), launch, box, pid)
    if (step === last) {
      signals.running = true
      box.started?.(pid)
      return results
    }
  }
  throw new Error(
    `Cannot finish the box: its launcher ended with status ${await endOf(launch)} after ${results.length} of ${plan.length} steps`,
  )
}
// #endregion listen

const thresholdOf = (plan: Plan): number => {
  const waits = plan.findIndex(({ call }) => call === 'read')
  return waits < 0 ? plan.length - 1 : waits
}

function born(pid: number, box: Watched, signals: Passing): number {
  box.born?.(pid)
  return signals.to({ ...box, pid }).pid
}

/** The launcher keeps the box until we have no more to say: whoever wants to know why has to look now. */
async function refused(failure: StepFailed, { pid, line }: Launch, box: Watched, inside: number): Promise<StepFailed> {
  await box.refused?.(failure, failure.step.lane === 'box' ? inside : pid)
  line.end()
  return failure
}

/** A step that is ours to play. The launcher waits for its errno. */
async function answer(step: Step | undefined, box: number): Promise<Buffer> {
  const errno = Buffer.alloc(4)
  if (step?.call === 'ask') errno.writeInt32LE(await playerOf(step.args[0]).play(step.args[1], box))
  return errno
}

/** native/launch.h. */
const PID_REPORT = 0xffffffff
const ASK = 0x80000000
const REPORT_BYTES = 16

interface Report extends Result {
  step: number
}

/** `struct result` of native/report.c. A chunk may end in the middle of one. */
async function* reportsFrom(line: Line): AsyncGenerator<Report> {
  let rest = Buffer.alloc(0)
  for await (const chunk of line.chunks()) {
    rest = Buffer.concat([rest, chunk])
    for (; rest.length >= REPORT_BYTES; rest = rest.subarray(REPORT_BYTES))
      yield { step: rest.readUInt32LE(0), errno: rest.readInt32LE(4), nanoseconds: Number(rest.readBigUInt64LE(8)) }
  }
}
