/** A snapshotter in a directory of its own, and commands that are run in what it says is to be mounted. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMetadata, type Metadata } from '../../src/content/metadata.ts'
import { launched, unheeding } from '../../src/launch/launched.ts'
import type { RootMount } from '../../src/oci/root-mount.ts'
import { drivers } from '../../src/snapshot/choose.ts'
import { openSnapshotter, type Driver, type LayerStore } from '../../src/snapshot/driver.ts'
import { openShelf } from '../../src/snapshot/shelf.ts'
import { inMounts } from '../../src/snapshot/apart.ts'
import { skipWithoutLauncher } from './native-world.ts'

export class SnapshotWorld implements Disposable {
  readonly directory = fs.mkdtempSync(join(tmpdir(), 'boxwright-snapshots-'))
  readonly metadata: Metadata = openMetadata(join(this.directory, 'meta.db'))
  readonly store: LayerStore
  readonly #root = join(this.directory, 'root')

  constructor(driver: Driver) {
    fs.mkdirSync(this.#root)
    const place = join(this.directory, driver.name)
    this.store = openSnapshotter(place, driver, openShelf(this.metadata, driver.name, place))
  }

  /** Runs a script where the mounts are, and nowhere else. @returns its exit status. */
  async at(mounts: RootMount[], script: string): Promise<number> {
    const words = ['sh', '-ec', `cd ${this.#root}\n${script}`]
    return (
      await launched(inMounts(mounts, this.#root, words, ['PATH=/usr/sbin:/usr/bin:/sbin:/bin']), {}, unheeding())
    ).status
  }

  async holds(mounts: RootMount[], script: string): Promise<void> {
    assert.equal(await this.at(mounts, script), 0, script)
  }

  /** A committed snapshot, by a script that has made it. */
  async layer(name: string, parent: string | undefined, script: string): Promise<string> {
    await this.holds(this.store.prepare(`${name}-active`, parent), script)
    this.store.commit(name, `${name}-active`)
    return name
  }

  directories(): string[] {
    return fs.readdirSync(join(this.directory, this.store.name, 'snapshots'))
  }

  /** Where the records of those are that are not committed. */
  get drafts(): string {
    return join(this.directory, this.store.name, 'drafts')
  }

  [Symbol.dispose](): void {
    this.metadata.close()
    fs.rmSync(this.directory, { recursive: true, force: true })
  }
}

export interface Probed {
  driver: Driver
  skip: string | false
}

/** Each driver, and what is in its way here. */
export async function probedDrivers(): Promise<Probed[]> {
  const directory = fs.mkdtempSync(join(tmpdir(), 'boxwright-probe-'))
  try {
    return await Promise.all(
      drivers().map(async (driver) => ({
        driver,
        skip: skipWithoutLauncher || ((await driver.probe(directory)) ?? false),
      })),
    )
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
}
