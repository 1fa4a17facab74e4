/** Who is shown what: credentials go to the registry that they are for, or to whom it names for tokens, and to nobody else. */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { suite, test, type TestContext } from 'node:test'
import { OCI_MANIFEST } from '../../src/oci/media-types.ts'
import type { Credentials } from '../../src/registry/auth/account.ts'
import { basic } from '../../src/registry/http/proxies.ts'
import { fetchBlob } from '../../src/registry/fetch-blob.ts'
import { getManifest } from '../../src/registry/manifests.ts'
import { answerWith, clientOf, contentOf, describe, fake, repositoryAt } from './registry-ground.ts'

const BYTES = Buffer.from('what only some may have')
const LAYER = describe(BYTES)
const MANIFEST = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: LAYER, layers: [] })
const ALICE: Credentials = { username: 'alice', password: 'a:b' }

const knowing = (credentials: Credentials | undefined) => ({ credentialsOf: () => Promise.resolve(credentials) })

const authorizations = (requests: readonly IncomingMessage[]): (string | undefined)[] =>
  requests.filter(({ url }) => url !== '/v2/').map(({ headers }) => headers.authorization)

function restricted(wanted: string, challenge: string) {
  return ({ headers }: IncomingMessage, response: ServerResponse): void => {
    if (headers.authorization === wanted) answerWith(response, 200, {}, MANIFEST)
    else answerWith(response, 401, { 'www-authenticate': challenge })
  }
}

suite('Basic', () => {
  test('a password is shown when it was asked for, and from then on', async (t) => {
    const { host, requests } = await fake(t, restricted(basic('alice', 'a:b'), 'Basic realm="r"'))
    const { client } = clientOf(t, knowing(ALICE))
    const repository = repositoryAt(client, host)
    await getManifest(repository, 'latest')
    await getManifest(repository, 'latest')
    assert.deepEqual(authorizations(requests), [undefined, basic('alice', 'a:b'), basic('alice', 'a:b')])
  })

  test('a wrong password is shown once when it is refused', async (t) => {
    const { host, requests } = await fake(t, restricted('never', 'Basic realm="r"'))
    const { client } = clientOf(t, knowing(ALICE))
    await assert.rejects(getManifest(repositoryAt(client, host), 'latest'), /says 401\n {2}Log in there/)
    assert.equal(authorizations(requests).length, 2)
  })

  test('nothing is shown when nothing is known', async (t) => {
    const { host, requests } = await fake(t, restricted('never', 'Basic realm="r"'))
    const { client } = clientOf(t, knowing(undefined))
    await assert.rejects(getManifest(repositoryAt(client, host), 'latest'), /says 401/)
    assert.deepEqual(authorizations(requests), [undefined])
  })
})

