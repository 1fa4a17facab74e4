/** Random layers, unpacked as an image by each snapshotter: what is to be mounted is the tree that the model has. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { putBytes } from '../../src/content/put.ts'
import type { Store } from '../../src/content/store.ts'
import { resolveImage } from '../../src/image/find.ts'
import { openStores } from '../../src/image/stores.ts'
import { unpackImage } from '../../src/image/unpack.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { openApart } from '../../src/snapshot/apart.ts'
import { seeded } from '../pure/random.ts'
import { emptyModel, LayerMaker, pictureOfModel } from './layer-model.ts'
import { probedDrivers } from './snapshot-world.ts'
import { tar } from './tar-maker.ts'

const PICTURE = fileURLToPath(new URL('picture.ts', import.meta.url))
const PLATFORM = { os: 'linux', architecture: 'amd64' }

async function imageOf(store: Store, layers: readonly Buffer[]): Promise<Descriptor> {
  const put = async (mediaType: string, bytes: Buffer): Promise<Descriptor> => {
    const digest = digestOf(bytes)
    await putBytes(store.content, digest, { digest, bytes, lease: undefined })
    return { mediaType, digest, size: bytes.length }
  }
  const json = (mediaType: string, value: object): Promise<Descriptor> =>
    put(mediaType, Buffer.from(JSON.stringify(value)))
  const rootfs = { type: 'layers', diff_ids: layers.map((layer) => digestOf(layer)) }
  const config = await json(OCI_CONFIG, { ...PLATFORM, rootfs })
  const parts = await Promise.all(layers.map((layer) => put(OCI_LAYER, layer)))
  return json(OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: parts })
}

/** @returns what the image looks like where it is mounted. */
async function unpacked(data: string, driver: string, layers: readonly Buffer[]): Promise<unknown> {
  using stores = await openStores(data, driver)
  const image = resolveImage(stores.store, await imageOf(stores.store, layers), PLATFORM)
  const { chain } = await unpackImage(stores, image)
  using apart = openApart(stores.snapshots.view('look', chain))
  const [program = '', ...words] = apart.words([process.execPath, ...process.execArgv, PICTURE, apart.root])
  return JSON.parse(execFileSync(program, words, { encoding: 'utf8' }))
}

function placeFor(t: TestContext): string {
  const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-random-'))
  t.after(() => fs.rmSync(place, { recursive: true }))
  return place
}

for (const { driver, skip } of await probedDrivers()) {
  test(`${driver.name}: random layers are the tree that the model has when they are unpacked`, { skip }, async (t) => {
    const random = seeded(t)
    const place = placeFor(t)
    for (let round = 0; round < 3; round++) {
      const model = emptyModel()
      const across = driver.name === 'native' ? 'one file' : 'copied up'
      const layers = Array.from({ length: 4 }, () => tar(...new LayerMaker(model, random, across).members))
      const picture = await unpacked(join(place, `${round}`), driver.name, layers)
      assert.deepEqual(picture, pictureOfModel(model), `round ${round}`)
    }
  })

  test(`${driver.name}: what the lowest layer says to be gone leaves nothing behind`, { skip }, async (t) => {
    const place = placeFor(t)
    const lowest = tar(
      { name: './', type: '5', mode: 0o755 },
      { name: 'd/', type: '5', mode: 0o755 },
      { name: 'd/.wh.gone' },
      { name: '.wh.too' },
      { name: 'o/', type: '5', mode: 0o755 },
      { name: 'o/.wh..wh..opq' },
      { name: 'o/f' },
    )
    const next = tar({ name: './', type: '5', mode: 0o755 }, { name: 'f' })
    const names = async (...layers: Buffer[]): Promise<string[]> =>
      Object.keys((await unpacked(join(place, `${layers.length}`), driver.name, layers)) as object)
    assert.deepEqual(await names(lowest), ['', 'd', 'o', 'o/f'])
    assert.deepEqual(await names(lowest, next), ['', 'd', 'f', 'o', 'o/f'])
  })

  test(
    `${driver.name}: all that is below is gone when a layer says so, and a device takes a file’s place`,
    { skip },
    async (t) => {
      const root = { name: './', type: '5', mode: 0o755 }
      const layers = [
        tar(root, { name: 'd/', type: '5', mode: 0o755 }, { name: 'd/f' }, { name: 'g' }),
        tar(root, { name: 'new' }, { name: '.wh..wh..opq' }, { name: 'again' }),
        tar(root, { name: 'new', type: '3', device: [1, 3], mode: 0o666 }),
      ]
      const picture = await unpacked(placeFor(t), driver.name, layers)
      assert.deepEqual(picture, {
        '': '40755 0:0 1000000000000000000',
        again: '100644 0:0 1000000000000000000',
        new: '20666 0:0 1000000000000000000 device 1:3',
      })
    },
  )
}
