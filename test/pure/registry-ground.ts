/** What the tests of registries share: a server that does as it is told, a store that goes with the test, an image of a few bytes. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Content } from '../../src/content/content.ts'
import { openStore } from '../../src/content/store.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf, type Algorithm } from '../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { Client, type ClientOptions, type Repository } from '../../src/registry/client.ts'
import type { TransferEvent } from '../../src/registry/events.ts'
import { serve, type ServeOptions } from '../../src/registry/server/serve.ts'

/** Whoever cleans up after a test. */
interface Ending {
  after: (act: () => void | Promise<void>) => void
}

export interface Fake {
  /** `127.0.0.1:34567`. */
  host: string
  requests: IncomingMessage[]
}

/** @param answer is given each request, whose body has been left to it. */
export async function fake(
  t: Ending,
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  host = '127.0.0.1',
): Promise<Fake> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.unref().listen(0, host, resolve)) // after a hook that fails no other one is run
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { host: `${host}:${(server.address() as AddressInfo).port}`, requests }
}

/** Our own registry, until the test ends. What is no fault of the asker fails the test. */
export async function registry(t: Ending, options: Partial<ServeOptions> = {}): Promise<string> {
  const faults: unknown[] = []
  const place = { directory: directory(t), host: '127.0.0.1', port: 0 }
  const serving = await serve({ ...place, onFault: (error) => void faults.push(error), ...options })
  t.after(async () => {
    await serving[Symbol.asyncDispose]()
    assert.deepEqual(faults, [])
  })
  return serving.address
}

/**
 * A way to a registry that does not hold.
 * @param bytes after how many a connection breaks, going there and coming back; the nth connection has the nth of them, and the rest hold.
 */
export async function brittle(
  t: Ending,
  to: string,
  bytes: readonly { there?: number; back?: number }[],
): Promise<string> {
  const left = [...bytes]
  const server = createTcpServer((near) => {
    const { there = Infinity, back = Infinity } = left.shift() ?? {}
    const far = connect(Number(to.split(':')[1]), '127.0.0.1')
    const end = (): void => [near, far].forEach((socket) => socket.destroy())
    const carry = (from: typeof near, into: typeof near, most: number): void => {
      let carried = 0
      from.on('data', (chunk: Buffer) => {
        into.write(chunk.subarray(0, Math.max(most - carried, 0)), () => (carried >= most ? end() : undefined))
        carried += chunk.length
      })
      from.on('error', end).on('close', end)
    }
    carry(near, far, there)
    carry(far, near, back)
  })
  await new Promise<void>((resolve) => server.unref().listen(0, '127.0.0.1', resolve))
  t.after(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

export function directory(t: Ending): string {
  const path = fs.mkdtempSync(join(tmpdir(), 'boxwright-registry-'))
  t.after(() => fs.rmSync(path, { recursive: true, force: true }))
  return path
}

export function contentOf(t: Ending, path = directory(t)): Content {
  const store = openStore(path)
  t.after(() => store[Symbol.dispose]())
  return store.content
}

/** Nothing of this machine's, no patience, and what it tells. */
export function clientOf(t: Ending, options: ClientOptions = {}): { client: Client; events: TransferEvent[] } {
  const events: TransferEvent[] = []
  const client = new Client({
    environment: { HOME: '/nonexistent', PATH: process.env['PATH'] },
    settings: { search: [], registries: {} },
    patience: { attempts: 3, first: 1, most: 20 },
    idle: 30_000,
    onEvent: (event) => void events.push(event),
    ...options,
  })
  t.after(() => client[Symbol.dispose]())
  return { client, events }
}

export const repositoryAt = (client: Client, host: string, name = 'team/app'): Repository =>
  client.repository(parseReference(`${host}/${name}`))

export async function put(
  content: Content,
  bytes: Buffer | string,
  mediaType: string,
  algorithm: Algorithm = 'sha256',
): Promise<Descriptor> {
  const digest = digestOf(bytes, algorithm)
  const writer = await content.write(`test-${digest}`, { digest, size: Buffer.byteLength(bytes) })
  if (writer.offset < Buffer.byteLength(bytes)) await writer.write(Buffer.from(bytes).subarray(writer.offset))
  await writer.commit(digest)
  await writer.close()
  return { mediaType, digest, size: Buffer.byteLength(bytes) }
}

/** An image, with these layers. */
export async function image(
  content: Content,
  layers: readonly (Buffer | string)[],
  more: object = {},
): Promise<Descriptor> {
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [] } })
  const document = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: await put(content, config, OCI_CONFIG),
    layers: await Promise.all(layers.map((layer) => put(content, layer, OCI_LAYER))),
    ...more,
  }
  return put(content, JSON.stringify(document), OCI_MANIFEST)
}

export const LINUX = { os: 'linux', architecture: 'amd64' } as const

export const describe = (bytes: Buffer | string, mediaType = OCI_LAYER): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: Buffer.byteLength(bytes),
})

export function answerWith(response: ServerResponse, status: number, headers = {}, body: Buffer | string = ''): void {
  response.writeHead(status, headers).end(body)
}
