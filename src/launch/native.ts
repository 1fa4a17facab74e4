/**
 * The launcher from lesson 5 on: `native/launch` plays the plan, both lanes of it, and this process listens. No thread of ours is in any of
 * the box's namespaces, ever.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encode } from '../plan/encode.ts'
import type { Plan, Step } from '../plan/plan.ts'
import { playerOf } from './ask.ts'
import { refuseHarm } from './harm.ts'
import { StepFailed, type Box, type Launcher, type Result } from './launcher.ts'
import { openLedger } from './ledger.ts'
import { isFine } from './play.ts'
import { passSignals, type Signals } from './signals.ts'

/** `npm ci` has it built, by one call of the C compiler. */
const PROGRAM = fileURLToPath(
  new URL(extname(import.meta.url) === '.ts' ? '../../dist/launch' : 'launch', import.meta.url),
)

// #region native
export const native: Launcher = (plan, box) =>
  passSignals(async (signals) => {
    refuseHarm(plan)
    using _ledger = openLedger(plan, box)
    const launch = start(encode(plan))
    const results = await listen(launch, plan, box, signals)
    const status = await launch.ended
    box.ended?.()
    return { status: signals.status ?? status, results }
  })
// #endregion native

interface Launch {
  pid: number
  reports: Socket
  ended: Promise<number>
}

// #region start
/** The command has our terminal as it is; reports come from descriptor 3, and the plan goes to 4. */
function start(plan: Buffer): Launch {
  if (!existsSync(PROGRAM))
    throw new Error(
      `Cannot start "${PROGRAM}", the native launcher: it has not been built\n  Install a C compiler (Debian: gcc libc6-dev), then: npm run prepare`,
    )
  const child = spawn(PROGRAM, ['-r', '3', '-p', '4'], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', 'pipe'],
    env: {},
  })
  if (child.pid === undefined) throw new Error(`Cannot start "${PROGRAM}": the kernel gave no process`)
  const [, , , reports, plans] = child.stdio as unknown as Socket[]
  plans?.on('error', () => {}) // one that is gone reads nothing more: its end says so
  plans?.end(plan)
  return { pid: child.pid, reports: reports as Socket, ended: endOf(child) }
}
// #endregion start

const endOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    child.on('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']))
  })

// #region listen
/** Until the last step of the plan has been played, or one has failed. @throws StepFailed when the kernel has refused it. */
async function listen(launch: Launch, plan: Plan, box: Box, signals: Signals): Promise<Result[]> {
  const results: Result[] = []
  let pid = 0
  for await (const { step, errno, nanoseconds } of reportsFrom(launch.reports)) {
    if (step === PID_REPORT) pid = signals.to({ pid: errno }).pid
    else if (step >= ASK) launch.reports.write(await answer(plan[step - ASK], pid))
    else results[step] = { errno, nanoseconds }
    const [played, result] = [plan[step], results[step]]
    if (played && result && !isFine(played, result))
      throw refused(new StepFailed(played, errno, results), launch, box, pid)
    if (step === plan.length - 1) {
      signals.running = true
      box.started?.(pid)
      return results
    }
  }
  throw new Error(
    `Cannot finish the box: its launcher ended with status ${await launch.ended} after ${results.length} of ${plan.length} steps`,
  )
}
// #endregion listen

/** The launcher keeps the box until its socket is closed: whoever wants to know why has to look now. */
function refused(failure: StepFailed, { pid, reports }: Launch, box: Box, inside: number): StepFailed {
  box.refused?.(failure, failure.step.lane === 'box' ? inside : pid)
  reports.destroy()
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
async function* reportsFrom(socket: AsyncIterable<Buffer>): AsyncGenerator<Report> {
  let rest = Buffer.alloc(0)
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk])
    for (; rest.length >= REPORT_BYTES; rest = rest.subarray(REPORT_BYTES))
      yield { step: rest.readUInt32LE(0), errno: rest.readInt32LE(4), nanoseconds: Number(rest.readBigUInt64LE(8)) }
  }
}
