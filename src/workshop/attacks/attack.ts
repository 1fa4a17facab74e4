/**
 * An attack: something that a process in the box does to the host, with a harmless token of ours as its victim. Whether it got there is
 * read from the token, outside; what the attack prints counts for nothing.
 */
import { readUsers } from '../../kernel/users.ts'
import { StepFailed } from '../../launch/launcher.ts'
import type { Resources } from '../../oci/resources.ts'
import type { Draft, Plan } from '../../plan/plan.ts'
import { offered } from '../offered.ts'
import { runStage } from '../run-stage.ts'
import type { Stage } from '../stage.ts'
import { runApart } from './apart.ts'
import { Ground } from './ground.ts'
import type { Row } from './matrix.ts'
import { Unseen, type Outcome, type Verdict } from './verdict.ts'

export interface Attack {
  name: string
  story: string
  /** The lesson whose wall closes it. */
  closedBy: number
  /** Puts the token up. What has to be taken away again, the ground is told. */
  attempt(ground: Ground): Attempt | Promise<Attempt>
}

export interface Attempt {
  /** System calls of the attacker, made in the box once all walls are up. An attack, too, is a list of system calls. */
  steps?: Draft[]
  /** The command that it then becomes. */
  args: string[]
  /** Another root file system than the base image: one that the attacker has made. */
  rootfs?: string
  /** What the box is started under, where its host is a session or a terminal. */
  under?: string[]
  /** What it is started with, as on a command line: then it is started as by a person, too. */
  options?: string[]
  /** Is it the launcher that is to be led astray? Then it may refuse to make the box at all. */
  onLauncher?: true
  /** Looks from outside while the box runs, and once more when it has ended but is not yet taken away. */
  watch?(pid: number): void
  ended?(): void
  /** Did it get there? */
  succeeded(): boolean | Promise<boolean>
}

// #region attack
/** Runs the attack against a stage, with the limits that a careful host would set where the stage has limits. */
export async function runAttack(
  attack: Attack,
  stage: Stage,
  rootfs: string,
): Promise<Outcome> {
  using ground = new Ground(rootfs, stage)
  try {
    const attempt = await attack.attempt(ground)
    const isApart = attempt.under !== undefined || attempt.options !== undefined
    await (isApart ? runThere : runHere)(attempt, ground)
    const verdict = (await attempt.succeeded()) ? 'open' : 'closed'
    return { verdict, ...(verdict === 'closed' && ground.lastWords()) }
  } catch (error) {
    const reason = whyUnseen(error)
    if (reason === undefined) throw error
    return { verdict: 'unseen', reason }
  }
}
// #endregion attack

/** Without root some tokens cannot be put up, or looked at: what the host's root alone may do. */
function whyUnseen(error: unknown): string | undefined {
  const { code, syscall, path = '' } = error as NodeJS.ErrnoException
  if (error instanceof Unseen) return error.message
  return readUsers().namespaced && (code === 'EPERM' || code === 'EACCES')
    ? `only root of the host may do the host’s part of it (${[syscall, path].join(' ').trim()})`
    : undefined
}

const PATIENCE_MS = 30_000

async function runHere(
  attempt: Attempt,
  { stage, rootfs }: Ground,
): Promise<void> {
  let end: NodeJS.Timeout | undefined
  try {
    await runStage(stage, {
      rootfs: attempt.rootfs ?? rootfs,
      args: attempt.args,
      resources: limits(stage),
      change: (steps) => withAttacker(steps, attempt, stage),
      started: (pid) => {
        end = setTimeout(() => process.kill(pid, 'SIGKILL'), PATIENCE_MS)
        attempt.watch?.(pid)
      },
      ended: () => {
        clearTimeout(end)
        attempt.ended?.()
      },
      quiet: true,
    })
  } catch (error) {
    if (!isRefusal(error, attempt)) throw error
  }
}

/** As a person starts it, at a terminal or in a session. */
async function runThere(
  { under, options = [], args, ...attempt }: Attempt,
  { stage, ...ground }: Ground,
): Promise<void> {
  const rootfs = attempt.rootfs ?? ground.rootfs
  const run = ['stage', String(stage.lesson), 'run', '--rootfs', rootfs]
  const ended = runApart([...run, ...options, ...args], under)
  await (attempt.onLauncher ? ended.catch(() => {}) : ended)
}

/** The same in a process of its own, since this one has to stay in the host's namespaces. */
export async function verdictOf(
  { name }: Attack,
  { lesson }: Stage,
): Promise<Verdict> {
  const words = ['attack', name, '--stage', String(lesson), '--json']
  const { rows } = JSON.parse(await runApart(words)) as { rows: Row[] }
  return rows[0]?.verdicts[lesson] ?? 'unseen'
}

const withAttacker = (
  steps: Plan,
  { steps: own = [] }: Attempt,
  { lesson }: Stage,
): Plan => [
  ...steps.slice(0, -1),
  ...own.map((step) => ({ ...step, lesson })),
  ...steps.slice(-1),
]

const limits = ({ lesson }: Stage): Resources =>
  lesson < 4 ? {} : offered(CAREFUL)

const CAREFUL = { memory: { limit: 64n << 20n }, pids: { limit: 32n } }

/** A step of the attacker's that the kernel refuses is a wall that holds. One of the box's own is a box that could not be made. */
function isRefusal(
  error: unknown,
  { steps = [], onLauncher }: Attempt,
): boolean {
  const refusal = error instanceof Error && error.cause
  if (!(refusal instanceof StepFailed)) return false
  return onLauncher ?? steps.some(({ why }) => why === refusal.step.why)
}
