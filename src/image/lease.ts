/**
 * What is brought in is held until it has a name. Whoever is killed holds nothing any more: what had come whole goes with the next collection, and what
 * was on its way can be gone on with for a day.
 */
import { becomeOwner, letGo, SIGN_OF_LIFE } from '../content/owner.ts'
import type { Store } from '../content/store.ts'

// #region leased
export async function leased<T>({ leases }: Pick<Store, 'leases'>, work: (lease: string) => Promise<T>): Promise<T> {
  const owner = becomeOwner()
  const { id } = leases.create({ owner })
  const alive = setInterval(() => leases.renew(id), SIGN_OF_LIFE).unref()
  try {
    return await work(id)
  } finally {
    clearInterval(alive)
    leases.remove(id)
    letGo(owner)
  }
}
// #endregion leased
