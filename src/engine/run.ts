/**
 * A container of an image: a snapshot on the image's topmost layer, and a bundle that says what is to be run in it. From there on it is a container of the
 * runtime like any other, but that its root file system is laid together in its own mounts.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { becomeOwner } from '../content/owner.ts'
import { ROOT } from '../content/references.ts'
import { anonymousVolumes, specOfImage, type Execution } from '../image/execution.ts'
import type { Resolved } from '../image/find.ts'
import type { Stores } from '../image/stores.ts'
import type { Unpacked } from '../image/unpacked.ts'
import { readUsers } from '../kernel/users.ts'
import { writeJson } from '../oci/json.ts'
import type { RootMount } from '../oci/root-mount.ts'
import type { Mount, Spec } from '../oci/spec.ts'
import { beginAttached, beginDetached, type Made } from './begin.ts'
import { Shelf, type Kept } from './kept.ts'
import { ownNames } from './names.ts'
import { removeKept } from './remove.ts'

export interface RunWish extends Omit<Execution, 'id' | 'hostname'> {
  /** As it was asked for. */
  image: string
  name?: string
  hostname?: string
  removes: boolean
  volumes: readonly Mount[]
  cidFile?: string
}

// #region run
/** @returns the command's exit status. */
export async function runImage(stores: Stores, image: Resolved, unpacked: Unpacked, wish: RunWish): Promise<number> {
  const shelf = new Shelf(stores.data)
  return beginAttached(stores, shelf, make(stores, shelf, image, unpacked, wish))
}

/** @returns the container's id, when its command runs. */
export async function leaveImage(stores: Stores, image: Resolved, unpacked: Unpacked, wish: RunWish): Promise<string> {
  const shelf = new Shelf(stores.data)
  const made = make(stores, shelf, image, unpacked, wish)
  await beginDetached(stores, shelf, made)
  return made.kept.id
}
// #endregion run

// #region make
/** What is made first is known first: whoever is killed leaves nothing that cannot be found. */
function make(stores: Stores, shelf: Shelf, image: Resolved, { chain, accounts }: Unpacked, wish: RunWish): Made {
  const id = randomBytes(6).toString('hex')
  const kept = keptOf(stores, image, wish, id)
  const bundle = stores.store.metadata.change(() => shelf.take(kept))
  try {
    const volumes = anonymousVolumes(image.config, wish.volumes, () => newVolume(stores, shelf, kept))
    const { hostname = id } = wish
    const names = ownNames(bundle, hostname, wish.network ?? {}, wish.volumes)
    const asked = { ...wish, id, hostname, volumes: [...wish.volumes, ...volumes, ...names] }
    const spec = forUsers(specOfImage(image.config, asked, accounts))
    writeFileSync(join(bundle, 'config.json'), `${writeJson(spec, '  ')}\n`)
    const prepared = stores.snapshots.prepare(kept.snapshot, chain, labelsOf(kept))
    const layers = kept.removes ? prepared.map(forgetful) : prepared
    return { kept, layers, spec }
  } catch (error) {
    removeKept(stores, shelf, kept)
    throw error
  }
}

/** What goes with its container waits for no disk, not even when it is unmounted: overlayfs.rst, "Volatile mount". */
const forgetful = (mount: RootMount): RootMount =>
  mount.type === 'overlay' ? { ...mount, options: ['volatile', ...mount.options] } : mount

/** As long as it is kept, so is what it was made of: it may become a layer more. */
const labelsOf = ({ id, target }: Kept): Record<string, string> => ({
  [ROOT]: id,
  'boxwright/gc.ref.content.target': target.digest,
})

const keptOf = (
  { snapshots }: Stores,
  { id: config, target }: Resolved,
  { image, name, args, removes }: RunWish,
  id: string,
): Kept => ({
  id,
  name: name ?? id,
  image,
  config,
  target,
  snapshotter: snapshots.name,
  snapshot: `container ${id}`,
  args: [...args],
  created: new Date().toISOString(),
  removes,
  maker: becomeOwner(),
  volumes: [],
})

function newVolume({ data }: Stores, shelf: Shelf, kept: Kept): string {
  const directory = join(data, 'volumes', randomBytes(8).toString('hex'))
  mkdirSync(directory, { recursive: true })
  kept.volumes.push(directory)
  shelf.save(kept)
  return directory
}

/** In a user namespace: limits are for who has a cgroup, terminals have no group where there is none, and the host's network shows the host's /sys. */
function forUsers(spec: Spec, { namespaced, count } = readUsers()): Spec {
  if (!namespaced) return spec
  const { cgroupsPath: _, ...linux } = spec.linux
  const hasNetwork = linux.namespaces.some(({ type }) => type === 'network')
  const mounts = spec.mounts.map((mount): Mount => {
    if (mount.type === 'sysfs' && !hasNetwork)
      return { ...mount, type: 'bind', source: '/sys', options: ['rbind', ...mount.options] }
    return mount.type === 'devpts' && count <= 5
      ? { ...mount, options: mount.options.filter((one) => !one.startsWith('gid=')) }
      : mount
  })
  return { ...spec, mounts, linux: linux as Spec['linux'] }
}
// #endregion make
