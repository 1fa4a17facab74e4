/** Registries that misbehave with what is read whole, manifests and lists, and with the places that they send to: a clear error, and an end. */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { suite, test } from 'node:test'
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { digestOf, type Digest } from '../../src/oci/digest.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { RegistryError } from '../../src/registry/http/error.ts'
import { getManifest } from '../../src/registry/manifests.ts'
import { pull } from '../../src/registry/pull.ts'
import { pushBlob } from '../../src/registry/push-blob.ts'
import { listTags } from '../../src/registry/tags.ts'
import { answerWith, clientOf, contentOf, describe, fake, LINUX, put, repositoryAt } from './registry-ground.ts'

const BYTES = Buffer.alloc(300_000, 'What a layer has in it. ')
const LAYER = describe(BYTES)

const MANIFEST = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: LAYER, layers: [] })

const MANIFESTS: Record<string, { body: Buffer | string; headers?: Record<string, string>; error: RegExp }> = {
  'is of a hundred megabytes': { body: Buffer.alloc(100 * 2 ** 20, ' '), error: /it has more than 16777216 bytes/ },
  'is another than its header says': {
    body: MANIFEST,
    headers: { 'content-type': OCI_INDEX },
    error: /it was said to be "application\/vnd.oci.image.index/,
  },
  'has another digest than its header says': {
    body: MANIFEST,
    headers: { 'docker-content-digest': digestOf('x') },
    error: /of the manifest sha256:.* it has sent sha256:/,
  },
  'is of an unknown kind': {
    body: JSON.stringify({ schemaVersion: 2, mediaType: 'application/x.unknown+json', layers: [] }),
    headers: { 'content-type': 'application/x.unknown+json' },
    error: /none of application/,
  },
  'is both manifest and index': {
    body: JSON.stringify({ ...(JSON.parse(MANIFEST) as object), manifests: [] }),
    headers: { 'content-type': OCI_MANIFEST },
    error: /has no place/,
  },
  'is garbage': { body: 'garbage', headers: { 'content-type': OCI_MANIFEST }, error: /Cannot read the manifest/ },
  'is a page of HTML': {
    body: '<html>Please log in</html>',
    headers: { 'content-type': 'text/html' },
    error: /Cannot read the manifest/,
  },
  'is empty': { body: '', headers: { 'content-type': OCI_MANIFEST }, error: /Cannot read the manifest/ },
}

suite('a manifest', () => {
  for (const [name, { body, headers = {}, error }] of Object.entries(MANIFESTS))
    test(`is refused when it ${name}`, async (t) => {
      const { host } = await fake(t, (_request, response) => answerWith(response, 200, headers, body))
      const { client } = clientOf(t)
      const content = contentOf(t)
      await assert.rejects(pull(repositoryAt(client, host), 'latest', { platform: LINUX, content }), error)
      assert.deepEqual([...content.walk()], [])
    })

  test('is refused when it is endless', async (t) => {
    const { host } = await fake(t, (_request, response) => {
      const more = (): boolean => response.destroyed || response.write(BYTES, () => setImmediate(more))
      more()
    })
    const { client } = clientOf(t)
    await assert.rejects(getManifest(repositoryAt(client, host), 'latest'), /more than 16777216 bytes/)
  })

  /** A digest cannot be known before what it is of; so a cycle takes a lie, and what is not one is only deep. */
  test('is refused when an index is in an index, and so on', async (t) => {
    const documents = new Map<string, string>()
    let child: Descriptor = describe(MANIFEST, OCI_MANIFEST)
    documents.set(child.digest, MANIFEST)
    for (let depth = 0; depth < 40; depth += 1) {
      const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] })
      child = describe(text, OCI_INDEX)
      documents.set(child.digest, text)
    }
    const { host, requests } = await fake(t, ({ url = '' }, response) => {
      const body = documents.get(url.slice(url.lastIndexOf('/') + 1))
      answerWith(response, body ? 200 : 404, {}, body)
    })
    const { client } = clientOf(t)
    const pulled = pull(repositoryAt(client, host), child.digest, { platform: LINUX, content: contentOf(t) })
    await assert.rejects(pulled, /more than 8 deep/)
    assert.ok(requests.length < 15)
  })

  test('is refused when an index says that it is inside itself', async (t) => {
    const child = { mediaType: OCI_INDEX, digest: digestOf('me'), size: 1000 }
    const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] })
    const { host } = await fake(t, (_request, response) => answerWith(response, 200, {}, text))
    const { client } = clientOf(t)
    const pulled = pull(repositoryAt(client, host), 'latest', { platform: LINUX, content: contentOf(t) })
    await assert.rejects(pulled, /of the manifest sha256:.* it has sent sha256:/)
  })

  test('is refused when an index says that it is inside one that is inside it', async (t) => {
    const index = (digest: Digest): string =>
      JSON.stringify({
        schemaVersion: 2,
        mediaType: OCI_INDEX,
        manifests: [{ mediaType: OCI_INDEX, digest, size: 1000 }],
      })
    const outer = index(digestOf('what nobody can know before'))
    const inner = index(digestOf(outer))
    const lies = new Map([
      [digestOf('what nobody can know before'), inner],
      [digestOf(outer), outer],
    ])
    const { host, requests } = await fake(t, ({ url = '' }, response) =>
      answerWith(response, 200, {}, lies.get(url.slice(url.lastIndexOf('/') + 1) as Digest) ?? outer),
    )
    const { client } = clientOf(t)
    const content = contentOf(t)
    const pulled = pull(repositoryAt(client, host), 'latest', { platform: 'all', content })
    await assert.rejects(pulled, /of the manifest sha256:.* it has sent sha256:/)
    assert.ok(requests.length < 5)
    assert.deepEqual([...content.walk()], [])
  })

  for (const type of ['text/plain', 'application/json', undefined])
    test(`is read when its header says ${type ?? 'nothing'}, since it says itself what it is`, async (t) => {
      const config = { ...describe('{}', OCI_CONFIG), data: Buffer.from('{}').toString('base64') }
      const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [] })
      const { host } = await fake(t, (_request, response) =>
        answerWith(response, 200, type === undefined ? {} : { 'content-type': type }, text),
      )
      const { client } = clientOf(t)
      const { digest } = await pull(repositoryAt(client, host), 'latest', { platform: LINUX, content: contentOf(t) })
      assert.equal(digest, digestOf(text))
    })

  test('is refused when it is larger than its index says', async (t) => {
    const child = { ...describe(MANIFEST, OCI_MANIFEST), size: 10 }
    const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] })
    const { host } = await fake(t, ({ url }, response) =>
      answerWith(response, 200, {}, url?.endsWith('latest') ? text : MANIFEST),
    )
    const { client } = clientOf(t)
    const pulled = pull(repositoryAt(client, host), 'latest', { platform: LINUX, content: contentOf(t) })
    await assert.rejects(pulled, /it has more than 10 bytes/)
  })

  test('is told by what there is when nothing in an index is for this machine', async (t) => {
    const child = { ...describe(MANIFEST, OCI_MANIFEST), platform: { os: 'plan9', architecture: 'mips' } }
    const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [child] })
    const { host } = await fake(t, (_request, response) => answerWith(response, 200, {}, text))
    const { client } = clientOf(t)
    const pulled = pull(repositoryAt(client, host), 'latest', { platform: LINUX, content: contentOf(t) })
    await assert.rejects(pulled, /for linux\/amd64: there is plan9\/mips/)
  })
})

