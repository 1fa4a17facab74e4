/** `checkpoint`: a container's processes, written to files. They end then, unless they are to go on. */
import * as fs from 'node:fs'
import { freezerOf } from '../kernel/cgroup-freezer.ts'
import { specIn } from './bundle.ts'
import { load, type Container } from './container.ts'
import { keepStreams, outside, streamsOf } from './criu-outside.ts'
import { runCriu, type Imaging } from './criu.ts'
import { destroy } from './destroy.ts'
import type { Settings } from './settings.ts'

export interface Checkpointing extends Imaging {
  /** Its processes go on afterwards. */
  leaveRunning?: boolean
  /** Its memory only, so that the checkpoint itself has less to write; its processes go on. */
  preDump?: boolean
  /** A descriptor of ours, of the same number there. */
  statusFd?: number
}

// #region checkpoint
/** @throws Error when it does not run, or saying what CRIU has to say; it goes on then. */
export async function checkpoint(settings: Settings, id: string, asked: Checkpointing): Promise<void> {
  const { leaveRunning = false, preDump = false, statusFd, images, words } = asked
  const container = load(settings, id)
  const pid = runningIn(container)
  fs.mkdirSync(images, { recursive: true, mode: 0o700 })
  const streams = streamsOf(pid)
  await runCriu({
    ...asked,
    act: preDump ? 'pre-dump' : 'dump',
    words: [
      ...['--tree', String(pid), '--root', container.state.rootfs],
      ...stoppedBy(container),
      ...outside(pid, specOf(container), streams),
      ...(preDump ? ['--track-mem'] : leaveRunning ? ['--leave-running'] : []),
      ...(statusFd === undefined ? [] : ['--status-fd', String(statusFd)]),
      ...words,
    ],
    ...(statusFd !== undefined && { descriptors: { [statusFd]: statusFd } }),
  })
  keepStreams(images, streams)
  if (!leaveRunning && !preDump) destroy(container)
}
// #endregion checkpoint

const specOf = ({ state: { config, bundle, id } }: Container): ReturnType<typeof specIn> => specIn(config, bundle, id)

/** Nobody forks while it looks. */
function stoppedBy({ state: { cgroups } }: Container): string[] {
  const freezer = freezerOf(cgroups)
  return freezer === undefined ? [] : ['--freeze-cgroup', freezer]
}

function runningIn({ status, first, state: { id } }: Container): number {
  if (first && (status === 'running' || status === 'paused')) return first.pid
  throw new Error(
    `Cannot checkpoint container "${id}": it is ${status}\n  Only one that runs can be: boxwright-runc state ${id}`,
  )
}
