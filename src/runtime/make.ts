/**
 * What `create` and `run` have in common: a directory for the container, a plan, and a launcher that plays it. If anything goes wrong on the way
 * nothing is left of the container.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Machine } from '../kernel/machine.ts'
import { readMountInfo } from '../kernel/mountinfo.ts'
import { processId } from '../kernel/proc.ts'
import { readSelf } from '../kernel/self.ts'
import { readSurroundings, type Surroundings } from '../kernel/surroundings.ts'
import type { Outcome } from '../launch/launcher.ts'
import type { Passing } from '../launch/launched.ts'
import { cgroupsOf } from '../box/container/cgroups.ts'
import { withheld } from '../box/container/rights.ts'
import { askedOf, hasOwnMounts, type Around } from '../box/container/surroundings.ts'
import { NotAConfig } from '../oci/rule.ts'
import type { Spec } from '../oci/spec.ts'
import { waiting } from '../oci/waits.ts'
import { plan, type Plan, type Wall } from '../plan/plan.ts'
import { notAConfig, readBundle, warn, type Bundle } from './bundle.ts'
import { Container, parseId } from './container.ts'
import { destroy } from './destroy.ts'
import { refuseTaken, takeDirectory } from './directory.ts'
import { handedTo, withListeners } from './handed.ts'
import { mountsBelow } from './mounts.ts'
import { notifyIn, withNotify } from './notify.ts'
import { inWords, tellPlan } from './words.ts'
import { Failure, played, type Launching } from './launch.ts'
import { machineFor } from './machine.ts'
import type { Making, Settings } from './settings.ts'
import { whySilent } from './silenced.ts'
import { refuseTerminal } from './terminal.ts'
import { wallsOf } from './walls.ts'

export interface Made {
  container: Container
  plan: Plan
}

// #region make
/** Everything that can be known to be wrong is found here, before anything is made. */
export function prepare(settings: Settings, making: Making, waits: boolean): Made {
  const { root, change = same } = settings
  const bundle = readBundle(making.bundle, parseId(making.id), making.config)
  refuseTerminal({
    ...making,
    terminal: bundle.spec.process.terminal === true,
    leaves: waits || making.detach === true,
  })
  const directory = join(root, making.id)
  const [self, mounts] = [readSelf(), readMountInfo()]
  const creator = { id: making.id, bundle: bundle.directory, self, keepsKeyring: making.noNewKeyring }
  withheld(bundle.spec, self).forEach(warn)
  const notify = notifyIn(directory)
  const spec = withNotify(withListeners(waiting(bundle.spec, waits ? directory : undefined), making), notify)
  const around = aroundOf(readSurroundings(askedOf(spec), mounts, self), making, notify)
  const walls = change(wallsOf(creator, around, making))
  const machine = machineFor(making.id, askedIn(bundle), settings, mounts)
  const steps = planned(bundle.directory, spec, walls, machine, directory)
  tellPlan(settings, steps)
  const state = {
    ...firstState(making.id, bundle, steps),
    ...(making.noNewKeyring && { keepsKeyring: true }),
  }
  takeDirectory(root, making.id, (draft) => fill(new Container(draft, state)))
  return { container: new Container(directory, state), plan: steps }
}

/** What stands in the way may be a container of the very name: then that is what is so. */
function planned(bundle: string, spec: Spec, walls: readonly Wall[], machine: Machine, directory: string): Plan {
  refuseTaken(directory)
  try {
    return plan(spec, walls, machine)
  } catch (error) {
    refuseTaken(directory)
    throw error instanceof NotAConfig ? notAConfig(error, bundle) : error
  }
}

/** @returns when the box has come to its threshold and its launcher has gone; or, when that stays, with the command's status. */
export async function make(
  { container, plan }: Made,
  making: Making,
  launching: Omit<Launching, 'rootfs'>,
  signals: Passing,
): Promise<Outcome> {
  try {
    return await played(
      plan,
      {
        ...launching,
        rootfs: container.state.rootfs,
        born: (pid) => note(container, pid),
        handed: handedTo(making),
      },
      signals,
    )
  } catch (error) {
    const silence = error instanceof Failure ? undefined : whySilent(container, 'make')
    destroy(container)
    throw silence ?? error
  }
}

/** @param how -d: its launcher lets go of it and ends; -k: that stays, whatever becomes of us; -b: and we may go. */
export const launching = ({ container }: Made, how: '-d' | '-k' | '-b', { monitor }: Pick<Making, 'monitor'> = {}) => ({
  options: [how, '-i', container.path('pid'), ...(monitor ? ['-s', monitor.statusFile, '-l', monitor.logFile] : [])],
  words: container.path('words'),
})
// #endregion make

const same = (walls: Wall[]): Wall[] => walls

/** The directory for its words is made with the container's own. */
const aroundOf = (around: Surroundings, { noPivot = false, layers }: Making, notify: string | undefined): Around => ({
  ...around,
  ...(notify !== undefined && { kinds: { ...around.kinds, [notify]: 'directory' } }),
  noPivot,
  ...(layers && { layers }),
})

function fill(container: Container): void {
  const notify = notifyIn(container.directory)
  if (notify !== undefined) fs.mkdirSync(notify, { mode: 0o755 })
  container.save()
}

export const askedIn = ({ config }: Bundle): string | undefined =>
  (config as { linux?: { cgroupsPath?: string } }).linux?.cgroupsPath

export function firstState(id: string, { directory, config, spec }: Bundle, steps: Plan): Container['state'] {
  const threshold = steps.findIndex(({ call }) => call === 'read')
  return {
    ociVersion: spec.ociVersion,
    id,
    bundle: directory,
    rootfs: spec.root.path,
    created: new Date().toISOString(),
    annotations: spec.annotations,
    pid: 0,
    startTime: 0,
    creator: processId(process.pid) ?? { pid: 0, started: 0 },
    cgroups: cgroupsOf(steps),
    parents: parentsOf(steps),
    ...(!hasOwnMounts(spec) && { others: mountsBelow(spec.root.path).map(({ id }) => id) }),
    threshold,
    ahead: threshold < 0 ? [] : steps.slice(threshold).map(inWords),
    config,
  }
}

/** Cgroups on the way to its own, the lowest first: of no use when it has gone. */
const parentsOf = (steps: Plan): string[] =>
  steps.flatMap(({ undo }) => (undo?.call === 'rmdir' ? [undo.args[0]] : [])).reverse()

function note(container: Container, pid: number): void {
  container.save({ pid, startTime: processId(pid)?.started ?? 0 })
}
