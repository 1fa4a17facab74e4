/** What runs on this machine: tried, not guessed. Each try is a small box of its own, made of the lessons' walls and thrown away. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { cgroupView } from '../box/cgroup-view.ts'
import { cgroups } from '../box/cgroups.ts'
import { command } from '../box/command.ts'
import { deviceAccess } from '../box/device-access.ts'
import { devices } from '../box/devices.ts'
import { keyring } from '../box/keyring.ts'
import { mappedMounts } from '../box/mapped-mounts.ts'
import { mounts } from '../box/mounts.ts'
import { names } from '../box/names.ts'
import { namespaces } from '../box/namespaces.ts'
import { network } from '../box/network.ts'
import { nobody } from '../box/nobody.ts'
import { paths } from '../box/paths.ts'
import { rights } from '../box/rights.ts'
import { root } from '../box/root.ts'
import { users } from '../box/users.ts'
import { dataDirectory } from '../content/places.ts'
import { ensureBase } from '../image/base.ts'
import { imageDirectory } from '../image/directory.ts'
import { CLONE_NEWUSER } from '../kernel/constants.ts'
import { readMachine, type Machine } from '../kernel/machine.ts'
import { inline } from '../launch/inline.ts'
import { StepFailed, type Launcher } from '../launch/launcher.ts'
import { native } from '../launch/native.ts'
import { applyLayer } from '../layer/apply.ts'
import { probeAll } from '../snapshot/choose.ts'
import { wayOut } from '../network/way-out.ts'
import { defaultSpec } from '../oci/defaults.ts'
import { OCI_LAYER } from '../oci/media-types.ts'
import type { Resources } from '../oci/resources.ts'
import type { NamespaceType, Spec } from '../oci/spec.ts'
import { plan, type Wall } from '../plan/plan.ts'
import { symbolic } from '../plan/symbols.ts'
import { bestOf, explain, explainStep } from './explain/explain.ts'
import { remedyOf } from './explain/failure.ts'
import { readScene } from './explain/scene.ts'
import { mappingsOn } from './run-stage.ts'

export interface Finding {
  lesson: number
  what: string
  ok: boolean
  /** What was seen: the refused call and its error, or how it went. */
  fact: string
  /** The one thing to do about it. */
  remedy?: string
  /** The stage runs without it, and does less. */
  partly?: true
}

interface Try {
  lesson: number
  what: string
  walls: Wall[]
  namespaces?: NamespaceType[]
  resources?: Resources
  launch?: Launcher
}

// #region tries
const TRIES: Try[] = [
  { lesson: 1, what: 'chroot', walls: [root, command] },
  ...(['pid', 'uts', 'ipc', 'mount', 'cgroup'] as const).map((type) => ({
    lesson: 2,
    what: `${type} namespace`,
    walls: [namespaces, root, command],
    namespaces: [type],
  })),
  { lesson: 3, what: 'mounts, pivot_root', walls: [namespaces, mounts, command] },
  { lesson: 3, what: 'device files', walls: [namespaces, mounts, devices, command] },
  { lesson: 4, what: 'memory limit', walls: [cgroups, root, command], resources: { memory: { limit: 64n << 20n } } },
  { lesson: 4, what: 'process limit', walls: [cgroups, root, command], resources: { pids: { limit: 32n } } },
  { lesson: 4, what: 'processor limit', walls: [cgroups, root, command], resources: { cpu: { quota: 50_000n } } },
  { lesson: 4, what: 'processor choice', walls: [cgroups, root, command], resources: { cpu: { cpus: '0' } } },
  { lesson: 4, what: 'limits in view', walls: [cgroups, namespaces, mounts, devices, cgroupView, command] },
  { lesson: 5, what: 'native launcher', walls: [namespaces, mounts, devices, command], launch: native },
  { lesson: 5, what: 'no rights', walls: [namespaces, mounts, devices, nobody, command], launch: native },
  {
    lesson: 6,
    what: 'users of its own',
    walls: [users, namespaces, mappedMounts, devices, command],
    namespaces: ['user', 'pid', 'mount', 'uts', 'ipc'],
    launch: native,
  },
  {
    lesson: 7,
    what: 'network of its own',
    walls: [users, namespaces, network, mappedMounts, devices, names, command],
    namespaces: ['user', 'pid', 'mount', 'uts', 'ipc', 'network'],
    launch: native,
  },
  ...(
    [
      ['hidden paths', [users, namespaces, mappedMounts, devices, paths, command]],
      ['fewer rights', [users, namespaces, mappedMounts, devices, keyring, rights, command]],
      ['list of devices', [cgroups, deviceAccess, users, namespaces, mappedMounts, devices, command]],
    ] as [string, Wall[]][]
  ).map(([what, walls]) => ({
    lesson: 8,
    what,
    walls,
    namespaces: ['user', 'pid', 'mount', 'uts', 'ipc'] as NamespaceType[],
    launch: native,
  })),
]
// #endregion tries

