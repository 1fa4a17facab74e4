/** From a `config.json` to the bytes of a plan that native/launch plays with no Node there; and what a person has to know about it. */
import type { Machine } from '../../kernel/machine.ts'
import { specOfConfig, type Place } from '../../oci/config.ts'
import type { Mount, NamespaceType, Spec } from '../../oci/spec.ts'
import { encode } from '../../plan/encode.ts'
import type { Plan, Step, Wall } from '../../plan/plan.ts'
import { symbolic } from '../../plan/symbols.ts'
import { Complaint } from '../complaint.ts'
import { planOf, specOf } from '../run-stage.ts'
import type { Stage } from '../stage.ts'
import { heed } from './heed.ts'

export interface Compiled {
  bytes: Buffer
  /** Fields that ask for something, and that no wall of the stage has read. */
  unheeded: string[]
  /** Kinds of namespaces that the stage makes, asked or not. */
  added: NamespaceType[]
  /** What stays on the host when the box has ended: there is no ledger. */
  left: string[]
}

// #region compile
/** @throws NotAConfig, Complaint of a plan that only Boxwright itself can play. */
export function compile(config: unknown, taught: Stage, place: Place, machine: Machine): Compiled {
  const asked = specOfConfig(config, place)
  const stage = asked.mounts.some(isView) ? taught : withoutView(taught)
  const { spec, added } = completed(asked, stage, machine)
  const heeded = heed(spec)
  const steps = planOf(stage, heeded.value, machine).map(again)
  refuseAsking(steps)
  const bytes = encode(steps) // which reads, too
  const unheeded = [
    ...unknownKinds(spec),
    ...neverAmbient(config, spec),
    ...heeded.unread().filter((path) => !SAYS_NOTHING.test(path)),
  ]
  return { bytes, unheeded, added, left: leftBy(steps) }
}
// #endregion compile

/** A stage makes the namespaces that its walls are about. What the spec does not say of them is as in `stage N run`. */
function completed(spec: Spec, stage: Stage, machine: Machine): { spec: Spec; added: NamespaceType[] } {
  const { namespaces, uidMappings } = spec.linux
  const added = wantedBy(stage).filter((wanted) => namespaces.every(({ type }) => type !== wanted))
  const usual = specOf(stage, { id: '', rootfs: spec.root.path, args: spec.process.args }, machine).linux
  const { gidMappings, ...mapped } = uidMappings.length > 0 ? spec.linux : usual
  const linux = {
    ...spec.linux,
    namespaces: [...namespaces, ...added.map((type) => ({ type }))],
    uidMappings: mapped.uidMappings,
    gidMappings: gidMappings.map((mapping) => ({ ...mapping })),
  }
  const hasView = stage.walls.some(isViewWall)
  return { spec: { ...spec, linux, mounts: spec.mounts.filter((mount) => !(hasView && isView(mount))) }, added }
}

/** Without these a wall would change the host, or show it. */
const WANTED: Partial<Record<string, NamespaceType>> = {
  mounts: 'mount',
  'mapped-mounts': 'mount',
  'cgroup-view': 'cgroup',
}

const wantedBy = ({ walls, namespaces = [] }: Stage): NamespaceType[] => [
  ...walls.map(({ name }) => WANTED[name]).filter((type) => type !== undefined),
  ...namespaces,
]

/** The wall of lesson 4 mounts the box's own cgroups where a bundle asks for that. */
const isView = ({ type }: Mount): boolean => type.startsWith('cgroup')

const isViewWall = ({ name }: Wall): boolean => name === 'cgroup-view'

const withoutView = (stage: Stage): Stage => ({ ...stage, walls: stage.walls.filter((wall) => !isViewWall(wall)) })

const KINDS = ['pid', 'uts', 'ipc', 'mount', 'cgroup', 'user', 'network']

const unknownKinds = ({ linux }: Spec): string[] =>
  linux.namespaces.filter(({ type }) => !KINDS.includes(type)).map(({ type }) => `linux.namespaces[]: ${type}`)

/** Of capabilities that no kernel takes there the plan says nothing. */
function neverAmbient(config: unknown, spec: Spec): string[] {
  const ambientOf = (from: unknown): unknown[] =>
    (from as { process: { capabilities?: { ambient?: unknown[] } } }).process.capabilities?.ambient ?? []
  const lost = ambientOf(config).filter((name) => !ambientOf(spec).includes(name))
  return lost.length === 0 ? [] : [`process.capabilities.ambient: not inheritable: ${lost.join(', ')}`]
}

/** Of a format, or for people; and a device that is bound is the host's of that name, whatever its numbers. */
const SAYS_NOTHING = /^(ociVersion|annotations|linux\.devices\[\]\.(type|major|minor|mode|uid|gid))\b/

/** A plan in a file is played more than once, and nobody takes its cgroups away in between. */
const again = (step: Step): Step =>
  step.undo?.call === 'remove_cgroup' ? { ...step, fine: [...(step.fine ?? []), 'EEXIST'] } : step

function refuseAsking(steps: Plan): void {
  const asking = steps.find(({ call }) => call === 'ask')
  if (asking)
    throw new Complaint(
      `Cannot compile ${symbolic(asking)}: it is a step that only Boxwright itself can play\n  Run the stage instead, or compile for another: --stage 5`,
    )
}

const leftBy = (steps: Plan): string[] =>
  steps.flatMap(({ undo }) => (undo?.call === 'remove_cgroup' || undo?.call === 'rmdir' ? [undo.args[0]] : []))
