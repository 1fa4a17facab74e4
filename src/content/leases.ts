/**
 * Who is about to need something says so before: what a lease holds is not collected until the lease is given back, or has run out. One that names its
 * owner is over with it: what was held by somebody who was killed goes with the next collection.
 */
import { randomUUID } from 'node:crypto'
import type { Digest } from '../oci/digest.ts'
import type { Labels } from './labels.ts'
import type { Metadata } from './metadata.ts'
import { isAtWork, type Owner } from './owner.ts'

/** A thing that can be held: a blob, a snapshot of a snapshotter, something that is still being written. */
export type Thing = `content/${Digest}` | `snapshot/${string}/${string}` | `ingest/${string}`

// #region leases
export interface Lease {
  id: string
  createdAt: Date
  /** None is held until it is given back. */
  expiresAt: Date | undefined
  labels: Labels
  holds: Thing[]
  owner: Owner | undefined
  /** When the owner gave the last sign of life. */
  sign: Date
}

export interface Leases {
  create(options?: { id?: string; hours?: number; labels?: Labels; owner?: Owner }): Lease
  /** A sign of life of its owner. */
  renew(id: string): void
  get(id: string): Lease | undefined
  list(): Lease[]
  hold(id: string, ...things: Thing[]): void
  release(id: string, ...things: Thing[]): void
  remove(id: string): void
}
// #endregion leases

interface Row {
  createdAt: string
  expiresAt?: string
  labels: Labels
  holds: Thing[]
  owner?: Owner
  sign?: string
}

const A_DAY = 24

export function leasesIn(metadata: Metadata): Leases {
  const rows = metadata.table<Row>('lease')
  const now = (): string => new Date().toISOString()
  return {
    create: ({ id = randomUUID(), hours = A_DAY, labels = {}, owner } = {}) =>
      metadata.change(() => {
        const known = rows.get(id)
        if (known && !isOver(leaseOf(id, known)))
          throw new RangeError(`Cannot make the lease "${id}": there is one of that name`)
        rows.put(id, { createdAt: now(), ...until(hours), labels, holds: [], ...(owner && { owner }) })
        return leaseOf(id, rows.get(id) as Row)
      }),
    renew: (id) =>
      metadata.change(
        () => {
          const row = rows.get(id)
          if (row) rows.put(id, { ...row, sign: now() })
        },
        { frees: true },
      ),
    get: (id) => leasesFrom([{ key: id, row: rows.get(id) }])[0],
    list: () => leasesFrom(rows.all()),
    hold: (id, ...things) =>
      metadata.change(() => {
        const row = rows.get(id)
        if (!row || isOver(leaseOf(id, row))) throw over(id)
        rows.put(id, { ...row, holds: [...new Set([...row.holds, ...things])] })
      }),
    release: (id, ...things) =>
      metadata.change(() => {
        const row = rows.get(id)
        if (row) rows.put(id, { ...row, holds: row.holds.filter((one) => !things.includes(one)) })
      }),
    remove: (id) => metadata.change(() => rows.remove(id), { frees: true }),
  }
}

const until = (hours: number): { expiresAt?: string } =>
  hours === Infinity ? {} : { expiresAt: new Date(Date.now() + hours * 3_600_000).toISOString() }

const leasesFrom = (rows: { key: string; row: Row | undefined }[]): Lease[] =>
  rows.flatMap(({ key, row }) => (row ? leaseOf(key, row) : []))

const leaseOf = (id: string, { createdAt, expiresAt, labels, holds, owner, sign = createdAt }: Row): Lease => ({
  id,
  createdAt: new Date(createdAt),
  expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt),
  labels,
  holds,
  owner,
  sign: new Date(sign),
})

export const isOver = ({ expiresAt, owner, sign }: Lease): boolean =>
  (expiresAt !== undefined && expiresAt.getTime() <= Date.now()) ||
  (owner !== undefined && !isAtWork(owner, sign.getTime()))

const over = (id: string): Error =>
  new Error(
    `Cannot hold anything by the lease "${id}": it was given back, or has run out\n  Begin again, with a new one`,
  )