// #region doctor
export async function doctor(): Promise<Finding[]> {
  const machine = readMachine()
  const base = tryBase()
  const findings = [...aboutHere(machine), base.finding]
  if (base.path === undefined) return findings
  for (const one of TRIES) if (!needsClosed(one, machine)) findings.push(await attempt(one, base.path, machine))
  return [...findings, userNamespace(machine), await unpacking(), ...(await snapshotters())]
}

async function attempt(
  { lesson, what, walls, launch = inline, ...asked }: Try,
  rootfs: string,
  machine: Machine,
): Promise<Finding> {
  const id = randomBytes(4).toString('hex')
  const spec = specFor(id, rootfs, asked, machine)
  let remedy: string | undefined
  try {
    const steps = plan(spec, walls, machine)
    const refused = (failure: StepFailed, pid: number): void =>
      void (remedy = remedyOf(failure, explainStep(failure, readScene(pid))))
    const { status } = await launch(steps, { id, rootfs, refused })
    return {
      lesson,
      what,
      ok: status === 0,
      fact: status === 0 ? `tried: ${steps.length} calls` : `the command ended with ${status}`,
    }
  } catch (error) {
    return { lesson, what, ok: false, ...explainFailure(error), ...(remedy !== undefined && { remedy }) }
  }
}
// #endregion doctor

/** A layer of nothing: two blocks of zeros. */
async function unpacking(): Promise<Finding> {
  const about = { lesson: 9, what: 'images unpacked' }
  const target = mkdtempSync(join(tmpdir(), 'boxwright-doctor-'))
  try {
    await applyLayer(Readable.from([Buffer.alloc(1024)]), OCI_LAYER, target)
    return { ...about, ok: true, fact: 'tried: a layer, by a process whose root is the tree' }
  } catch (error) {
    return { ...about, ok: false, ...explainFailure(error) }
  } finally {
    rmSync(target, { recursive: true })
  }
}

/** Any one of them is enough: the first that works is the one that is taken. */
async function snapshotters(): Promise<Finding[]> {
  const probed = await probeAll(join(dataDirectory(), 'snapshots'))
  const some = probed.some(({ refusal }) => refusal === undefined)
  return probed.map(({ name, refusal }) => ({
    lesson: 11,
    what: `snapshots: ${name}`,
    ok: refusal === undefined,
    fact: refusal ?? 'tried: a root of layers',
    ...(some && { partly: true }),
  }))
}

/** Where no cgroup is ours there is nothing to try. */
const needsClosed = ({ resources }: Try, { cgroups }: Machine): boolean =>
  resources !== undefined && cgroups.layout === 'none' && cgroups.closed === true

function specFor(
  id: string,
  rootfs: string,
  { namespaces, resources = {} }: Pick<Try, 'namespaces' | 'resources'>,
  machine: Machine,
): Spec {
  const spec = defaultSpec({ id, rootfs, args: ['true'], resources, mappings: mappingsOn(machine) })
  return namespaces ? { ...spec, linux: { ...spec.linux, namespaces: namespaces.map((type) => ({ type })) } } : spec
}