suite('a list of tags', () => {
  test('is refused when it comes back to where it has been', async (t) => {
    const { host, requests } = await fake(t, (_request, response) =>
      answerWith(response, 200, { link: '</v2/team/app/tags/list?last=a>; rel="next"' }, '{"tags":["a"]}'),
    )
    const { client } = clientOf(t)
    await assert.rejects(listTags(repositoryAt(client, host)), /it goes on at .*last=a, and never ends/)
    assert.ok(requests.length < 5)
  })

  test('is put together when it comes in pages, and empty when it is null', async (t) => {
    const { host } = await fake(t, ({ url = '' }, response) => {
      if (url.includes('last=b')) {
        answerWith(response, 200, {}, '{"tags":null}')
        return
      }
      const last = url.includes('last=a') ? 'b' : 'a'
      answerWith(response, 200, { link: `<?last=${last}>; rel="next"` }, JSON.stringify({ tags: [last] }))
    })
    const { client } = clientOf(t)
    assert.deepEqual(await listTags(repositoryAt(client, host)), ['a', 'b'])
  })

  for (const body of ['[]', '{"tags":"a"}', '{"tags":[1]}', 'x', ''])
    test(`is refused when it is ${body || 'nothing'}`, async (t) => {
      const { host } = await fake(t, (_request, response) => answerWith(response, 200, {}, body))
      const { client } = clientOf(t)
      await assert.rejects(listTags(repositoryAt(client, host)), RegistryError)
    })
})

suite('a place to push to', () => {
  for (const [name, location, error] of [
    ['is missing', undefined, /does not say where to \(no Location\)/],
    ['is no URL', 'http://[', /does not say where to/],
  ] as const)
    test(`is refused when it ${name}`, async (t) => {
      const { host } = await fake(t, ({ method }, response) => {
        if (method === 'HEAD') answerWith(response, 404)
        else answerWith(response, 202, location === undefined ? {} : { location })
      })
      const { client } = clientOf(t)
      const content = contentOf(t)
      const descriptor = await put(content, BYTES, OCI_LAYER)
      await assert.rejects(pushBlob({ repository: repositoryAt(client, host), content, descriptor }), error)
    })

  for (const name of ['relative', 'absolute', 'of another host'])
    test(`is where the bytes go when it is ${name}, with all of its query`, async (t) => {
      const got: Buffer[] = []
      const receive = (request: IncomingMessage, response: ServerResponse): void => {
        request.on('data', (chunk: Buffer) => void got.push(chunk))
        request.on('end', () => answerWith(response, 201, { location: '/v2/x' }))
      }
      const other = await fake(t, receive, '127.0.0.2')
      const { host, requests } = await fake(t, (request, response) => {
        if (request.method === 'HEAD') {
          answerWith(response, 404)
          return
        }
        if (request.method === 'PUT') {
          receive(request, response)
          return
        }
        const at = { relative: '', absolute: `http://${host}`, 'of another host': `http://${other.host}` }[name] ?? ''
        answerWith(response, 202, { location: `${at}/up/here?_state=a%2Bb%3D%3D&x` })
      })
      const { client } = clientOf(t)
      const content = contentOf(t)
      const descriptor = await put(content, BYTES, OCI_LAYER)
      assert.equal(await pushBlob({ repository: repositoryAt(client, host), content, descriptor }), 'transferred')
      const sent = (name === 'of another host' ? other : { requests }).requests.at(-1)
      assert.equal(sent?.url, `/up/here?_state=a%2Bb%3D%3D&x&digest=${encodeURIComponent(descriptor.digest)}`)
      assert.deepEqual(Buffer.concat(got), BYTES)
    })
})
