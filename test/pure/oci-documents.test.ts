/** Manifests, indexes and configurations as strangers may write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EMPTY, type Descriptor } from '../../src/oci/descriptor.ts'
import { MOST_BYTES, NotADocument, readDocument } from '../../src/oci/document.ts'
import { parseImageConfig } from '../../src/oci/image-config.ts'
import {
  childrenOf,
  DEEPEST_INDEX,
  hasManifests,
  parseImageManifest,
  parseManifest,
  stepDown,
} from '../../src/oci/manifest.ts'
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { about, bytes, CONFIG, IMAGE_CONFIG, INDEX, LAYER, MANIFEST } from './image-documents.ts'

test('a manifest, an index and a configuration are read as they were written', () => {
  assert.deepEqual(parseManifest(bytes(MANIFEST)), MANIFEST)
  assert.deepEqual(parseManifest(bytes(INDEX)), INDEX)
  assert.deepEqual(parseImageConfig(bytes(IMAGE_CONFIG)), IMAGE_CONFIG)
  assert.deepEqual(childrenOf(parseManifest(bytes(MANIFEST))), [CONFIG, LAYER, EMPTY])
  assert.deepEqual(childrenOf(parseManifest(bytes(INDEX))), INDEX.manifests)
})

test('a document without a media type is what it was said to be, or what it has in it', () => {
  const { mediaType: _, ...manifest } = MANIFEST
  const { mediaType: __, ...index } = INDEX
  assert.equal(parseManifest(bytes(manifest)).mediaType, OCI_MANIFEST)
  assert.equal(parseManifest(bytes(manifest), DOCKER_MANIFEST).mediaType, DOCKER_MANIFEST)
  assert.equal(parseManifest(bytes(index)).mediaType, OCI_INDEX)
  assert.equal(parseManifest(bytes(index), DOCKER_LIST).mediaType, DOCKER_LIST)
  assert.ok(hasManifests(parseManifest(bytes(index))))
  assert.throws(() => parseImageManifest(bytes(INDEX)), /Cannot read the manifest: it is an index/)
})

test('what is null is not there when a program in Go has written it', () => {
  const config = { ...IMAGE_CONFIG, history: null, config: { Env: null, Cmd: null, Volumes: null, Labels: null } }
  const { history: _, ...expected } = { ...IMAGE_CONFIG, config: {} }
  assert.deepEqual(parseImageConfig(bytes(config)), expected)
  assert.throws(() => parseManifest(bytes({ ...MANIFEST, layers: null })), /layers is missing/)
})

const swap = (text: string, from: string, to: string): string => {
  assert.ok(text.includes(from), from)
  return text.replace(from, to)
}
const manifest = JSON.stringify(MANIFEST)
const index = JSON.stringify(INDEX)

/** Each with what it was said to be. */
const REFUSED: [what: string, document: string | Buffer, error: RegExp, said?: string][] = [
  [
    'has layers and manifests',
    swap(manifest, '"layers"', '"manifests":[],"layers"'),
    /: manifests has no place in what is a manifest/,
  ],
  [
    'is an index with layers',
    swap(index, '"manifests"', '"layers":[],"manifests"'),
    /: layers has no place in what is an index/,
  ],
  ['is an index with a config', swap(index, '"manifests"', '"config":{},"manifests"'), /: config has no place/],
  ['is of schema 1 as well', swap(manifest, '"layers"', '"fsLayers":[],"layers"'), /: fsLayers has no place/],
  ['has a name twice', swap(manifest, '"layers"', '"layers":[],"layers"'), /"layers" is there for the second time/],
  [
    'has a name in two cases',
    swap(manifest, '"layers"', '"Layers":[],"layers"'),
    /: Layers is a name that some read as "layers"/,
  ],
  [
    'has a name in two cases far down',
    swap(manifest, '"digest"', '"Digest":"","digest"'),
    /: config.Digest is a name that some read as/,
  ],
  [
    'is an index with the other kind in capitals',
    swap(index, '"manifests"', '"LAYERS":[],"manifests"'),
    /: LAYERS is a name that some/,
  ],
  ['was said to be an index', manifest, /: mediaType is ".*manifest.*", and it was said to be ".*index/, OCI_INDEX],
  ['was said to be Docker’s', manifest, /and it was said to be/, DOCKER_MANIFEST],
  [
    'says of itself what it is not',
    swap(index, OCI_INDEX, OCI_MANIFEST),
    /: manifests has no place in what is a manifest/,
  ],
  [
    'is of schema 1',
    swap(manifest, OCI_MANIFEST, 'application/vnd.docker.distribution.manifest.v1+json'),
    /mediaType is ".*": none of/,
  ],
  [
    'was said to be text',
    swap(manifest, `"mediaType":"${OCI_MANIFEST}",`, ''),
    /mediaType is "text\/plain": none of/,
    'text/plain',
  ],
  [
    'has schema version 1',
    swap(manifest, '"schemaVersion":2', '"schemaVersion":1'),
    /: schemaVersion is 1: it goes from 2 to 2/,
  ],
  ['has no layers', JSON.stringify({ ...MANIFEST, layers: undefined }), /: layers is missing/],
  [
    'has a layer without a size',
    JSON.stringify({ ...MANIFEST, layers: [{ ...LAYER, size: undefined }] }),
    /: layers\[0\].size is missing/,
  ],
  [
    'has a layer of -1 bytes',
    JSON.stringify({ ...MANIFEST, layers: [{ ...LAYER, size: -1 }] }),
    /: layers\[0\].size is -1: it goes from 0 to/,
  ],
  [
    'has a layer of 2^63 bytes',
    swap(manifest, '"size":5', '"size":9223372036854775808'),
    /size is 9223372036854775808: it goes/,
  ],
  [
    'has a short digest',
    JSON.stringify({ ...MANIFEST, layers: [{ ...LAYER, digest: 'sha256:00' }] }),
    /: layers\[0\].digest is "sha256:00": it is no digest/,
  ],
  [
    'has a digest in capitals',
    JSON.stringify({ ...MANIFEST, config: { ...CONFIG, digest: CONFIG.digest.toUpperCase() } }),
    /config.digest/,
  ],
  [
    'has a digest that is a path',
    JSON.stringify({ ...MANIFEST, config: { ...CONFIG, digest: 'sha256:../../etc/passwd' } }),
    /config.digest/,
  ],
  [
    'has a media type that is none',
    JSON.stringify({ ...MANIFEST, layers: [{ ...LAYER, mediaType: 'x' }] }),
    /layers\[0\].mediaType/,
  ],
  [
    'has data that is something else',
    JSON.stringify({ ...MANIFEST, config: { ...CONFIG, data: 'e30x' } }),
    /: config is .*its data is not what its digest/,
  ],
  [
    'has data that is not base64',
    JSON.stringify({ ...MANIFEST, config: { ...CONFIG, data: '%' } }),
    /config.data is "%": it is not base64/,
  ],
  [
    'has an address that is none',
    JSON.stringify({ ...MANIFEST, layers: [{ ...LAYER, urls: ['here'] }] }),
    /layers\[0\].urls\[0\] is "here": it is no URL/,
  ],
  [
    'has an annotation that is no text',
    JSON.stringify({ ...MANIFEST, annotations: { a: 1 } }),
    /annotations.a is 1, and not text/,
  ],
  ['is a list', '[]', /Cannot read the manifest: it is not an object/],
  ['is null', 'null', /it is not an object/],
  ['is nothing', '', /line 1, column 1: a value belongs here/],
  ['is not UTF-8', Buffer.concat([bytes('{"a":"'), Buffer.from([0xff]), bytes('"}')]), /it is not UTF-8/],
  ['begins with a byte order mark', `\ufeff${manifest}`, /line 1, column 1/],
  ['is nested without end', '{"a":'.repeat(100_000), /more than 200 levels/],
  ['is too large', Buffer.alloc(MOST_BYTES + 1, ' '), /it has 16777217 bytes, and 16777216 are the most/],
]

for (const [what, document, error, said] of REFUSED)
  test(`a manifest is refused when it ${what}`, () => {
    assert.throws(
      () => parseManifest(bytes2(document), said),
      (thrown) => {
        assert.ok(thrown instanceof NotADocument, String(thrown))
        assert.match(thrown.message, error)
        return true
      },
    )
  })

const bytes2 = (document: string | Buffer): Buffer => (typeof document === 'string' ? bytes(document) : document)

test('a configuration is refused with the place of what is wrong', () => {
  const refused = (change: object, error: RegExp): void =>
    assert.throws(() => parseImageConfig(bytes({ ...IMAGE_CONFIG, ...change })), error)
  refused(
    { config: { Env: ['PATH=/', 'x'] } },
    /Cannot read the image configuration: config.Env\[1\] is "x": it is no variable/,
  )
  refused({ rootfs: { type: 'tar', diff_ids: [] } }, /rootfs.type is "tar", and none of layers/)
  refused({ rootfs: { type: 'layers', diff_ids: ['x'] } }, /rootfs.diff_ids\[0\] is "x"/)
  refused({ created: 'yesterday' }, /created is "yesterday": it is no time/)
  refused({ architecture: undefined }, /architecture is missing/)
  refused({ config: { env: [] } }, /config.env is a name that some read as "Env"/)
})

test('a walk through indexes ends when one is inside itself, or they are too deep', () => {
  const one = about(OCI_INDEX, '1')
  assert.throws(() => stepDown([one, about(OCI_INDEX, '2')], one), /is inside itself/)
  let path: Descriptor[] = []
  for (let n = 0; n < DEEPEST_INDEX; n++) path = stepDown(path, about(OCI_INDEX, String(n)))
  assert.throws(() => stepDown(path, about(OCI_INDEX, 'x')), /more than 8 deep/)
})

test('a mistake of ours is not taken for one of the document', () => {
  const mistaken = (): never => {
    throw new RangeError('ours')
  }
  assert.throws(() => readDocument('manifest', bytes({}), mistaken), { name: 'RangeError', message: 'ours' })
})
