/** Kinds of things, by the names that two specifications have for them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataOf, EMPTY } from '../../src/oci/descriptor.ts'
import * as types from '../../src/oci/media-types.ts'

const { isConfig, isForeignLayer, isIndex, isLayer, isManifest } = types

test('each media type is of one kind, whoever has named it', () => {
  const names = Object.entries(types).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  assert.ok(names.length > 10)
  for (const [name, mediaType] of names) {
    const kinds = { MANIFEST: isManifest, INDEX: isIndex, LIST: isIndex, CONFIG: isConfig, LAYER: isLayer }
    const found = Object.entries(kinds).flatMap(([kind, is]) => (is(mediaType) ? kind : []))
    const expected = Object.keys(kinds).filter((kind) => name.includes(kind))
    assert.deepEqual(
      found.map((kind) => kind.replace('LIST', 'INDEX')),
      expected.flatMap((kind) => (/LIST|INDEX/.test(kind) ? ['INDEX', 'INDEX'] : kind)),
      name,
    )
    assert.ok(types.isMediaType(mediaType), mediaType)
  }
})

test('a layer that is to be had elsewhere is a layer all the same', () => {
  for (const name of ['oci.image.layer.nondistributable.v1.tar+gzip', 'docker.image.rootfs.foreign.diff.tar.gzip']) {
    assert.ok(isForeignLayer(`application/vnd.${name}`))
    assert.ok(isLayer(`application/vnd.${name}`))
  }
  assert.equal(isForeignLayer(types.OCI_LAYER_GZIP), false)
})

test('a header says more than the media type', () => {
  assert.equal(types.essenceOf('Application/JSON; charset=utf-8'), 'application/json')
})

test('the empty thing is in its descriptor', () => assert.equal(String(dataOf(EMPTY)), '{}'))
