/** Our client and our registry: images go there and come back, over connections that break, and no byte more often than it has to. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { suite, test } from 'node:test'
import type { Content } from '../../src/content/content.ts'
import { openStore } from '../../src/content/store.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { deleteManifest } from '../../src/registry/delete.ts'
import type { TransferEvent } from '../../src/registry/events.ts'
import { fetchBlob } from '../../src/registry/fetch-blob.ts'
import { pull } from '../../src/registry/pull.ts'
import { push } from '../../src/registry/push.ts'
import { listReferrers } from '../../src/registry/referrers.ts'
import { listTags } from '../../src/registry/tags.ts'
import {
  answerWith,
  brittle,
  clientOf,
  contentOf,
  directory,
  fake,
  image,
  LINUX,
  put,
  registry,
  repositoryAt,
} from './registry-ground.ts'

const LARGE = randomBytes(3_000_000)

/** Whichever of these connections it takes, LARGE does not come through. */
const HALF = [{ there: 1_000_000 }, { there: 1_000_000 }]

const ends = (events: readonly TransferEvent[]): string[] =>
  events.flatMap((event) => (event.kind === 'done' ? [event.how] : []))

const digestsIn = (content: Content): string[] => [...content.walk()].map(({ digest }) => digest).sort()

suite('an image', () => {
  test('is the same when it has gone to a registry and come back', async (t) => {
    const host = await registry(t)
    const [here, there] = [contentOf(t), contentOf(t)]
    const target = await image(here, [LARGE, 'small', ''])
    const { client, events } = clientOf(t)
    const repository = repositoryAt(client, host)
    await push(repository, target, here, { tag: '1' })
    assert.deepEqual(await pull(repository, '1', { platform: LINUX, content: there }), target)
    assert.deepEqual(digestsIn(there), digestsIn(here))
    for (const { digest } of here.walk()) assert.deepEqual(there.bytes(digest, 2 ** 24), here.bytes(digest, 2 ** 24))
    const last = events.findLast((event) => event.kind === 'progress' && event.size === LARGE.length)
    assert.equal(last?.kind === 'progress' && last.offset, LARGE.length)
  })

  test('transfers nothing when it is there already', async (t) => {
    const host = await registry(t)
    const [here, there] = [contentOf(t), contentOf(t)]
    const target = await image(here, [LARGE])
    const { client, events } = clientOf(t)
    const repository = repositoryAt(client, host)
    for (let n = 0; n < 2; n += 1) {
      await push(repository, target, here, { tag: '1' })
      await pull(repository, '1', { platform: LINUX, content: there })
    }
    assert.deepEqual(ends(events).slice(4), ['present', 'present', 'present', 'present'])
  })

  test('is mounted when another repository has its blobs', async (t) => {
    const host = await registry(t)
    const content = contentOf(t)
    const target = await image(content, [LARGE])
    const { client, events } = clientOf(t)
    await push(repositoryAt(client, host, 'first'), target, content, { tag: '1' })
    await push(repositoryAt(client, host, 'second'), target, content, { tag: '1', mountFrom: () => 'first' })
    assert.deepEqual(ends(events).slice(2), ['mounted', 'mounted'])
  })

  test('transfers each blob once when two pull it at the same time', async (t) => {
    const host = await registry(t)
    const here = contentOf(t)
    const target = await image(here, [LARGE, 'a', 'b'])
    const { client } = clientOf(t)
    await push(repositoryAt(client, host), target, here, { tag: '1' })
    const path = directory(t)
    const pulled = await Promise.all(
      [1, 2].map(async () => {
        const one = clientOf(t)
        await pull(repositoryAt(one.client, host), '1', { platform: LINUX, content: contentOf(t, path) })
        return one.events.filter(({ kind }) => kind === 'progress')
      }),
    )
    const bytes = pulled.flat().map((event) => (event.kind === 'progress' ? `${event.digest} ${event.offset}` : ''))
    assert.equal(new Set(bytes).size, bytes.length)
  })

  test('is what a platform wants when there is an index, in an index', async (t) => {
    const host = await registry(t)
    const [here, there] = [contentOf(t), contentOf(t)]
    const platforms = [{ os: 'linux', architecture: 'arm64' }, LINUX]
    const manifests: Descriptor[] = []
    for (const platform of platforms) manifests.push({ ...(await image(here, [platform.architecture])), platform })
    const indexOf = async (below: Descriptor[]): Promise<Descriptor> =>
      put(here, JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: below }), OCI_INDEX)
    const target = await indexOf([await indexOf(manifests)])
    const { client } = clientOf(t)
    const repository = repositoryAt(client, host)
    await push(repository, target, here, { tag: '1' })
    await pull(repository, '1', { platform: LINUX, content: there })
    assert.ok(there.info(manifests[1]?.digest ?? target.digest))
    assert.equal(there.info(manifests[0]?.digest ?? target.digest), undefined)
    await pull(repository, '1', { platform: 'all', content: there })
    assert.deepEqual(digestsIn(there), digestsIn(here))
  })

  test('has no half when it names what is not there', async (t) => {
    const host = await registry(t)
    const here = contentOf(t)
    const missing = await put(contentOf(t), 'elsewhere', OCI_MANIFEST)
    const document = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [missing] })
    const { client } = clientOf(t)
    const pushed = push(repositoryAt(client, host), await put(here, document, OCI_INDEX), here, { tag: '1' })
    await assert.rejects(pushed, /its index has sha256:.*, which is neither here nor there/)
    await assert.rejects(listTags(repositoryAt(client, host)), /says 404, NAME_UNKNOWN/)
  })

  test('goes without the layers that its registry need not have', async (t) => {
    const host = await registry(t)
    const here = contentOf(t)
    const foreign = {
      ...(await put(contentOf(t), 'not ours to give', OCI_LAYER)),
      urls: ['https://layers.example/1'],
    }
    const layer = { ...foreign, mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar' }
    const target = await image(here, [], { layers: [layer] })
    const { client, events } = clientOf(t)
    await push(repositoryAt(client, host), target, here, { tag: '1' })
    assert.deepEqual(ends(events).sort(), ['foreign', 'transferred'])
  })

  test('is found with what refers to it, until that is deleted', async (t) => {
    const host = await registry(t)
    const here = contentOf(t)
    const subject = await image(here, ['a'])
    const about = { subject, artifactType: 'application/x.signature', annotations: { by: 'alice' } }
    const signature = await image(here, [], about)
    const { client } = clientOf(t)
    const repository = repositoryAt(client, host)
    await push(repository, signature, here)
    await push(repository, subject, here, { tag: '1' })
    const { artifactType, annotations } = about
    assert.deepEqual(await listReferrers(repository, subject.digest), [{ ...signature, artifactType, annotations }])
    assert.deepEqual(await listReferrers(repository, subject.digest, 'application/x.other'), [])
    await deleteManifest(repository, signature.digest)
    assert.deepEqual(await listReferrers(repository, subject.digest), [])
    assert.deepEqual(await listTags(repository), ['1'])
  })
})

