/** Everything that an image is made of and lives in: the store of blobs and names, and the snapshots. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataDirectory } from '../content/places.ts'
import { openStore, type Store } from '../content/store.ts'
import { replaceFile } from '../kernel/file.ts'
import { chooseDriver, drivers } from '../snapshot/choose.ts'
import { openSnapshotter, type Driver, type LayerStore } from '../snapshot/driver.ts'
import { openShelf } from '../snapshot/shelf.ts'

export interface Stores extends Disposable {
  data: string
  store: Store
  snapshots: LayerStore
  /** What of the layers that have been unpacked could not be had here, in words. */
  leftOut: string[]
  /** All that have ever been chosen here: what is kept by one is not known to another. */
  everywhere(): LayerStore[]
}

// #region open
/** @param name of a snapshotter that is not this machine's own choice. */
export async function openStores(data = dataDirectory(), name?: string): Promise<Stores> {
  const store = openStore(data)
  const snapshots = await openSnapshots(data, store, name)
  const everywhere = (): LayerStore[] =>
    drivers()
      .filter(isUsed(data))
      .map((driver) => opened(data, store, driver))
  return { data, store, snapshots, leftOut: [], everywhere, [Symbol.dispose]: () => store[Symbol.dispose]() }
}

const isUsed =
  (data: string) =>
  ({ name }: Driver): boolean =>
    existsSync(join(data, 'snapshots', name))

function opened(data: string, { metadata }: Store, driver: Driver): LayerStore {
  const directory = join(data, 'snapshots', driver.name)
  return openSnapshotter(directory, driver, openShelf(metadata, driver.name, directory))
}

/** A container's own, whichever is chosen now. */
export const snapshotsOf = (stores: Stores, name: string): LayerStore =>
  stores.everywhere().find((one) => one.name === name) ?? stores.snapshots

async function openSnapshots(data: string, store: Store, name?: string): Promise<LayerStore> {
  const directory = join(data, 'snapshots')
  const driver = await chooseDriver(directory, name ?? process.env['BOXWRIGHT_SNAPSHOTTER'] ?? chosenBefore(directory))
  if (chosenBefore(directory) === undefined) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    replaceFile(join(directory, 'chosen'), driver.name)
  }
  return opened(data, store, driver)
}

/** What was tried once is not tried each time. */
function chosenBefore(directory: string): string | undefined {
  const file = join(directory, 'chosen')
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
// #endregion open
