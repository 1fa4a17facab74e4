/**
 * `restore`: a container, of a bundle, whose processes are those of a checkpoint. Its cgroups we make as `create` does; its mounts, namespaces and processes
 * are CRIU's work.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { containerCgroups } from '../box/container/cgroups.ts'
import { containerDeviceAccess } from '../box/container/device-access.ts'
import type { Site } from '../kernel/cgroup-sites.ts'
import { exitStatusOf, processId } from '../kernel/proc.ts'
import { passSignals } from '../launch/signals.ts'
import { box, plan, type Plan, type Wall } from '../plan/plan.ts'
import { unheeding } from '../launch/launched.ts'
import { readBundle, type Bundle } from './bundle.ts'
import { Container, parseId } from './container.ts'
import { cgroupRoots, outsideAgain, sharedBy, streamsAgain } from './criu-outside.ts'
import { runCriu, type Imaging } from './criu.ts'
import { destroy } from './destroy.ts'
import { played } from './launch.ts'
import { machineFor } from './machine.ts'
import { refuseTaken, takeDirectory } from './directory.ts'
import { askedIn, firstState } from './make.ts'
import { writePidFile } from './pid-file.ts'
import type { Making, Settings } from './settings.ts'

export type Restoring = Imaging & Pick<Making, 'id' | 'bundle' | 'pidFile' | 'detach'>

interface Prepared {
  container: Container
  bundle: Bundle
  sites: readonly Site[]
  cgroups: Plan
}

// #region restore
/** @returns the command's exit status; 0 when it is left alone. @throws Error saying what CRIU has to say: nothing is left of the container then. */
export async function restore(settings: Settings, asked: Restoring): Promise<number> {
  const prepared = prepare(settings, asked)
  const { container } = prepared
  try {
    await played(
      prepared.cgroups,
      { rootfs: container.state.rootfs, options: ['-k'], words: container.path('words') },
      unheeding(),
    )
    await putBack(prepared, asked)
  } catch (error) {
    destroy(container)
    throw error
  }
  writePidFile(asked.pidFile, container.state.pid)
  if (asked.detach) return 0
  const status = await endOf(container.state.pid)
  destroy(container)
  return status
}
// #endregion restore

function prepare(settings: Settings, { id, bundle: place, images }: Restoring): Prepared {
  const bundle = readBundle(place, parseId(id))
  refuse(settings, bundle, images)
  refuseTaken(join(settings.root, id))
  const machine = machineFor(id, askedIn(bundle), settings)
  const cgroups = plan(bundle.spec, [containerCgroups, containerDeviceAccess, nobody], machine)
  const state = firstState(id, bundle, cgroups)
  const directory = takeDirectory(settings.root, id, (draft) => new Container(draft, state).save())
  return {
    container: new Container(directory, state),
    bundle,
    sites: machine.cgroups.place?.sites.filter(({ writable }) => writable) ?? [],
    cgroups,
  }
}

/** Cgroups are made for somebody to live there; he goes at once, and they stay. */
const nobody: Wall = {
  name: 'nobody',
  lesson: 13,
  steps: () => [
    box('execvpe', ['true', ['true'], ['PATH=/usr/bin:/bin']], 'the cgroups are made, and nobody lives there yet'),
  ],
}

function refuse({ systemdCgroup }: Settings, { spec }: Bundle, images: string): void {
  const fact = systemdCgroup
    ? 'a unit of systemd is not made without a process'
    : spec.process.terminal
      ? 'it had a terminal, and CRIU takes the other end of one only from a program that talks to it by RPC'
      : undefined
  if (fact !== undefined)
    throw new Error(`Cannot restore from "${images}": ${fact}\n  Make it without, and take another checkpoint`)
  if (!fs.existsSync(join(images, 'inventory.img')))
    throw new Error(
      `Cannot restore from "${images}": there is no checkpoint\n  Say where it is: --image-path. Or make one: boxwright-runc checkpoint`,
    )
}

// #region put-back
/** CRIU wants the root to be a mount: it is one in a mount namespace that ends with CRIU, so the host has none to take away. */
async function putBack({ container, bundle: { spec }, sites }: Prepared, asked: Restoring): Promise<void> {
  const root = join(container.directory, 'criu-root')
  fs.mkdirSync(root, { mode: 0o700 })
  const given = [...streamsAgain(asked.images)]
  const opened = sharedBy(spec).map(({ name, path }) => [name, fs.openSync(path, 'r')] as const)
  const inherited = [...given, ...opened]
  try {
    await runCriu({
      ...asked,
      act: 'restore',
      under: inOwnMounts(spec.root.path, root, container.state.cgroups),
      descriptors: Object.fromEntries(inherited.map(([, fd], n) => [3 + n, fd])),
      words: [
        ...['--root', root, '--pidfile', container.path('pid'), '--restore-detached'],
        ...(asked.detach ? [] : ['--restore-sibling']),
        ...inherited.flatMap(([name], n) => ['--inherit-fd', `fd[${3 + n}]:${name}`]),
        ...outsideAgain(spec, sites),
        ...cgroupRoots(sites),
        ...asked.words,
      ],
    })
  } finally {
    for (const [, fd] of inherited) if (fd > 2) fs.closeSync(fd)
    fs.rmdirSync(root)
  }
  const pid = Number(fs.readFileSync(container.path('pid'), 'utf8'))
  container.save({ pid, startTime: processId(pid)?.started ?? 0 })
}

/** In the container's cgroups as well: with --manage-cgroups-mode ignore its processes stay where CRIU was. */
const inOwnMounts = (rootfs: string, root: string, cgroups: readonly string[]): string[] => [
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', SCRIPT, 'sh', rootfs, root],
  ...cgroups,
  '--',
]

const SCRIPT =
  'mount --rbind "$1" "$2" && shift 2 && while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit; shift; done; shift; exec "$@"'
// #endregion put-back

// #region end-of
/** CRIU has made it a child of ours, but Node waits for those only that it has started itself. What has ended stays to be looked at, as we live. */
async function endOf(pid: number): Promise<number> {
  const { status } = await passSignals(async (signals) => {
    signals.to({ pid })
    signals.running = true
    for (;;) {
      const ended = exitStatusOf(pid)
      if (ended !== undefined) return { status: ended, results: [] }
      await passed(20)
    }
  })
  return status
}
// #endregion end-of
