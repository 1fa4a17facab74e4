/**
 * The launcher from lesson 5 on: `native/launch` plays the plan, both lanes of it, and this process listens. No thread of ours is in any of
 * the box's namespaces, ever.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { encode } from '../plan/encode.ts'
import type { Plan, Step } from '../plan/plan.ts'
import { addon, built } from './addon.ts'
import { playerOf } from './ask.ts'
import { refuseHarm } from './harm.ts'
import { StepFailed, type Box, type Launcher, type Outcome, type Result } from './launcher.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { isFine } from './play.ts'
import { passSignals, type Running, type Signals } from './signals.ts'

// #region native
export const native: Launcher = (plan, box) => passSignals((signals) => playBox(plan, box, signals))

/** For a process that stays, and has many boxes at once: signals that reach it are its own. */
export const nativeOfMany: Launcher = (plan, box) =>
  playBox(plan, box, { to: (inside) => inside, running: false, status: undefined })

async function playBox(plan: Plan, box: Box, signals: Passing): Promise<Outcome> {
  refuseHarm(plan)
  using ledger = openLedger(plan, box)
  return await launched(plan, { ...box, ledger }, signals)
}

/** To the command's end. Whoever calls this sees to it that nothing is left. */
export async function launched(plan: Plan, box: Watched, signals: Passing): Promise<Outcome> {
  const launch = signals.to(start(encode(plan), box)) // a signal ends it, until there is a box
  if (box.ledger) box.ledger.launcher = launch.pid
  const results = await listen(launch, plan, box, signals)
  const status = await launch.ended
  box.ended?.()
  return { status: signals.status ?? status, results }
}
// #endregion native

type Passing = Pick<Signals, 'to' | 'running' | 'status'>
type Watched = Omit<Box, 'id' | 'rootfs'> & Pick<Running, 'stopsItself'> & { init?: boolean; ledger?: Ledger }

interface Launch {
  pid: number
  reports: Socket
  ended: Promise<number>
}

// #region start
/** The command has our terminal as it is. Descriptor 3 reads as the plan, and 4 is a socket: it brings reports, and ends with the launcher. */
function start(plan: Buffer, { under = [], init }: Watched): Launch {
  const bytes = addon().seal('plan', plan)
  const watcher = under[0] === undefined ? undefined : openSync(under[0], 'r')
  try {
    const args = [
      ...under,
      ...(under.length ? [built('launch')] : ['launch']),
      ...(init ? ['-1'] : []),
      '-p',
      '3',
      '-r',
      '4',
    ]
    const file = watcher ?? program()
    const started = addon().start({ file, args, env: [], descriptors: [0, 1, 2, bytes], session: false })
    const reports = new Socket({ fd: started.socket })
    return { pid: started.pid, reports, ended: endOf(started.pid, reports) }
  } finally {
    for (const fd of [bytes, watcher]) if (fd !== undefined) closeSync(fd)
  }
}

let sealed: number | undefined

/** The launcher, in memory, where nobody can write to it: CVE-2019-5736. Once for as long as this process lives. */
const program = (): number => (sealed ??= addon().seal('launch', readFileSync(built('launch'))))
// #endregion start

const endOf = (pid: number, reports: Socket): Promise<number> =>
  new Promise((resolve) => {
    let status: number | undefined
    const ended = (): void => resolve((status ??= addon().wait(pid)))
    reports.on('error', () => {}) // one that was killed has not read what it was told: its end follows
    reports.on('end', ended)
    reports.on('close', ended)
  })

// #region listen
/** Until the last step of the plan has been played, or one has failed. @throws StepFailed when the kernel has refused it. */
async function listen(launch: Launch, plan: Plan, box: Watched, signals: Passing): Promise<Result[]> {
  const results: Result[] = []
  let pid = 0
  for await (const { step, errno, nanoseconds } of reportsFrom(launch.reports)) {
    if (step === PID_REPORT) pid = born(errno, box, signals)
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

function born(pid: number, box: Watched, signals: Passing): number {
  if (box.ledger) box.ledger.first = pid
  return signals.to({ ...box, pid }).pid
}

/** The launcher keeps the box until we have no more to say: whoever wants to know why has to look now. */
function refused(failure: StepFailed, { pid, reports }: Launch, box: Watched, inside: number): StepFailed {
  box.refused?.(failure, failure.step.lane === 'box' ? inside : pid)
  reports.end()
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
async function* reportsFrom(socket: Socket): AsyncGenerator<Report> {
  let rest = Buffer.alloc(0)
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      rest = Buffer.concat([rest, chunk as Buffer])
      for (; rest.length >= REPORT_BYTES; rest = rest.subarray(REPORT_BYTES))
        yield { step: rest.readUInt32LE(0), errno: rest.readInt32LE(4), nanoseconds: Number(rest.readBigUInt64LE(8)) }
    }
  } finally {
    socket.resume() // what is still to come is its end
  }
}
