/** What is known of an image that has been unpacked: enough to make a container of it, and nothing has to be looked for in its files. */
import type { Digest } from '../oci/digest.ts'
import type { Accounts } from '../oci/user.ts'
import type { LayerStore } from '../snapshot/driver.ts'
import { isFault, type Info } from '../snapshot/snapshotter.ts'
import { namedLayers, type Resolved } from './find.ts'

// #region unpacked
export interface Unpacked {
  /** The snapshot of the topmost layer; none where there is no layer. */
  chain: Digest | undefined
  /** Of its own files: it may be anybody's. */
  accounts: Accounts
}

/** @returns nothing when it has not been unpacked, or has been collected since. */
export function unpackedBefore(snapshots: LayerStore, image: Resolved): Unpacked | undefined {
  const chain = namedLayers(image).at(-1)?.chainId
  const accounts = chain === undefined ? undefined : accountsOf(snapshots, chain)
  return accounts && { chain, accounts }
}
// #endregion unpacked

export const ACCOUNTS = 'boxwright/accounts'

function accountsOf(snapshots: LayerStore, name: string): Accounts | undefined {
  const text = committed(snapshots, name)?.labels[ACCOUNTS]
  return text === undefined ? undefined : (JSON.parse(text) as Accounts)
}

export function committed(snapshots: LayerStore, name: string): Info | undefined {
  try {
    const info = snapshots.stat(name)
    return info.kind === 'committed' ? info : undefined
  } catch (error) {
    if (isFault(error, 'not-found')) return undefined
    throw error
  }
}