suite('elsewhere', () => {
  test('credentials stay when a redirect leads to another host, and the blob comes all the same', async (t) => {
    const other = await fake(t, (_request, response) => answerWith(response, 200, {}, BYTES), '127.0.0.2')
    const { host } = await fake(t, ({ headers }, response) =>
      headers.authorization
        ? answerWith(response, 307, { location: `http://${other.host}/blob` })
        : answerWith(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
    )
    const { client } = clientOf(t, knowing(ALICE))
    await fetchBlob(repositoryAt(client, host), LAYER, { content: contentOf(t) })
    assert.deepEqual(authorizations(other.requests), [undefined])
  })

  test('credentials stay when another host asks for them', async (t) => {
    const other = await fake(t, (_request, response) =>
      answerWith(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
    )
    const { host } = await fake(t, (_request, response) =>
      answerWith(response, 307, { location: `http://${other.host}/` }),
    )
    const { client } = clientOf(t, knowing(ALICE))
    await assert.rejects(fetchBlob(repositoryAt(client, host), LAYER, { content: contentOf(t) }), /says 401/)
    assert.deepEqual(authorizations(other.requests), [undefined])
  })

  test('credentials stay gone when the other host sends back', async (t) => {
    const other = await fake(t, (_request, response) => answerWith(response, 307, { location: `http://${host}/back` }))
    const { host, requests } = await fake(t, ({ headers, url }, response) => {
      if (url === '/back') {
        answerWith(response, 200, {}, BYTES)
        return
      }
      if (headers.authorization) {
        answerWith(response, 307, { location: `http://${other.host}/` })
        return
      }
      answerWith(response, 401, { 'www-authenticate': 'Basic realm="r"' })
    })
    const { client } = clientOf(t, knowing(ALICE))
    await fetchBlob(repositoryAt(client, host), LAYER, { content: contentOf(t) })
    assert.equal(requests.find(({ url }) => url === '/back')?.headers.authorization, undefined)
  })

  test('a layer is not fetched by plain HTTP when its descriptor has such a URL', async (t) => {
    const other = await fake(t, (_request, response) => answerWith(response, 200, {}, BYTES))
    const { host } = await fake(t, (_request, response) => answerWith(response, 404))
    const { client } = clientOf(t, knowing(ALICE))
    const layer = { ...LAYER, urls: [`http://${other.host}/layer`] }
    await assert.rejects(fetchBlob(repositoryAt(client, host), layer, { content: contentOf(t) }), /says 404/)
    assert.deepEqual(other.requests, [])
  })
})

interface Tokens {
  host: string
  asked: { method: string | undefined; query: URLSearchParams; authorization: string | undefined }[]
  shown: IncomingMessage[]
}

/** A registry, and beside it who gives out tokens for it: the nth is `token-n`, and good for `seconds`. */
async function withTokens(
  t: TestContext,
  { seconds = 300, answersGet = true, isGood = (_: number): boolean => true } = {},
): Promise<Tokens> {
  const asked: Tokens['asked'] = []
  const tokens = await fake(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const { method, headers, url = '' } = request
      const query =
        method === 'POST'
          ? new URLSearchParams(Buffer.concat(chunks).toString())
          : new URL(url, 'http://x').searchParams
      if (method === 'GET' && !answersGet) {
        answerWith(response, 404)
        return
      }
      asked.push({ method, query, authorization: headers.authorization })
      answerWith(response, 200, {}, JSON.stringify({ access_token: `token-${asked.length}`, expires_in: seconds }))
    })
  })
  const { host, requests } = await fake(t, ({ headers }, response) => {
    const n = headers.authorization?.replace('Bearer token-', '')
    if (n !== undefined && isGood(Number(n))) {
      answerWith(response, 200, {}, MANIFEST)
      return
    }
    const challenge = `Bearer realm="http://${tokens.host}/token?a=1",service="the registry",scope="repository:team/app:pull"`
    answerWith(response, 401, { 'www-authenticate': challenge })
  })
  return { host, asked, shown: requests }
}

