/** Images that are whole, and cannot be unpacked: their configuration says something else than their manifest, or nothing that can be read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namedLayers, resolveImage } from '../../src/image/find.ts'
import { nameOne } from '../../src/image/name.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { add, storeFor } from './store.ts'

const LAYER = 'a layer'
const config = (rootfs: unknown): string => JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs })
const layersOf = (...diff_ids: string[]): string => config({ type: 'layers', diff_ids })

const BAD: Record<string, [text: string, error: RegExp]> = {
  'is no JSON': ['garbage', /Cannot read the image configuration: line 1, column 1: "garbage" is no value/],
  'is empty': ['', /Cannot read the image configuration/],
  'is a list': ['[]', /Cannot read the image configuration/],
  'has no rootfs': [config(undefined), /Cannot read the image configuration.*rootfs/],
  'has a rootfs of another kind': [
    config({ type: 'disk', diff_ids: [] }),
    /Cannot read the image configuration.*rootfs.*type/,
  ],
  'has a name that is no digest': [layersOf('sha256:ff'), /Cannot read the image configuration.*diff_ids/],
  'names no layer of the one that there is': [layersOf(), /Cannot unpack sha256:.*: it has 1 layers, and names of 0/],
  'names a layer too many': [layersOf(digestOf('a'), digestOf('b')), /it has 1 layers, and names of 2/],
  'has more than a configuration may': [
    `${layersOf(digestOf('a'))}${' '.repeat(2 ** 24)}`,
    /it has \d+ bytes, and 16777216 are the most/,
  ],
}

for (const [name, [text, error]] of Object.entries(BAD))
  test(`an image is kept, since it is whole, and not unpacked when its configuration ${name}`, async (t) => {
    const store = storeFor(t)
    const [layer, about] = [await add(store, OCI_LAYER, LAYER), await add(store, OCI_CONFIG, text)]
    const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: about, layers: [layer] }
    const target = await add(store, OCI_MANIFEST, JSON.stringify(manifest))
    assert.equal(nameOne(store, target, 'registry.example/app:1').target.digest, target.digest)
    const platform = { os: 'linux', architecture: 'amd64' }
    assert.throws(() => namedLayers(resolveImage(store, target, platform)), error)
  })
