/**
 * The records of one snapshotter. What others may stand on is in the metadata database, and on the disk when it counts as done. What is still written to is in files beside
 * it (drafts.ts). The database comes first: whoever is killed while a draft is committed leaves it behind, and it counts for nothing, since its number is there.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Metadata } from '../content/metadata.ts'
import { draftsIn } from './drafts.ts'
import type { Records, Shelf, Stored } from './records.ts'

/** What one change has done to drafts. */
interface Changed {
  written: Map<string, Stored>
  gone: Map<string, Stored>
  /** Numbers of those that are drafts no more. */
  committed: Set<string>
}

const nothing = (): Changed => ({ written: new Map(), gone: new Map(), committed: new Set() })
const byName = (one: Stored, other: Stored): number => (one.name < other.name ? -1 : 1)

// #region shelf
/** @param name of the snapshotter. @param directory its own. */
export function openShelf(metadata: Metadata, name: string, directory: string): Shelf {
  const rows = metadata.table<Stored>(`snapshot/${name}`)
  const drafts = draftsIn(join(directory, 'drafts'))
  const leftBy = (id: string): Stored[] => drafts.all().filter((one) => one.id === id)

  let changed: Changed | undefined

  const recordsFor = (one: Changed): Records => ({
    get: (key) => rows.get(key) ?? one.written.get(key) ?? left(one, [drafts.get(key)])[0],
    put: (stored) => {
      if (stored.kind !== 'committed') return void one.written.set(stored.name, stored)
      rows.put(stored.name, stored)
      one.committed.add(stored.id)
    },
    remove: (key) => {
      const row = rows.get(key)
      for (const stored of row ? leftBy(row.id) : left(one, [drafts.get(key)])) one.gone.set(stored.name, stored)
      if (row) rows.remove(key)
      one.written.delete(key)
    },
    all: () => [...rows.all().map(({ row }) => row), ...one.written.values(), ...left(one, drafts.all())].sort(byName),
    next: () => drafts.next((number) => existsSync(join(directory, 'snapshots', String(number)))),
  })

  /** Of those in files, whatever counts, and is not in the change itself. */
  function left({ written, gone }: Changed, found: readonly (Stored | undefined)[]): Stored[] {
    const there = found.filter((one) => one !== undefined && !written.has(one.name) && !gone.has(one.name)) as Stored[]
    const committed = new Set(there.length === 0 ? [] : rows.all().map(({ row }) => row.id))
    return there.filter(({ id }) => !committed.has(id))
  }

  function begun(): Changed {
    const one = nothing()
    const hasBecome = ({ id }: Stored): boolean => one.committed.has(id)
    metadata.accompany({
      last: () => {
        for (const stored of one.gone.values()) if (!hasBecome(stored)) drafts.remove(stored.name)
        for (const stored of one.written.values()) drafts.put(stored)
      },
      ended: (isThere) => {
        changed = undefined
        for (const stored of one.gone.values()) if (isThere && hasBecome(stored)) forget(stored)
      },
    })
    return one
  }

  /** Unless the name has been taken again. */
  const forget = ({ name, id }: Stored): void =>
    metadata.change(
      () => {
        if (drafts.get(name)?.id === id) drafts.remove(name)
      },
      { frees: true },
    )

  return {
    read: (act) => metadata.change(() => act(recordsFor(changed ?? nothing())), { frees: true }),
    change: (act, options) => metadata.change(() => act(recordsFor((changed ??= begun()))), options),
    sweep: () => metadata.change(() => drafts.sweep(), { frees: true }),
  }
}
// #endregion shelf
