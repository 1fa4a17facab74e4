/** A way to keep the files of snapshots, and what all ways have in common: a directory for each, and no directory without a record. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { RootMount } from '../oci/root-mount.ts'
import { commit, create, find, parentsOf, refuseKind, relabel, remove } from './records.ts'
import type { Records, Shelf, Stored } from './records.ts'
import type { Info, Kind, Snapshotter, Usage } from './snapshotter.ts'

// #region driver
export interface Driver {
  name: string
  /** @returns what is in the way on this machine, in that directory; nothing when it works. */
  probe(directory: string): Promise<string | undefined>
  /** Fills a new snapshot's directory. @param parents their directories, the nearest first. */
  make(place: string, kind: Kind, parents: readonly string[]): void
  mounts(place: string, kind: Kind, parents: readonly string[]): RootMount[]
  /** Where what an active one adds is written, and whether in overlay's own form, without what its parents have. */
  writes(place: string, parents: readonly string[]): Writing
  /** What it adds, looked at. */
  usage(place: string): Usage
  /** Before an active one is committed: it will not change any more. */
  seal?(place: string): void
}

export interface Writing {
  directory: string
  overlay: boolean
  /** What it began as, where it is a whole tree. */
  lower?: string
  /** What lies below it, the nearest first, where those are directories. */
  below?: string[]
}
// #endregion driver

/** A snapshotter whose active snapshots can be written without being mounted. */
export interface LayerStore extends Snapshotter {
  readonly name: string
  writing(key: string): Writing
}

// #region open
export function openSnapshotter(directory: string, driver: Driver, shelf: Shelf): LayerStore {
  const places = join(directory, 'snapshots')
  fs.mkdirSync(places, { recursive: true, mode: 0o700 })
  const placeOf = ({ id }: Stored): string => join(places, id)
  const mountsOf = (records: Records, stored: Stored): RootMount[] =>
    driver.mounts(placeOf(stored), stored.kind, parentsOf(records, stored).map(placeOf))

  /** A directory before its record. */
  const begin = (kind: Kind, key: string, parent?: string, labels: Info['labels'] = {}): RootMount[] =>
    shelf.change((records) => {
      const stored = create(records, kind, key, parent, labels)
      fs.mkdirSync(placeOf(stored), { mode: 0o700 })
      driver.make(placeOf(stored), kind, parentsOf(records, stored).map(placeOf))
      return mountsOf(records, stored)
    })

  const read = (key: string): Stored => shelf.read((records) => find(records, key))
  const usage = (stored: Stored): Usage => stored.usage ?? driver.usage(placeOf(stored))

  return {
    name: driver.name,
    stat: (key) => infoOf(read(key)),
    update: (key, labels) => infoOf(shelf.change((records) => relabel(records, key, labels))),
    usage: (key) => usage(read(key)),
    mounts: (key) => shelf.read((records) => mountsOf(records, mountable(find(records, key)))),
    prepare: (key, parent, labels) => begin('active', key, parent, labels),
    view: (key, parent, labels) => begin('view', key, parent, labels),
    commit: (name, key, labels = {}) => {
      const active = refuseKind(read(key), ['active'], 'commit')
      driver.seal?.(placeOf(active))
      const counted = usage(active)
      shelf.change((records) => commit(records, name, key, counted, labels))
    },
    /** A record before its directory. */
    remove: (key) => discard(placeOf(shelf.change((records) => remove(records, key), { frees: true }))),
    walk: () => shelf.read((records) => [...records.all()].map(infoOf)),
    cleanup: () => {
      shelf.sweep()
      shelf.change((records) => sweep(places, records), { frees: true })
    },
    close: () => {},
    writing: (key) =>
      shelf.read((records) => {
        const active = refuseKind(find(records, key), ['active'], 'write')
        return driver.writes(placeOf(active), parentsOf(records, active).map(placeOf))
      }),
  }
}

const mountable = (stored: Stored): Stored => refuseKind(stored, ['active', 'view'], 'mount')

function sweep(places: string, records: Records): void {
  const owned = new Set([...records.all()].map(({ id }) => id))
  for (const name of fs.readdirSync(places).filter((id) => !owned.has(id))) discard(join(places, name))
}
// #endregion open

/** Somebody else may be at it, too. */
const discard = (place: string): void => fs.rmSync(place, { recursive: true, force: true, maxRetries: 3 })

const infoOf = ({ kind, name, parent, labels, created, updated }: Stored): Info => ({
  kind,
  name,
  ...(parent !== undefined && { parent }),
  labels,
  created,
  updated,
})
