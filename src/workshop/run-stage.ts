/** Runs a stage: makes the spec, the plan of it and the box, and says what came of it. */
import { randomBytes } from 'node:crypto'
import { readMachine, type Machine } from '../kernel/machine.ts'
import type { Box, Result } from '../launch/launcher.ts'
import { StepFailed } from '../launch/launcher.ts'
import { defaultSpec, type Asked } from '../oci/defaults.ts'
import type { IdMapping } from '../oci/spec.ts'
import type { Spec } from '../oci/spec.ts'
import { plan, type Plan } from '../plan/plan.ts'
import { aftermath } from './aftermath.ts'
import { explainStep, type Finding } from './explain/explain.ts'
import { complaintOf } from './explain/failure.ts'
import { keepFailure } from './explain/last-failure.ts'
import { readScene } from './explain/scene.ts'
import '../network/answers.ts'
import type { Stage } from './stage.ts'

export interface Wish extends Omit<Asked, 'id'> {
  /** Changes the plan before it runs: leaves out steps, or puts others in the command's place. */
  change?(steps: Plan, spec: Spec): Plan
  /** Called before and after the run; `results` are empty before it. */
  show?(steps: Plan, results?: readonly Result[]): void
  /** Leaves out the word on what the kernel did for the limits' sake. */
  quiet?: boolean
  started?: Box['started']
  ended?: Box['ended']
}

/** What is asked of a stage, with what every box of that stage has. @param machine that it is to run on: this one, unless another is told. */
export const specOf = ({ namespaces = [] }: Stage, asked: Asked, machine = readMachine()): Spec =>
  defaultSpec({ ...asked, namespaces, ...(namespaces.includes('user') && { mappings: mappingsOn(machine) }) })

/** As many numbers as Docker gives, where container managers begin (systemd's UIDS-GIDS.md); in a user namespace, all that there are. */
export const mappingsOn = ({ users }: Machine): IdMapping[] =>
  users.namespaced
    ? users.pieces.map((size, n) => {
        const first = users.pieces.slice(0, n).reduce((sum, piece) => sum + piece, 0)
        return { containerID: first, hostID: first, size }
      })
    : [{ containerID: 0, hostID: 524288, size: 65536 }]

/** @param machine as above. */
export const planOf = (stage: Stage, spec: Spec, machine = readMachine()): Plan => plan(spec, stage.walls, machine)

// #region run
/** @returns the command's exit status. @throws Complaint when a step fails, with what is so on this machine. */
export async function runStage(stage: Stage, wish: Wish): Promise<number> {
  const id = randomBytes(4).toString('hex')
  const spec = specOf(stage, { ...wish, id })
  const steps = wish.change?.(planOf(stage, spec), spec) ?? planOf(stage, spec)
  const after = aftermath(steps)
  let findings: Finding[] = []
  try {
    const { started = ignore, ended = ignore, rootfs } = wish
    wish.show?.(steps)
    const outcome = await stage.launch(steps, {
      id,
      rootfs,
      started,
      refused: (failure, pid) => {
        findings = explainStep(failure, readScene(pid, rootfs))
        keepFailure(failure, rootfs, findings)
      },
      ended: () => {
        ended()
        after.read()
      },
    })
    wish.show?.(steps, outcome.results)
    if (!wish.quiet) after.say()
    return outcome.status
  } catch (error) {
    if (error instanceof StepFailed) wish.show?.(steps, error.results)
    throw complaintOf(error, spec, findings)
  }
}
// #endregion run

const ignore = (): void => {}