suite('a connection that breaks', () => {
  test('costs what had not arrived when a blob is pulled', async (t) => {
    const host = await registry(t)
    const [here, there] = [contentOf(t), contentOf(t)]
    const target = await image(here, [LARGE])
    const { client, events } = clientOf(t)
    await push(repositoryAt(client, host), target, here, { tag: '1' })
    const way = await brittle(t, host, [{ back: 1_000_000 }, { back: 800_000 }, { back: 1_500_000 }])
    await pull(repositoryAt(client, way), '1', { platform: LINUX, content: there })
    assert.deepEqual(digestsIn(there), digestsIn(here))
    assert.ok(events.some(({ kind }) => kind === 'again'))
  })

  test('is asked how far we are when a blob is pushed in pieces', async (t) => {
    const host = await registry(t)
    const content = contentOf(t)
    const target = await image(content, [LARGE])
    const way = await brittle(t, host, [{}, ...HALF, ...HALF])
    const { client, events } = clientOf(t, { parallel: 1, patience: { attempts: 6, first: 1, most: 20 } })
    await push(repositoryAt(client, way), target, content, { tag: '1', piece: 200_000 })
    assert.ok(events.some(({ kind }) => kind === 'again'))
    await pull(repositoryAt(client, host), '1', { platform: LINUX, content: contentOf(t) })
  })

  test('begins again when a blob is pushed in one piece', async (t) => {
    const host = await registry(t)
    const content = contentOf(t)
    const target = await image(content, [LARGE])
    const way = await brittle(t, host, [{}, ...HALF])
    const { client, events } = clientOf(t, { parallel: 1, patience: { attempts: 6, first: 1, most: 20 } })
    await push(repositoryAt(client, way), target, content, { tag: '1' })
    assert.ok(events.some(({ kind }) => kind === 'again'))
    await pull(repositoryAt(client, host), '1', { platform: LINUX, content: contentOf(t) })
  })

  test('leaves what another store goes on from', async (t) => {
    const host = await registry(t)
    const here = contentOf(t)
    const target = await image(here, [LARGE])
    const path = directory(t)
    const options = { patience: { attempts: 1, first: 1, most: 1 }, parallel: 1 }
    await push(repositoryAt(clientOf(t).client, host), target, here, { tag: '1' })
    const way = await brittle(t, host, [{}, { back: 2_000_000 }])
    const first = openStore(path)
    const failed = pull(repositoryAt(clientOf(t, options).client, way), '1', {
      platform: LINUX,
      content: first.content,
    })
    await assert.rejects(failed, /the connection was broken off/)
    first[Symbol.dispose]()
    const { client, events } = clientOf(t, options)
    await pull(repositoryAt(client, host), '1', { platform: LINUX, content: contentOf(t, path) })
    const begun = events.find((event) => event.kind === 'begun' && event.size === LARGE.length)
    assert.ok(begun?.kind === 'begun' && begun.offset > 1_000_000, JSON.stringify(begun))
  })

  test('is no fault of the bytes that come next when what was left is wrong', async (t) => {
    const host = await registry(t)
    const [here, there] = [contentOf(t), contentOf(t)]
    const blob = await put(here, LARGE, OCI_LAYER)
    const { client } = clientOf(t)
    const repository = repositoryAt(client, host)
    await push(repository, await image(here, [LARGE]), here)
    const writer = await there.write(`pull-${blob.digest}`, blob)
    await writer.write(randomBytes(1000))
    await writer.close()
    await fetchBlob(repository, blob, { content: there })
    assert.deepEqual(there.bytes(blob.digest, LARGE.length), LARGE)
  })

  test('is the end when we have had enough', async (t) => {
    const stop = new AbortController()
    const { host } = await fake(t, (_request, response) => {
      response.writeHead(200, { 'content-length': LARGE.length }).write(LARGE.subarray(0, 100_000))
      setImmediate(() => stop.abort())
    })
    const content = contentOf(t)
    const blob = await put(contentOf(t), LARGE, OCI_LAYER)
    const { client } = clientOf(t, { signal: stop.signal })
    await assert.rejects(fetchBlob(repositoryAt(client, host), blob, { content }), { name: 'AbortError' })
    assert.deepEqual(digestsIn(content), [])
  })
})

