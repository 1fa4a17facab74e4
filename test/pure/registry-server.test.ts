/** Our registry, asked as no client of ours would: what it keeps to itself, what it gives up, and in which words. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { connect } from 'node:net'
import { basename, join } from 'node:path'
import { suite, test } from 'node:test'
import { OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { basic } from '../../src/registry/http/proxies.ts'
import { pushBlob } from '../../src/registry/push-blob.ts'
import { readAccounts } from '../../src/registry/server/accounts.ts'
import { isBcryptOf } from '../../src/registry/server/bcrypt.ts'
import { until } from '../kernel/until.ts'
import { ask, begin, codeIn, filesIn, upload, type Said } from './registry-asked.ts'
import { clientOf, contentOf, describe, directory, put, registry, repositoryAt } from './registry-ground.ts'

suite('a blob', () => {
  test('is not there when only some of it has come', async (t) => {
    const host = await registry(t)
    const { digest } = describe('ab')
    const location = await begin(host)
    const first = await ask(host, 'PATCH', location, { headers: { 'content-range': '0-0' }, body: 'a' })
    assert.deepEqual([first.status, first.headers['range']], [202, '0-0'])
    assert.equal((await ask(host, 'HEAD', `/v2/team/app/blobs/${digest}`)).status, 404)
    const done = await ask(host, 'PUT', `${location}?digest=${digest}`, { body: 'b' })
    assert.deepEqual([done.status, done.headers['location']], [201, `/v2/team/app/blobs/${digest}`])
    assert.equal((await ask(host, 'GET', `/v2/team/app/blobs/${digest}`)).text, 'ab')
  })

  test('is in no repository but where it was pushed', async (t) => {
    const host = await registry(t)
    await upload(host, 'secret', 'mine')
    const said = await ask(host, 'GET', `/v2/yours/blobs/${describe('secret').digest}`)
    assert.deepEqual([said.status, codeIn(said)], [404, 'BLOB_UNKNOWN'])
  })

  test('is kept once, and goes with the last repository that has it', async (t) => {
    const place = directory(t)
    const host = await registry(t, { directory: place })
    const { digest } = describe('shared')
    const blobs = join(place, 'content/blobs')
    for (const name of ['one', 'two']) await upload(host, 'shared', name)
    assert.equal(filesIn(blobs).length, 1)
    await ask(host, 'DELETE', `/v2/one/blobs/${digest}`)
    assert.equal((await ask(host, 'GET', `/v2/two/blobs/${digest}`)).text, 'shared')
    await ask(host, 'DELETE', `/v2/two/blobs/${digest}`)
    assert.deepEqual(filesIn(blobs), [])
  })

  test('is whole when several bring it at once', async (t) => {
    const host = await registry(t)
    const content = contentOf(t)
    const descriptor = await put(content, randomBytes(3_000_000), OCI_LAYER)
    await Promise.all(
      Array.from({ length: 6 }, (_, n) => {
        const repository = repositoryAt(clientOf(t).client, host, n % 2 ? 'odd' : 'even')
        return pushBlob({ repository, content, descriptor, piece: n < 3 ? 500_000 : 2 ** 30 })
      }),
    )
    for (const name of ['odd', 'even']) {
      const { headers } = await ask(host, 'HEAD', `/v2/${name}/blobs/${descriptor.digest}`)
      assert.equal(headers['content-length'], '3000000')
    }
  })

  test('is refused, and leaves nothing, when it is another than its digest says', async (t) => {
    const place = directory(t)
    const host = await registry(t, { directory: place })
    const { digest } = describe('this')
    const said = await ask(host, 'POST', `/v2/team/app/blobs/uploads/?digest=${digest}`, { body: 'that' })
    assert.deepEqual([said.status, codeIn(said)], [400, 'DIGEST_INVALID'])
    assert.equal((await ask(host, 'GET', `/v2/team/app/blobs/${digest}`)).status, 404)
    assert.deepEqual(filesIn(join(place, 'content')), [])
  })
})

suite('an upload', () => {
  test('says which byte is next when another one comes', async (t) => {
    const host = await registry(t)
    const location = await begin(host)
    await ask(host, 'PATCH', location, { body: '0123456789' })
    const said = await ask(host, 'PATCH', location, { headers: { 'content-range': '5-9' }, body: '56789' })
    assert.deepEqual([said.status, said.headers['range'], codeIn(said)], [416, '0-9', 'BLOB_UPLOAD_INVALID'])
    const status = await ask(host, 'GET', location)
    assert.deepEqual([status.status, status.headers['range'], status.headers['location']], [204, '0-9', location])
  })

  test('is refused when its piece is not as long as it says', async (t) => {
    const host = await registry(t)
    const headers = { 'content-range': '0-9' }
    const said = await ask(host, 'PATCH', await begin(host), { headers, body: '012' })
    assert.deepEqual([said.status, codeIn(said)], [400, 'SIZE_INVALID'])
  })

  test('is forgotten when it is cancelled', async (t) => {
    const place = directory(t)
    const host = await registry(t, { directory: place })
    const location = await begin(host)
    await ask(host, 'PATCH', location, { body: 'abc' })
    assert.equal((await ask(host, 'DELETE', location)).status, 204)
    const said = await ask(host, 'GET', location)
    assert.deepEqual([said.status, codeIn(said)], [404, 'BLOB_UPLOAD_UNKNOWN'])
    assert.deepEqual(filesIn(join(place, 'content')), [])
  })

  test('is forgotten when it is cancelled while a piece of it comes in, whose sender is told', async (t) => {
    const place = directory(t)
    const host = await registry(t, { directory: place })
    const location = await begin(host)
    const socket = connect(Number(host.split(':')[1]), '127.0.0.1').setEncoding('utf8')
    t.after(() => socket.destroy())
    socket.write(`PATCH ${location} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 12\r\n\r\n0123456789`)
    await until('ten bytes', async () => (await ask(host, 'GET', location)).headers['range'] === '0-9')
    assert.equal((await ask(host, 'DELETE', location)).status, 204)
    socket.write('ab')
    assert.match((await socket.toArray()).join(''), /^HTTP\/1.1 404 [^]*BLOB_UPLOAD_UNKNOWN[^]*cancelled meanwhile/)
    assert.deepEqual(filesIn(join(place, 'content')), [])
  })

  test('is forgotten when nobody has come back to it for an hour', async (t) => {
    const place = directory(t)
    const host = await registry(t, { directory: place })
    const [left, fresh] = [await begin(host), await begin(host)]
    await ask(host, 'PATCH', left, { body: 'abc' })
    const before = Date.now() / 1000 - 3601
    fs.utimesSync(join(place, 'uploads', basename(left)), before, before)
    await begin(host)
    assert.equal((await ask(host, 'GET', left)).status, 404)
    assert.equal((await ask(host, 'GET', fresh)).status, 204)
    assert.equal(filesIn(join(place, 'content/ingest')).length, 2)
  })

  test('is of one repository', async (t) => {
    const host = await registry(t)
    const location = (await begin(host)).replace('team/app', 'other')
    assert.equal((await ask(host, 'PATCH', location, { body: 'abc' })).status, 404)
  })

  test('goes on from where it was when whoever sends is gone in the middle', async (t) => {
    const host = await registry(t)
    const location = await begin(host)
    const socket = connect(Number(host.split(':')[1]), '127.0.0.1')
    socket.write(`PATCH ${location} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n0123456789`)
    await until('ten bytes', async () => (await ask(host, 'GET', location)).headers['range'] === '0-9')
    socket.destroy()
    const { digest } = describe('0123456789ab')
    const path = `${location}?digest=${digest}`
    await until(
      'the end',
      async () => (await ask(host, 'PUT', path, { body: 'ab', headers: { 'content-range': '10-11' } })).status === 201,
    )
  })
})

suite('a manifest', () => {
  const BAD: [name: string, body: string, type: string, status: number, code: string][] = [
    ['no JSON', 'x', OCI_MANIFEST, 400, 'MANIFEST_INVALID'],
    [
      'of another kind than its header says',
      '{"schemaVersion":2,"manifests":[]}',
      OCI_MANIFEST,
      400,
      'MANIFEST_INVALID',
    ],
    ['both kinds at once', '{"schemaVersion":2,"manifests":[],"layers":[]}', OCI_INDEX, 400, 'MANIFEST_INVALID'],
    ['of an unknown kind', '{"schemaVersion":2}', 'text/html', 400, 'MANIFEST_INVALID'],
    ['too large', ' '.repeat(64 * 2 ** 20), OCI_MANIFEST, 413, 'MANIFEST_INVALID'],
    [
      'of blobs that are not there',
      JSON.stringify({ schemaVersion: 2, config: describe('x'), layers: [] }),
      OCI_MANIFEST,
      404,
      'MANIFEST_BLOB_UNKNOWN',
    ],
  ]
  for (const [name, body, type, status, code] of BAD)
    test(`is refused when it is ${name}`, async (t) => {
      const host = await registry(t)
      const said = await ask(host, 'PUT', '/v2/team/app/manifests/1', { body, headers: { 'content-type': type } })
      assert.deepEqual([said.status, codeIn(said)], [status, code])
      assert.equal((await ask(host, 'GET', '/v2/team/app/manifests/1')).status, 404)
    })
})

test('whoever is refused is told why when they are still sending', async (t) => {
  const host = await registry(t, { admits: (authorization) => authorization === 'me' })
  const body = Buffer.alloc(64 * 2 ** 20)
  const said = await ask(host, 'PUT', '/v2/team/app/manifests/1', { body })
  assert.deepEqual([said.status, codeIn(said)], [401, 'UNAUTHORIZED'])
  const digest = await ask(host, 'POST', '/v2/a/blobs/uploads/?digest=x', { body, headers: { authorization: 'me' } })
  assert.deepEqual([digest.status, codeIn(digest)], [400, 'DIGEST_INVALID'])
})

test('paths that are none are refused when they would lead elsewhere', async (t) => {
  const host = await registry(t)
  for (const [path, status] of [
    ['/v2/../../etc/passwd/manifests/1', 404],
    ['/v2/..%2f..%2fetc/manifests/1', 400],
    ['/v2/a/manifests/..%2f..%2f..%2fx', 404],
    ['/v2/a/manifests/.hidden', 400],
    ['/v2/_tags/manifests/1', 400],
    ['/v2/a/_tags/manifests/1', 400],
    ['/v2/A/tags/list', 400],
    [`/v2/a/manifests/${'t'.repeat(129)}`, 400],
    ['/v2/a/blobs/sha256:../../x', 400],
    ['/v2/a/blobs/sha256:0', 400],
    ['/v2/%ff/tags/list', 400],
    ['/', 404],
  ] as const)
    assert.equal((await ask(host, 'GET', path)).status, status, path)
  assert.equal((await ask(host, 'PATCH', '/v2/a/tags/list')).status, 405)
})

suite('accounts', () => {
  /** Of crypt(3), as libxcrypt has it. */
  const HASHES: [password: string, hash: string][] = [
    ['secret', '$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a'],
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ]
  for (const [password, hash] of HASHES)
    test(`${JSON.stringify(password)} is the password when the hash is ${hash}`, () => {
      assert.ok(isBcryptOf(password, hash))
      assert.ok(!isBcryptOf(`${password}x`, hash))
    })

  test('nobody comes in when there are accounts, but those who have one', async (t) => {
    const file = join(directory(t), 'htpasswd')
    fs.writeFileSync(file, `# class of 2026\n\nalice:${HASHES[0]?.[1] ?? ''}\n`)
    const host = await registry(t, { admits: readAccounts(file) })
    const asked = (authorization: string): Promise<Said> => ask(host, 'GET', '/v2/', { headers: { authorization } })
    const refused = await asked('')
    assert.deepEqual([refused.status, codeIn(refused)], [401, 'UNAUTHORIZED'])
    assert.match(String(refused.headers['www-authenticate']), /^Basic realm="boxwright"/)
    for (const wrong of [basic('alice', 'wrong'), basic('bob', 'secret'), basic('', ''), 'Bearer x', 'Basic !'])
      assert.equal((await asked(wrong)).status, 401, wrong)
    assert.equal((await asked(basic('alice', 'secret'))).status, 200)
  })

  test('a file is refused when its passwords are kept in another way', (t) => {
    const file = join(directory(t), 'htpasswd')
    fs.writeFileSync(file, 'alice:$apr1$abcdefgh$abcdefghijklmnopqrstuv\n')
    assert.throws(
      () => readAccounts(file),
      /line 1 has no password of bcrypt, up to a cost of 16\n {2}Write it anew: htpasswd -B/,
    )
    assert.throws(() => readAccounts(`${file}.missing`), /Cannot read the accounts in ".*missing": ENOENT/)
  })
})
