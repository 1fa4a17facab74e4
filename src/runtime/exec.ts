/** `exec`: one more process in a container that is there. The walls are joined; what the process itself may is said again. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { containerCommand } from '../box/container/command.ts'
import type { Creator } from '../box/container/process.ts'
import { containerRights, lastFilter, withheld } from '../box/container/rights.ts'
import { execAffinity } from '../box/container/exec-affinity.ts'
import { joinRdt } from '../box/container/intel-rdt.ts'
import { joinBox, type Joined } from '../box/join.ts'
import { readSelf } from '../kernel/self.ts'
import { passSignals } from '../launch/signals.ts'
import type { Outcome } from '../launch/launcher.ts'
import type { Spec } from '../oci/spec.ts'
import { pidfd } from '../box/container/pidfd.ts'
import { execTerminal } from '../box/terminal.ts'
import { plan, type Plan, type Wall } from '../plan/plan.ts'
import { unheeding } from '../launch/launched.ts'
import { specIn, warn } from './bundle.ts'
import { load, type Container } from './container.ts'
import { withFields } from './fields.ts'
import { handedTo } from './handed.ts'
import { Failure, played } from './launch.ts'
import { machineFor } from './machine.ts'
import { processWalls } from './process-walls.ts'
import { starved } from './silenced.ts'
import type { Executing, Settings } from './settings.ts'
import { tellPlan } from './words.ts'
import { refuseTerminal } from './terminal.ts'

// #region exec
/** @returns the command's exit status; 0 when it is left alone. @throws Failure naming the step that was refused. */
export async function exec(settings: Settings, id: string, executing: Executing): Promise<number> {
  const container = load(settings, id)
  refuseStill(container, executing)
  const steps = planOf(settings, container, executing)
  try {
    const outcome = await (executing.detach ? alone : watched)(container, steps, executing)
    return executing.detach ? 0 : outcome.status
  } catch (error) {
    throw (error instanceof Failure ? undefined : starved(container, 'exec in')) ?? error
  }
}

/** It is in all namespaces that the container has by its own wish, and they are asked of its first process. */
function planOf(settings: Settings, container: Container, executing: Executing): Plan {
  const spec = specOf(container, executing)
  refuseTerminal({ ...executing, terminal: spec.process.terminal === true, leaves: executing.detach === true })
  const { id, bundle, keepsKeyring } = container.state
  const creator = { id, bundle, self: readSelf(), keepsKeyring }
  withheld(spec, creator.self).forEach(warn)
  const walls = wallsOf(joinedOf(container, executing.cgroup), creator, executing)
  const steps = plan(spec, walls, machineFor(id))
  tellPlan(settings, steps)
  return steps
}

const wallsOf = (joined: Joined, creator: Creator, { consoleSocket, pidfdSocket }: Executing): Wall[] =>
  [
    joinBox(joined),
    execTerminal(consoleSocket),
    pidfd('setns', pidfdSocket),
    joinRdt(creator),
    execAffinity,
    ...processWalls(creator),
    containerRights(creator),
    lastFilter,
    containerCommand,
  ].map(withFields)
// #endregion exec

function specOf({ state: { config, bundle, id } }: Container, executing: Executing): Spec {
  const { process } = config as { process?: object }
  return specIn({ ...(config as object), process: { ...process, ...executing.process } }, bundle, id, { warn })
}

/** cgroup.type is version 2's. One that hands down controllers takes nobody in: then where its first process is, others may be as well. */
function joinedOf({ state: { cgroups }, first }: Container, below = ''): Joined {
  const pid = first?.pid ?? 0
  const directories = cgroups.map((directory) => join(directory, below))
  const v2 = directories.find((directory) => existsSync(join(directory, 'cgroup.type')))
  return { pid, v1: directories.filter((directory) => directory !== v2), ...(v2 !== undefined && { v2 }) }
}

const launching = ({ directory, state: { rootfs } }: Container, executing: Executing) => ({
  words: join(directory, `words.${process.pid}`),
  handed: handedTo(executing),
  rootfs,
})

const toFile = ({ pidFile }: Executing): string[] => (pidFile === undefined ? [] : ['-i', pidFile])

const alone = (container: Container, steps: Plan, executing: Executing): Promise<Outcome> =>
  played(steps, { ...launching(container, executing), options: ['-d', ...toFile(executing)] }, unheeding())

const watched = (container: Container, steps: Plan, executing: Executing): Promise<Outcome> =>
  passSignals((signals) => played(steps, { ...launching(container, executing), options: toFile(executing) }, signals))

function refuseStill({ status, state: { id } }: Container, { ignorePaused = false }: Executing): void {
  if (status === 'running' || status === 'created' || (status === 'paused' && ignorePaused)) return
  const [fact, remedy] =
    status === 'paused'
      ? [
          'cannot exec in a paused container (use --ignore-paused to override)',
          `Let it go on: boxwright-runc resume ${id}`,
        ]
      : [`cannot exec in a ${status} container`, 'Nothing runs in it that could be joined']
  throw new Error(`Cannot exec in container "${id}": ${fact}\n  ${remedy}`)
}
