/**
 * An image becomes a root file system: each of its layers a snapshot on that of the layer below, with the name of the whole as far as there. What another
 * image has in common with it is there already.
 */
import { randomUUID } from 'node:crypto'
import type { Thing } from '../content/leases.ts'
import { becomeOwner, letGo } from '../content/owner.ts'
import type { Digest } from '../oci/digest.ts'
import type { Accounts } from '../oci/user.ts'
import type { LayerStore } from '../snapshot/driver.ts'
import { leased } from './lease.ts'
import { accountsIn } from './look.ts'
import { namedLayers, type Resolved } from './find.ts'
import type { Stores } from './stores.ts'
import { Turns } from './turns.ts'
import { heldBy, unpackLayer } from './unpack-layer.ts'
import { ACCOUNTS, unpackedBefore, type Unpacked } from './unpacked.ts'

// #region unpack
export interface UnpackOptions {
  /** Waits until a layer is in the store. */
  arrival?: (digest: Digest) => Promise<void>
  /** Holds the snapshots, of an image that has no name yet. */
  lease?: string
}

/** An image that has been unpacked needs no layer. @throws what is wrong with the lowest layer that something is wrong with. */
export async function unpackImage(stores: Stores, image: Resolved, options: UnpackOptions = {}): Promise<Unpacked> {
  const { store, snapshots } = stores
  const top = namedLayers(image).at(-1)?.chainId
  const known = unpackedBefore(snapshots, image)
  if (known && options.lease === undefined) return known
  return withLease(store, options.lease, async (lease) => {
    store.leases.hold(lease, ...namedLayers(image).map(({ chainId }): Thing => `snapshot/${snapshots.name}/${chainId}`))
    store.content.label(image.id, { [`boxwright/gc.ref.snapshot.${snapshots.name}`]: top ?? '' })
    await unpackLayers(stores, image, options.arrival ?? here)
    return known ?? { chain: top, accounts: await readAccounts(snapshots, top) }
  })
}

const withLease = <T>(store: Stores['store'], lease: string | undefined, work: (lease: string) => Promise<T>) =>
  lease === undefined ? leased(store, work) : work(lease)

const here = (): Promise<void> => Promise.resolve()

/** As many at once as there are processors for: three take more memory than it is worth. */
const AT_ONCE = 2

async function unpackLayers(
  stores: Stores,
  image: Resolved,
  arrival: (digest: Digest) => Promise<void>,
): Promise<void> {
  const turns = new Turns(AT_ONCE)
  const all: Promise<void>[] = []
  for (const [n, one] of namedLayers(image).entries()) {
    const parent = namedLayers(image)[n - 1]?.chainId
    const work = { ...one, parent, arrival: () => arrival(one.layer.digest), below: all[n - 1] ?? here(), turns }
    all.push(unpackLayer(stores, work).catch(turns.end))
  }
  const failed = (await Promise.allSettled(all)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}
// #endregion unpack

// #region accounts
/** Looked at once, when it is unpacked. */
async function readAccounts(snapshots: LayerStore, name: string | undefined): Promise<Accounts> {
  if (name === undefined) return { passwd: '', group: '' }
  const [view, owner] = [`look ${randomUUID()}`, becomeOwner()]
  try {
    const accounts = await accountsIn(snapshots.view(view, name, heldBy(owner)))
    snapshots.update(name, { [ACCOUNTS]: JSON.stringify(accounts) })
    return accounts
  } finally {
    snapshots.remove(view)
    letGo(owner)
  }
}
// #endregion accounts
