/**
 * A container of an image begins: before somebody who waits for it, or left alone. Then its launcher stays as its monitor, a program of a few hundred
 * kilobytes that writes down what the command says and how it has ended, and in the end becomes `boxwright settle`, which sees to the rest.
 */
import { rmSync } from 'node:fs'
import { wayOut } from '../box/network.ts'
import { workingDirectory } from '../box/container/working-directory.ts'
import { ownerOf, SIGN_OF_LIFE } from '../content/owner.ts'
import type { Stores } from '../image/stores.ts'
import { readUsers } from '../kernel/users.ts'
import { built } from '../launch/addon.ts'
import { networkOf } from '../oci/network.ts'
import type { RootMount } from '../oci/root-mount.ts'
import type { Spec } from '../oci/spec.ts'
import type { Draft, Wall } from '../plan/plan.ts'
import { run } from '../runtime/run.ts'
import { usualSettings, type Settings } from '../runtime/settings.ts'
import type { Kept, Shelf } from './kept.ts'
import { endNetwork, removeKept } from './remove.ts'

export interface Made {
  kept: Kept
  layers: RootMount[]
  spec: Spec
}

// #region begin
/** @returns the command's exit status. */
export async function beginAttached(stores: Stores, shelf: Shelf, made: Made): Promise<number> {
  const kept = noted(shelf, made)
  const alive = setInterval(() => shelf.giveSign(kept), SIGN_OF_LIFE)
  try {
    const { id } = kept
    const exitCode = await run(settingsFor(kept), { id, bundle: shelf.bundle(id), layers: made.layers })
    shelf.end(kept, exitCode)
    return exitCode
  } catch (error) {
    shelf.note(made.kept)
    throw error
  } finally {
    clearInterval(alive)
    endNetwork(shelf, kept)
    if (kept.removes) removeKept(stores, shelf, kept)
  }
}

/** Comes back when the command runs. */
export async function beginDetached(stores: Stores, shelf: Shelf, made: Made): Promise<void> {
  const kept = noted(shelf, made)
  const { id } = kept
  const monitor = {
    statusFile: shelf.status(id),
    logFile: shelf.log(id),
    afterwards: settling(stores.data, id),
    launching: (pid: number): void => shelf.note({ ...kept, maker: ownerOf(pid) }),
  }
  try {
    const making = { id, bundle: shelf.bundle(id), layers: made.layers, detach: true, monitor }
    const status = await run(settingsFor(kept), making)
    if (status !== 0)
      throw new Error(`Cannot start container "${kept.name}": signal ${status - 128} has ended it before`)
  } catch (error) {
    endNetwork(shelf, kept)
    shelf.note(made.kept)
    if (kept.removes) removeKept(stores, shelf, kept)
    throw error
  }
}
// #endregion begin

/** Whoever starts it says so before it is there. */
function noted(shelf: Shelf, { kept, spec }: Made): Kept {
  rmSync(shelf.status(kept.id), { force: true })
  const network = ['none', 'host'].includes(networkOf(spec).network) ? undefined : onNetwork(spec)[0]?.undo
  const begun = { ...kept, started: new Date().toISOString(), ...(network && { network }) }
  shelf.note(begun)
  return begun
}

/** Of what we are told by our environment it is told as well. */
const settling = (data: string, id: string): string[] => [
  ...['/usr/bin/env', '-i', `BOXWRIGHT_DATA=${data}`],
  ...Object.entries(process.env).flatMap(([name, value]) =>
    name !== 'BOXWRIGHT_DATA' && /^(PATH|HOME|CNI_PATH|BOXWRIGHT_\w+|XDG_\w+)$/.test(name) ? [`${name}=${value}`] : [],
  ),
  ...[built('boxwright'), 'settle', id],
]

// #region network
const onNetwork = (spec: Spec): Draft[] => wayOut(networkOf(spec), readUsers().namespaced ? 'user-mode' : 'cni')

const settingsFor = (kept: Kept): Settings => ({ ...usualSettings(), change: (walls) => withImages(walls, kept) })

/** The way out is made when the box has its network, and before it goes into its root. */
function withImages(walls: readonly Wall[], { network }: Kept): Wall[] {
  const out: Wall = { name: 'way-out', lesson: 7, steps: (spec) => (network ? onNetwork(spec) : []) }
  return walls.flatMap((wall) => {
    if (wall.name === 'container-pivot') return [out, wall]
    return wall.name === 'container-directory' ? [workingDirectory, wall] : [wall]
  })
}
// #endregion network
