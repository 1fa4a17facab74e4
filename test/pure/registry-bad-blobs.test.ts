/**
 * Registries that misbehave with blobs: each is a clear error or is recovered from, takes no more memory or disk than was said, and leaves nothing but what the next
 * attempt can go on from.
 */
import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, createServer, type AddressInfo } from 'node:net'
import { suite, test } from 'node:test'
import { fetchBlob } from '../../src/registry/fetch-blob.ts'
import { getManifest } from '../../src/registry/manifests.ts'
import { answerWith, clientOf, contentOf, describe, fake, repositoryAt } from './registry-ground.ts'

const BYTES = Buffer.alloc(300_000, 'What a layer has in it. ')
const LAYER = describe(BYTES)

type Misbehaving = (response: ServerResponse, request: IncomingMessage, nth: number) => unknown

/** How a blob is given out, and what becomes of that. */
const BLOBS: Record<string, { answer: Misbehaving; error?: RegExp; asked?: number; leaves?: number }> = {
  'sends other bytes': {
    answer: (response) => answerWith(response, 200, {}, Buffer.alloc(BYTES.length, 'x')),
    error: /the bytes that came are others$/,
    leaves: 0,
  },
  'says another length': {
    answer: (response) => answerWith(response, 200, { 'content-length': 299_999 }, BYTES.subarray(1)),
    error: /Cannot believe 127.0.0.1:\d+: it says 299999 bytes, and there have to be 300000/,
    asked: 1,
  },
  'sends more than it should, without a length': {
    answer: (response) => {
      response.writeHead(200, { 'transfer-encoding': 'chunked' })
      const more = (): boolean => response.destroyed || response.write(BYTES, () => setImmediate(more))
      more()
    },
    error: /there are more than the 300000 bytes that were said/,
    asked: 1,
  },
  'always breaks off, without a length': {
    answer: (response) => response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(BYTES.subarray(0, 1000)),
    error: /broken off after 1000 of 300000 bytes/,
    asked: 3,
    leaves: 1000,
  },
  'breaks off once, then knows ranges': {
    answer: (response, request, nth) => {
      if (nth > 0) {
        ranged(response, request)
        return
      }
      response.writeHead(200, { 'content-length': BYTES.length })
      response.write(BYTES.subarray(0, 100_000), () => response.destroy())
    },
    asked: 2,
  },
  'breaks off once, and knows no ranges': {
    answer: (response, _request, nth) => {
      response.writeHead(200, { 'content-length': BYTES.length })
      if (nth > 0) response.end(BYTES)
      else response.write(BYTES.subarray(0, 100_000), () => response.destroy())
    },
    asked: 2,
  },
  'breaks off once, and refuses ranges (416)': {
    answer: (response, request, nth) => {
      if (request.headers.range !== undefined) {
        answerWith(response, 416, { 'content-range': 'bytes */300000' })
        return
      }
      response.writeHead(200, { 'content-length': BYTES.length })
      if (nth > 0) response.end(BYTES)
      else response.write(BYTES.subarray(0, 100_000), () => response.destroy())
    },
    asked: 3,
  },
  'always breaks off, and refuses ranges (416)': {
    answer: (response, request) => {
      if (request.headers.range === undefined) {
        response.writeHead(200, { 'content-length': BYTES.length })
        response.write(BYTES.subarray(0, 100_000), () => response.destroy())
      } else answerWith(response, 416)
    },
    error: /says 416/,
    asked: 4,
    leaves: 0,
  },
  'sends all of it without a length': {
    answer: (response) => response.writeHead(200, { 'transfer-encoding': 'chunked' }).end(BYTES),
    asked: 1,
  },
  'sends a page of HTML instead': {
    answer: (response) =>
      answerWith(response, 200, { 'content-type': 'text/html', 'content-length': 22 }, '<html>not found</html>'),
    error: /it says 22 bytes, and there have to be 300000/,
    asked: 1,
    leaves: 0,
  },
  'answers a range with another one': {
    answer: (response, _request, nth) => {
      if (nth > 0) {
        answerWith(response, 206, { 'content-range': `bytes 200000-299999/300000` }, BYTES.subarray(200_000))
        return
      }
      response.writeHead(200, { 'content-length': BYTES.length })
      response.write(BYTES.subarray(0, 100_000), () => response.destroy())
    },
    error: /asked from byte \d+ of 300000, it answers bytes 200000-299999\/300000/,
    asked: 2,
  },
  'says 429 and when to come back': {
    answer: (response, _request, nth) =>
      nth > 0 ? answerWith(response, 200, {}, BYTES) : answerWith(response, 429, { 'retry-after': '0' }),
    asked: 2,
  },
  'says 503, always': { answer: (response) => answerWith(response, 503), error: /says 503/, asked: 3 },
  'says 500 once': {
    answer: (response, _request, nth) => (nth > 0 ? answerWith(response, 200, {}, BYTES) : answerWith(response, 500)),
    asked: 2,
  },
  'says no in words': {
    answer: (response) =>
      answerWith(response, 403, {}, '{"errors":[{"code":"DENIED","message":"not \\u001b[31myou"}]}'),
    error: /says 403, DENIED: not {2}?\[31myou/,
    asked: 1,
  },
  'says no with a page of HTML': {
    answer: (response) => answerWith(response, 404, { 'content-type': 'text/html' }, '<html>'.repeat(100_000)),
    error: /says 404$/,
    asked: 1,
  },
  'packs what it sends': {
    answer: (response) => answerWith(response, 200, { 'content-encoding': 'gzip' }, BYTES),
    error: /it is encoded in another way \(gzip\)/,
    asked: 1,
  },
  'sends from place to place': {
    answer: (response, request) => answerWith(response, 307, { location: `${request.url ?? ''}?` }),
    error: /redirected more than 5 times/,
  },
  'sends to nowhere': {
    answer: (response) => answerWith(response, 307, { location: 'http://[' }),
    error: /nowhere|Invalid URL|no URL/,
    asked: 1,
  },
  'breaks every connection': {
    answer: (response) => response.destroy(),
    error: /the connection was broken off/,
    asked: 3,
  },
}

function ranged(response: ServerResponse, request: IncomingMessage): void {
  const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
  answerWith(response, 206, { 'content-range': `bytes ${start}-299999/300000` }, BYTES.subarray(start))
}

suite('a registry that misbehaves with a blob', () => {
  for (const [name, { answer, error, asked, leaves }] of Object.entries(BLOBS))
    test(`is ${error ? 'refused' : 'borne with'} when it ${name}`, async (t) => {
      let nth = 0
      const { host, requests } = await fake(t, (request, response) => answer(response, request, nth++))
      const content = contentOf(t)
      const { client } = clientOf(t)
      const fetched = fetchBlob(repositoryAt(client, host), LAYER, { content })
      if (error)
        await assert.rejects(fetched, (thrown: Error) => error.test(thrown.message) || assert.fail(thrown.message))
      else await fetched
      assert.equal(content.info(LAYER.digest)?.size, error ? undefined : BYTES.length)
      if (asked !== undefined) assert.equal(requests.filter(({ url }) => url !== '/v2/').length, asked)
      if (leaves === undefined) return
      const writer = await content.write(`pull-${LAYER.digest}`, LAYER)
      assert.equal(writer.offset, leaves)
      await writer.abort()
    })

  test('is given up when it stalls', async (t) => {
    const { host } = await fake(t, (_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length })
      response.write(BYTES.subarray(0, 1000))
    })
    const content = contentOf(t)
    const { client } = clientOf(t, { idle: 50, patience: { attempts: 2, first: 1, most: 1 } })
    await assert.rejects(
      fetchBlob(repositoryAt(client, host), LAYER, { content }),
      /nothing has come from .* for 0.05 s/,
    )
    const writer = await content.write(`pull-${LAYER.digest}`, LAYER)
    assert.equal(writer.offset, 1000)
    await writer.abort()
  })

  test('is borne with when it is slow, since only silence is too long', async (t) => {
    const piece = BYTES.length / 10
    const { host } = await fake(t, (_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length })
      let sent = 0
      const timer = setInterval(() => {
        response.write(BYTES.subarray(sent, sent + piece))
        sent += piece
        if (sent === BYTES.length) clearInterval(timer)
      }, 120)
    })
    const content = contentOf(t)
    const { client } = clientOf(t, { idle: 1000, patience: { attempts: 1, first: 1, most: 1 } })
    await fetchBlob(repositoryAt(client, host), LAYER, { content })
    assert.equal(content.info(LAYER.digest)?.size, BYTES.length)
  })

  test('is given up when it never answers', async (t) => {
    const { host } = await fake(t, () => {})
    const { client } = clientOf(t, { idle: 50, patience: { attempts: 1, first: 1, most: 1 } })
    await assert.rejects(getManifest(repositoryAt(client, host), 'latest'), /nothing has come from/)
  })

  test('is refused when it speaks something else than HTTP', async (t) => {
    const server = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => void server.close())
    const { client } = clientOf(t)
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    await assert.rejects(getManifest(repositoryAt(client, host), 'latest'), (error: Error) => {
      assert.match(error.message, /^Cannot pull the manifest "127.0.0.1:\d+\/team\/app:latest": 127.0.0.1:\d+: /)
      return true
    })
  })

  test('is told as nobody when nobody listens there', async (t) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const { client } = clientOf(t)
    await assert.rejects(getManifest(repositoryAt(client, `127.0.0.1:${port}`), 'latest'), /nobody listens there/)
    connect(port).on('error', () => {})
  })
})