function explainFailure(error: unknown): Pick<Finding, 'fact' | 'remedy'> {
  if (error instanceof StepFailed) return { fact: `${symbolic(error.step)} gave ${error.code}` }
  const [fact = '', remedy] = (error as Error).message.split('\n  ')
  return { fact, ...(remedy !== undefined && { remedy }) }
}

/** Node has too many threads to ask for one itself: lesson 5. As root it is asked for as nobody, since that is the question. */
function userNamespace({ users: { namespaced, count } }: Machine): Finding {
  const about = { lesson: 6, what: 'user namespace' }
  if (namespaced) return { ...about, ok: true, fact: `you are in one, with ${numbers(count)}` }
  const { status, error } = spawnSync('unshare', ['--user', 'true'], {
    cwd: '/',
    ...(process.geteuid?.() === 0 && { uid: 65_534, gid: 65_534 }),
  })
  if (error) return { ...about, ok: false, fact: 'not tried: there is no unshare(1)', remedy: 'Install util-linux' }
  if (status === 0) return { ...about, ok: true, fact: 'tried: without root' }
  return { ...about, ok: false, fact: `unshare --user true ended with ${status}`, remedy: userNamespaceRemedy() }
}

/** The program that was tried had one thread and no rights, unlike this one. */
function userNamespaceRemedy(): string {
  const scene = { ...readScene(), uid: 65_534, threads: 1, capabilities: 0n }
  const fault = bestOf(explain({ call: 'unshare', args: [CLONE_NEWUSER], scene }))
  return fault?.remedy ?? 'See what it said: unshare --user true'
}

const numbers = (count: number): string => (count === 1 ? 'one user; more are in subuid(5)' : `${count} users`)

function aboutHere({ cgroups, users: { namespaced }, network: around, security }: Machine): Finding[] {
  const controllers = [...Object.keys(cgroups.v1).map((name) => `${name} (v1)`), ...(cgroups.v2?.available ?? [])]
  return [
    {
      lesson: 1,
      what: 'root',
      ok: true,
      fact: namespaced ? 'you are root of a user namespace: lesson 6' : 'you are root',
    },
    { lesson: 1, what: 'kernel', ok: true, fact: `Linux ${release()}, ${process.arch}, Node ${process.version}` },
    {
      lesson: 4,
      what: 'cgroups',
      ok: cgroups.layout !== 'none',
      fact: cgroups.closed ? NOT_OURS : `${cgroups.layout}: ${controllers.join(', ') || 'no controllers'}`,
      ...(cgroups.layout === 'none' && (cgroups.closed ? DELEGATE : MOUNT)),
    },
    { lesson: 7, what: 'way out', partly: true, ...wayOut(around) },
    { lesson: 8, what: 'further walls', ok: true, fact: furtherWalls(security) },
  ]
}

/** What there is of them is used; where there is none, the others stand. */
const furtherWalls = ({ landlock, labels }: Machine['security']): string =>
  `Landlock ${landlock > 0 ? `of version ${landlock}` : 'is not here'}; labels: ${labels}`

const NOT_OURS = 'none is ours without root: boxes run, and no limit can be set'
const DELEGATE = {
  partly: true,
  remedy: 'For limits without root: systemd-run --user --scope -p Delegate=yes boxwright …',
} as const
const MOUNT = { remedy: 'Mount them: mount -t cgroup2 none /sys/fs/cgroup' }

function tryBase(): { path?: string; finding: Finding } {
  const what = 'base image'
  try {
    const { path } = ensureBase(imageDirectory())
    return { path, finding: { lesson: 1, what, ok: true, fact: path } }
  } catch (error) {
    return { finding: { lesson: 1, what, ok: false, ...explainFailure(error) } }
  }
}
