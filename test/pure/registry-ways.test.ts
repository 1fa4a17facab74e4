/** Ways to a registry: TLS that an authority of one's own vouches for, certificates for clients, proxies. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { Transport } from '../../src/registry/http/transport.ts'
import { readTrust } from '../../src/registry/http/trust.ts'
import { listTags } from '../../src/registry/tags.ts'
import { fetchBlob } from '../../src/registry/fetch-blob.ts'
import { answerWith, clientOf, contentOf, describe, directory, fake, repositoryAt } from './registry-ground.ts'

const skip = spawnSync('openssl', ['version']).status !== 0 && 'this machine has no openssl to make certificates with'

const openssl = (cwd: string, line: string): Buffer => execFileSync('openssl', line.split(' '), { cwd, stdio: 'pipe' })

/** An authority, and a certificate of its for this machine, which is good for a client too. */
function certificates(t: TestContext): Record<'ca' | 'cert' | 'key', Buffer> {
  const place = directory(t)
  const made = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  openssl(place, `req -x509 ${made} -keyout ca.key -out ca.crt -days 2 -subj /CN=authority`)
  fs.writeFileSync(join(place, 'names'), 'subjectAltName=IP:127.0.0.1,DNS:registry.example')
  openssl(place, `req ${made} -keyout key -out request -subj /CN=registry`)
  openssl(place, 'x509 -req -in request -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert')
  const [ca, cert, key] = ['ca.crt', 'cert', 'key'].map((name) => fs.readFileSync(join(place, name))) as [
    Buffer,
    Buffer,
    Buffer,
  ]
  return { ca, cert, key }
}

const TAGS = (_request: IncomingMessage, response: ServerResponse): void =>
  answerWith(response, 200, {}, '{"tags":["1"]}')