suite('a mirror', () => {
  const withMirror = (host: string, mirror: string) => ({ search: [], registries: { [host]: { mirrors: [mirror] } } })

  test('is asked instead when it has the image', async (t) => {
    const mirror = await registry(t)
    const { host, requests } = await fake(t, (_request, response) => answerWith(response, 500))
    const here = contentOf(t)
    await push(repositoryAt(clientOf(t).client, mirror), await image(here, ['a']), here, { tag: '1' })
    const { client } = clientOf(t, { settings: withMirror(host, mirror) })
    await pull(repositoryAt(client, host), '1', { platform: LINUX, content: contentOf(t) })
    assert.deepEqual(requests, [])
  })

  test('is left out when it has not, and is told of', async (t) => {
    const host = await registry(t)
    const mirror = await fake(t, (_request, response) => answerWith(response, 404))
    const here = contentOf(t)
    await push(repositoryAt(clientOf(t).client, host), await image(here, ['a']), here, { tag: '1' })
    const { client, events } = clientOf(t, { settings: withMirror(host, mirror.host) })
    await pull(repositoryAt(client, host), '1', { platform: LINUX, content: contentOf(t) })
    assert.ok(events.some((event) => event.kind === 'mirror' && event.host === mirror.host && /404/.test(event.why)))
  })
})

suite('a sha512', () => {
  test('is a digest like another when a blob and a manifest have it', async (t) => {
    const host = await registry(t)
    const [here, there] = [contentOf(t), contentOf(t)]
    const layer = await put(here, LARGE, OCI_LAYER, 'sha512')
    const sha256 = await image(here, [], { layers: [layer] })
    const target = await put(here, here.bytes(sha256.digest, 2 ** 20), OCI_MANIFEST, 'sha512')
    const { client } = clientOf(t)
    const repository = repositoryAt(client, host)
    await push(repository, target, here, { piece: 1_000_000 })
    assert.deepEqual(await pull(repository, target.digest, { platform: LINUX, content: there }), target)
    assert.ok(there.info(layer.digest))
  })
})
