/**
 * Without root. Whoever asks for a box as anybody else is made root first: of a user namespace, in which this same command is started again. From
 * there on nothing is different but what only the host's root may do. user_namespaces(7).
 */
import { dataDirectory } from '../content/places.ts'
import { imageDirectory } from '../image/directory.ts'
import { readCgroups } from '../kernel/cgroups.ts'
import { CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, MS_NODEV, MS_NOEXEC, MS_NOSUID } from '../kernel/constants.ts'
import { readSubids, type Subids } from '../kernel/subids.ts'
import { StepFailed } from '../launch/launcher.ts'
import { runDirectory } from '../launch/ledger.ts'
import { launched } from '../launch/launched.ts'
import { passSignals } from '../launch/signals.ts'
import { box, BOX, host, type Draft, type Plan } from '../plan/plan.ts'
import { Complaint } from './complaint.ts'
import { bestOf, explainStep, type Finding } from './explain/explain.ts'
import { remedyOf } from './explain/failure.ts'
import { readScene } from './explain/scene.ts'
import { say } from './say.ts'

interface User {
  uid: number
  gid: number
}

// #region enter
/** Who we are is 0 in there. With numbers of the administrator's there are others besides; without, nobody else. */
export const enter = ({ uid, gid }: User, subids: Subids | undefined, argv: string[], env: string[]): Plan =>
  [
    host('unshare', [CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID], 'born where it is root, and number 1'),
    ...(subids ? severalNumbers(uid, gid, subids) : oneNumber(uid, gid)),
    box('setgid', [0], 'root, in here'),
    box('setuid', [0], 'root, in here'),
    box('mount', ['proc', '/proc', 'proc', MS_NOSUID | MS_NODEV | MS_NOEXEC, ''], 'of the processes in here'),
    box('execvpe', [argv[0] ?? '', argv, env], 'this very command, again'),
  ].map((step) => ({ ...step, lesson: 6 }))

/** Anybody may write this much. */
const oneNumber = (uid: number, gid: number): Draft[] => [
  host('write', [`/proc/${BOX}/uid_map`, `0 ${uid} 1`], 'root in there is who we are'),
  host('write', [`/proc/${BOX}/setgroups`, 'deny'], 'else nobody may write the next one'),
  host('write', [`/proc/${BOX}/gid_map`, `0 ${gid} 1`], 'and its group is ours'),
]

/** More than that only root may write; these two programs are root's, and write what is put by for us. */
const severalNumbers = (uid: number, gid: number, { uids, gids, newuidmap, newgidmap }: Subids): Draft[] => [
  map(newuidmap, [0, uid, 1, 1, uids.first, uids.count]),
  map(newgidmap, [0, gid, 1, 1, gids.first, gids.count]),
]
// #endregion enter

const map = (program: string, numbers: number[]): Draft =>
  host('run', [program, [program, BOX, ...numbers.map(String)], ['PATH=/usr/bin:/bin'], '', 0], 'as subuid(5) allows')

// #region become
/**
 * @param quiet where output has to be exact.
 * @returns none when we are root, in whichever user namespace. Otherwise this command has been run to its end in one that we are root of, and this is
 *   its exit status. @throws Complaint when the machine lets us have none.
 */
export async function runAsRoot(quiet = false): Promise<number | undefined> {
  if (process.geteuid?.() === 0) return undefined
  const subids = readSubids()
  if (!quiet) say(different(subids))
  return (subids && (await again(subids))) ?? again(undefined)
}
// #endregion become

/** @returns the exit status; none when newuidmap(1) or newgidmap(1) has refused, and has said why. */
async function again(subids: Subids | undefined): Promise<number | undefined> {
  const user = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 }
  const steps = enter(user, subids, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], environment())
  let findings: Finding[] = []
  const refused = (failure: StepFailed, pid: number): void => void (findings = explainStep(failure, readScene(pid)))
  try {
    const { status } = await passSignals((signals) =>
      launched(steps, { refused, stopsItself: true, init: true }, signals),
    )
    return status
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error
    if (error.step.call !== 'run') throw cannot(error, findings)
    say(`${error.step.args[0]} has given us no numbers: there is one, as if subuid(5) had none for you`)
    return undefined
  }
}

/** Where boxes are written down, and images kept, is decided by whoever we are outside. */
const environment = (): string[] =>
  Object.entries({
    ...process.env,
    BOXWRIGHT_RUN: runDirectory(),
    BOXWRIGHT_IMAGES: imageDirectory(),
    BOXWRIGHT_DATA: dataDirectory(),
  }).map(([name, value]) => `${name}=${value}`)

const cannot = (failure: StepFailed, findings: readonly Finding[]): Complaint =>
  new Complaint(
    `Cannot make a user namespace, without root: ${bestOf(findings)?.fact ?? failure.message}\n  ${remedyOf(failure, findings)}, or run it with sudo`,
    { cause: failure },
  )

/** What is so without root, in two lines. */
function different(subids: Subids | undefined): string {
  const numbers = subids
    ? `there are ${subids.uids.count + 1} users`
    : 'there is no other user (subuid(5) has none for you)'
  const { layout } = readCgroups()
  const limits = layout === 'none' ? 'no limits, as no cgroup is yours' : 'limits in the cgroup that is yours'
  return `without root: in a user namespace, where you are root and ${numbers}\n  devices and /sys are bound, not made; ${limits}`
}
