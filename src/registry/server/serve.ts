/** A registry of one's own: what is asked for is found in a table, whoever asks is known or not, and what comes back is sent. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { finished, pipeline } from 'node:stream/promises'
import { openStore, type Store } from '../../content/store.ts'
import { RegistryError } from '../http/error.ts'
import type { Admits } from './accounts.ts'
import { Refusal, type Reply } from './refusal.ts'
import { Repositories } from './repositories.ts'
import { route } from './routes.ts'
import { Uploads } from './uploads.ts'

export interface ServeOptions {
  /** Made when it is not there. */
  directory: string
  host: string
  port: number
  /** Everybody, if nobody is asked. */
  admits?: Admits | undefined
  /** What went wrong, and is not the asker's fault. */
  onFault: (error: unknown) => void
}

export interface Serving extends AsyncDisposable {
  /** `127.0.0.1:5000`. */
  address: string
}

// #region serve
/** @returns when it listens. @throws RegistryError when it cannot. */
// ts-unused-exports:disable-next-line
export async function serve({ directory, host, port, admits = everybody, onFault }: ServeOptions): Promise<Serving> {
  const store = openStore(directory)
  const repositories = new Repositories(join(directory, 'repositories'), store.content)
  const uploads = new Uploads(join(directory, 'uploads'), store.content)
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      if (!isGone(request)) onFault(error)
      response.destroy()
    })
  })

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = await answer(request).catch((error: unknown) => {
      if (error instanceof Refusal) return error.reply
      throw error
    })
    await send(reply, request, response)
  }

  const answer = async (request: IncomingMessage): Promise<Reply> => {
    const { headers, method = 'GET', url = '/' } = request
    if (!admits(headers.authorization)) throw new Refusal('UNAUTHORIZED', undefined, { headers: ASK_FOR_PASSWORD })
    const { pathname, searchParams: query } = parse(url)
    const { answer, ...found } = route(method, pathname)
    const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer> // whoever is refused has to be heard out
    return answer({ ...found, query, headers, body, repositories, uploads })
  }

  await listen(server, host, port)
  return { address: addressOf(server), [Symbol.asyncDispose]: () => close(server, uploads, store) }
}
// #endregion serve

/** Who breaks off an upload, or a download, has done nothing wrong. Node takes the socket away, whatever its types say. */
const isGone = ({ socket }: { socket: Socket | null }): boolean => socket === null || socket.destroyed

const everybody: Admits = () => true

const ASK_FOR_PASSWORD = { 'www-authenticate': 'Basic realm="boxwright", charset="UTF-8"' }

function parse(url: string): { pathname: string; searchParams: URLSearchParams } {
  try {
    const { pathname, searchParams } = new URL(url, 'http://registry')
    return { pathname: decodeURIComponent(pathname), searchParams }
  } catch {
    throw new Refusal('UNSUPPORTED', undefined, { status: 400 })
  }
}

async function send(
  { status, headers, body }: Reply,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...headers })
  if (typeof body === 'function' && request.method !== 'HEAD') return pipeline(body(), response)
  if (typeof body === 'string') response.write(body)
  response.flushHeaders()
  await hearOut(request)
  response.end()
}

/** Whoever is refused while still sending would find the line cut, and never read why: RFC 9112 §9.6. */
async function hearOut(request: IncomingMessage): Promise<void> {
  if (!request.complete) await finished(request.resume())
}

/** A large blob takes longer than Node allows by itself, and a client may wait for its disk; nothing at all for ten minutes is too long. */
const IDLE_MS = 600_000

function listen(server: Server, host: string, port: number): Promise<void> {
  server.requestTimeout = 0
  server.timeout = IDLE_MS
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new RegistryError(
          `Cannot listen on "${host}:${port}": ${cause.message}\n  Choose another: --listen 127.0.0.1:5001`,
          { cause },
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
}

function addressOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') return String(address)
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`
}

/** Answers that are being sent are broken off: whoever asked asks again. */
async function close(server: Server, uploads: Uploads, store: Store): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
  await uploads.closeAll()
  store[Symbol.dispose]()
}