suite('tokens', () => {
  test('a token is fetched once when several are asked at once', async (t) => {
    const { host, asked, shown } = await withTokens(t)
    const { client } = clientOf(t, knowing(ALICE))
    const repository = repositoryAt(client, host)
    await getManifest(repository, 'a')
    await Promise.all(['b', 'c', 'd'].map((tag) => getManifest(repository, tag)))
    assert.equal(asked.length, 1)
    const [{ query, authorization } = { query: new URLSearchParams(), authorization: '' }] = asked
    assert.deepEqual(
      ['a', 'service', 'scope', 'account'].map((name) => query.get(name)),
      ['1', 'the registry', 'repository:team/app:pull', 'alice'],
    )
    assert.equal(authorization, basic('alice', 'a:b'))
    assert.ok(
      authorizations(shown)
        .slice(1)
        .every((one) => one === 'Bearer token-1'),
    )
  })

  test('a token of another repository is fetched once, and is for that one alone, when several ask for it at once', async (t) => {
    const { host, asked } = await withTokens(t)
    const { client } = clientOf(t, knowing(ALICE))
    await getManifest(repositoryAt(client, host), 'a')
    const other = repositoryAt(client, host, 'other/app')
    await Promise.all(['b', 'c', 'd'].map((tag) => getManifest(other, tag)))
    assert.deepEqual(
      asked.map(({ query }) => query.getAll('scope')),
      [['repository:team/app:pull'], ['repository:other/app:pull']],
    )
  })

  test('a token is had without credentials when everybody may', async (t) => {
    const { host, asked } = await withTokens(t)
    const { client } = clientOf(t, knowing(undefined))
    await getManifest(repositoryAt(client, host), 'a')
    assert.deepEqual([asked[0]?.authorization, asked[0]?.query.has('account')], [undefined, false])
  })

  test('a token is fetched anew when its time is over', async (t) => {
    const { host, asked } = await withTokens(t, { seconds: 0.000_001 })
    const { client } = clientOf(t, knowing(ALICE))
    const repository = repositoryAt(client, host)
    await getManifest(repository, 'a')
    await getManifest(repository, 'b')
    assert.ok(asked.length >= 2)
  })

  test('a token is fetched anew when the registry has had enough of it', async (t) => {
    let best = 1
    const { host, asked } = await withTokens(t, { isGood: (n) => n >= best })
    const { client } = clientOf(t, knowing(ALICE))
    const repository = repositoryAt(client, host)
    await getManifest(repository, 'a')
    best = 2
    await getManifest(repository, 'b')
    assert.equal(asked.length, 2)
  })

  test('a registry is given up when no token is good enough', async (t) => {
    const { host, asked } = await withTokens(t, { isGood: () => false })
    const { client } = clientOf(t, knowing(ALICE))
    await assert.rejects(getManifest(repositoryAt(client, host), 'a'), /says 401/)
    assert.ok(asked.length <= 2)
  })

  test('a refresh token goes by POST when that is what there is', async (t) => {
    const { host, asked } = await withTokens(t)
    const { client } = clientOf(t, knowing({ identityToken: 'refresh' }))
    await getManifest(repositoryAt(client, host), 'a')
    const [{ method, query } = { method: '', query: new URLSearchParams() }] = asked
    assert.equal(method, 'POST')
    assert.deepEqual(Object.fromEntries(query), {
      grant_type: 'refresh_token',
      refresh_token: 'refresh',
      service: 'the registry',
      client_id: 'boxwright',
      scope: 'repository:team/app:pull',
    })
  })

  test('a password goes by POST when nobody answers a GET', async (t) => {
    const { host, asked } = await withTokens(t, { answersGet: false })
    const { client } = clientOf(t, knowing(ALICE))
    await getManifest(repositoryAt(client, host), 'a')
    assert.deepEqual([asked[0]?.method, asked[0]?.query.get('grant_type')], ['POST', 'password'])
  })

  for (const [name, realm] of [
    ['is no URL', 'token'],
    ['is a file', 'file:///etc/passwd'],
  ])
    test(`nobody is asked for a token when the realm ${name ?? ''}`, async (t) => {
      const { host } = await fake(t, restricted('never', `Bearer realm="${realm ?? ''}"`))
      const { client } = clientOf(t, knowing(ALICE))
      await assert.rejects(getManifest(repositoryAt(client, host), 'a'), /and that is no URL/)
    })

  for (const body of ['{}', '{"token": 1}', '{"token": "a\\r\\nb"}', 'x'])
    test(`there is no token when the answer is ${body}`, async (t) => {
      const tokens = await fake(t, (_request, response) => answerWith(response, 200, {}, body))
      const { host } = await fake(t, restricted('never', `Bearer realm="http://${tokens.host}/"`))
      const { client } = clientOf(t, knowing(ALICE))
      await assert.rejects(getManifest(repositoryAt(client, host), 'a'), /there is none in its answer|it is no JSON/)
    })
})