async function secure(t: TestContext, options: ServerOptions, answer = TAGS): Promise<string> {
  const server = createSecureServer(options, answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** `certs.d/HOST/` below a home. */
function trusting(t: TestContext, host: string, files: Record<string, Buffer>): Record<string, string> {
  const home = directory(t)
  const place = join(home, 'boxwright/certs.d', host)
  fs.mkdirSync(place, { recursive: true })
  for (const [name, bytes] of Object.entries(files)) fs.writeFileSync(join(place, name), bytes)
  return { HOME: home, XDG_CONFIG_HOME: home }
}

suite('TLS', { skip }, () => {
  test('a registry is believed when certs.d has its authority, and not otherwise', async (t) => {
    const { ca, cert, key } = certificates(t)
    const host = await secure(t, { cert, key })
    const stranger = repositoryAt(clientOf(t).client, host)
    await assert.rejects(
      listTags(stranger),
      /certificate.*\n {2}Put its authority's certificate into .*\/ca.crt, or say --insecure/,
    )
    const environment = trusting(t, host, { 'ca.crt': ca })
    assert.deepEqual(await listTags(repositoryAt(clientOf(t, { environment }).client, host)), ['1'])
  })

  test('a layer comes from where its descriptor says when the registry has none, over TLS, and by nobody', async (t) => {
    const { ca, cert, key } = certificates(t)
    const bytes = Buffer.from('a layer that only its maker may give out')
    const asked: IncomingMessage[] = []
    const elsewhere = await secure(t, { cert, key }, (request, response) => {
      asked.push(request)
      answerWith(response, 200, {}, bytes)
    })
    const { host } = await fake(t, ({ headers }, response) =>
      headers.authorization
        ? answerWith(response, 404)
        : answerWith(response, 401, { 'www-authenticate': 'Basic realm="r"' }),
    )
    const layer = { ...describe(bytes), urls: ['http://127.0.0.1:1/layer', `https://${elsewhere}/layer`] }
    const environment = trusting(t, elsewhere, { 'ca.crt': ca })
    const credentialsOf = () => Promise.resolve({ username: 'alice', password: 'secret' })
    const content = contentOf(t)
    await fetchBlob(repositoryAt(clientOf(t, { environment, credentialsOf }).client, host), layer, { content })
    assert.equal(content.info(layer.digest)?.size, bytes.length)
    assert.deepEqual(
      asked.map(({ url, headers }) => [url, headers.authorization]),
      [['/layer', undefined]],
    )
  })

  test('a certificate that nobody vouches for will do when that was asked for', async (t) => {
    const { cert, key } = certificates(t)
    const host = await secure(t, { cert, key })
    assert.deepEqual(await listTags(repositoryAt(clientOf(t, { insecure: true }).client, host)), ['1'])
  })

  test('a registry knows us when certs.d has a certificate of ours', async (t) => {
    const { ca, cert, key } = certificates(t)
    const host = await secure(t, { cert, key, ca, requestCert: true, rejectUnauthorized: true })
    const anonymous = trusting(t, host, { 'ca.crt': ca })
    const patience = { attempts: 1, first: 1, most: 1 }
    await assert.rejects(listTags(repositoryAt(clientOf(t, { environment: anonymous, patience }).client, host)))
    const environment = trusting(t, host, { 'ca.crt': ca, 'client.cert': cert, 'client.key': key })
    assert.deepEqual(await listTags(repositoryAt(clientOf(t, { environment }).client, host)), ['1'])
  })

  test('a certificate is an error when its key is missing', (t) => {
    const environment = trusting(t, 'r.example', { 'client.cert': Buffer.from('x') })
    const place = join(environment['HOME'] ?? '', 'boxwright/certs.d')
    assert.throws(() => readTrust([place], 'r.example'), /its key is missing\n {2}It has to be in .*client.key/)
  })
})

/** A proxy that leads everywhere to one place, and remembers what it was asked for. */
async function proxy(t: TestContext, to: string): Promise<{ host: string; asked: string[] }> {
  const asked: string[] = []
  const note = ({ method, url, headers }: IncomingMessage): number =>
    asked.push(`${method ?? ''} ${url ?? ''} ${headers['proxy-authorization'] ?? ''}`)
  const server = createServer((incoming, response) => {
    note(incoming)
    const { pathname } = new URL(incoming.url ?? '')
    request(`http://${to}${pathname}`, (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0))).end()
  })
  server.on('connect', (incoming: IncomingMessage, near: Duplex) => {
    note(incoming)
    const far = connect(Number(to.split(':')[1]), '127.0.0.1', () => near.write('HTTP/1.1 200 Connected\r\n\r\n'))
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const text = async (body: IncomingMessage): Promise<string> => {
  let all = ''
  for await (const chunk of body as AsyncIterable<Buffer>) all += chunk.toString()
  return all
}

const BASIC = 'Basic YTpi' // a:b

suite('a proxy', () => {
  test('is asked for the whole URL, and told who we are, when the way is plain', async (t) => {
    const { host: to } = await fake(t, TAGS)
    const { host, asked } = await proxy(t, to)
    using transport = new Transport({
      environment: { HTTP_PROXY: `http://a:b@${host}` },
      idle: 10_000,
      isInsecure: () => false,
    })
    const { body } = await transport.send({ method: 'GET', url: new URL('http://registry.example/v2/x') })
    assert.equal(await text(body), '{"tags":["1"]}')
    assert.deepEqual(asked, [`GET http://registry.example/v2/x ${BASIC}`])
  })

  test('is left out when NO_PROXY has the host, and asked for all others', async (t) => {
    const { host: to, requests } = await fake(t, TAGS)
    const { host, asked } = await proxy(t, to)
    const environment = { http_proxy: `http://${host}`, NO_PROXY: `other.example, ${to.split(':')[0] ?? ''}` }
    using transport = new Transport({ environment, idle: 10_000, isInsecure: () => false })
    for (const url of [`http://${to}/v2/near`, 'http://registry.example/v2/far'])
      await text((await transport.send({ method: 'GET', url: new URL(url) })).body)
    assert.deepEqual(asked, ['GET http://registry.example/v2/far '])
    assert.deepEqual(
      requests.map(({ url }) => url),
      ['/v2/near', '/v2/far'],
    )
  })

  test('hands on what it cannot read when the way is TLS', { skip }, async (t) => {
    const { ca, cert, key } = certificates(t)
    const { host, asked } = await proxy(t, await secure(t, { cert, key }))
    const environment = { ...trusting(t, 'registry.example', { 'ca.crt': ca }), HTTPS_PROXY: `http://a:b@${host}` }
    const { client } = clientOf(t, { environment })
    assert.deepEqual(await listTags(repositoryAt(client, 'registry.example')), ['1'])
    assert.deepEqual(asked, [`CONNECT registry.example:443 ${BASIC}`])
  })

  test('is an error when it does not want to', async (t) => {
    const { host } = await fake(t, TAGS)
    const environment = { HTTPS_PROXY: `http://${host}` }
    const { client } = clientOf(t, { environment, patience: { attempts: 1, first: 1, most: 1 } })
    await assert.rejects(listTags(repositoryAt(client, 'registry.example')), /registry.example/)
  })
})
