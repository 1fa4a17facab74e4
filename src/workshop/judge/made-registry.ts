/**
 * The judge as a registry: distribution-spec's part for those who pull, and what may happen between two machines. It writes down what it was asked. Who gives
 * out tokens, and who keeps the blobs, are hosts of their own; all three are on this machine's loopback.
 */
import { randomInt } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { token } from './arena.ts'
import type { MadeImage, Thing } from './made-registry-image.ts'
import type { AskedFacts } from './pull-facts.ts'

export interface Manners {
  /** Nobody gets anything without a token. */
  asksForToken?: boolean
  /** Blobs are to be had elsewhere. */
  sendsAway?: boolean
  /** So many times the answer for a layer ends too early. */
  breaksOff?: number
}

export interface MadeRegistry extends AsyncDisposable {
  /** `127.0.0.1:40001/team/app:v7`. */
  reference: string
  asked: AskedFacts[]
}

// #region open
export async function openRegistry(image: MadeImage, manners: Manners): Promise<MadeRegistry> {
  const asked: AskedFacts[] = []
  const open = (of: AskedFacts['of'], host: string, answer: Answering): Promise<Listening> =>
    listen(host, noted(asked, of, answer))
  const ticket = { token: token(), service: token(), scope: `repository:${image.repository}:pull` }
  const things = thingsOf(image, manners)

  const realm = await open('realm', '127.0.0.3', tokens(ticket))
  const storage = await open('storage', '127.0.0.2', things)
  const fetched = manners.sendsAway ? sentAway(things, storage) : things
  const registry = await open(
    'registry',
    '127.0.0.1',
    manners.asksForToken ? admitted(fetched, ticket, realm) : fetched,
  )
  return {
    reference: `${registry.address}/${image.repository}:${image.tag}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([realm, storage, registry].map(close))
    },
  }
}
// #endregion open

type Answering = (request: IncomingMessage, response: ServerResponse) => void

const noted =
  (asked: AskedFacts[], of: AskedFacts['of'], answer: Answering): Answering =>
  (request, response) => {
    const { pathname: path } = urlOf(request)
    asked.push({ of, path, start: startOf(request), authorization: request.headers.authorization })
    answer(request, response)
  }

// #region manners
/** Whatever the image has, by its path. A layer may be broken off, so many times. */
function thingsOf({ repository, things, layers }: MadeImage, { breaksOff = 0 }: Manners): Answering {
  const breaks = new Map(layers.map(({ digest }) => [`blobs/${digest}`, breaksOff]))
  return (request, response) => {
    const { pathname } = urlOf(request)
    const path = pathname.replace(`/v2/${repository}/`, '')
    const [thing, left] = [things.get(path), breaks.get(path) ?? 0]
    breaks.set(path, left - 1)
    if (thing) send(request, response, thing, left > 0)
    else end(response, pathname === '/v2/' ? 200 : 404)
  }
}

/** A token, and what has to be asked for to get it. */
interface Ticket {
  token: string
  service: string
  scope: string
}

/** Who asks for something else gets a token too, which is good for nothing. */
const tokens =
  (ticket: Ticket): Answering =>
  (request, response) => {
    const { searchParams } = urlOf(request)
    const isWanted =
      searchParams.get('service') === ticket.service && searchParams.getAll('scope').includes(ticket.scope)
    end(response, 200, {}, JSON.stringify({ token: isWanted ? ticket.token : token() }))
  }

const admitted =
  (answer: Answering, ticket: Ticket, realm: Listening): Answering =>
  (request, response) => {
    if (request.headers.authorization === `Bearer ${ticket.token}`) answer(request, response)
    else end(response, 401, { 'www-authenticate': challenge(ticket, realm) })
  }

const challenge = ({ service, scope }: Ticket, { address }: Listening): string =>
  `Bearer realm="http://${address}/token",service="${service}",scope="${scope}"`

const sentAway =
  (answer: Answering, { address }: Listening): Answering =>
  (request, response) => {
    const { pathname } = urlOf(request)
    if (pathname.includes('/blobs/'))
      end(response, 307, { location: `http://${address}${pathname}?signature=${token()}` })
    else answer(request, response)
  }
// #endregion manners

interface Listening {
  server: Server
  address: string
}

function listen(host: string, answer: Answering): Promise<Listening> {
  const server = createServer(answer)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => resolve({ server, address: `${host}:${(server.address() as AddressInfo).port}` }))
  })
}

function close({ server }: Listening): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()))
  server.closeAllConnections()
  return closed
}

const urlOf = ({ url = '/' }: IncomingMessage): URL => new URL(url, 'http://registry')

const startOf = ({ headers }: IncomingMessage): number => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)

const end = (response: ServerResponse, status: number, headers: Record<string, string> = {}, body = ''): void =>
  void response.writeHead(status, { 'content-length': body.length, ...headers }).end(body)

// #region send
/** From where it is wanted; and, when it is to be broken off, not to its end. What was sent is given the time to arrive. */
function send(request: IncomingMessage, response: ServerResponse, { mediaType, bytes }: Thing, breaks: boolean): void {
  const start = startOf(request)
  if (start >= bytes.length) {
    end(response, 416, { 'content-range': `bytes */${bytes.length}` })
    return
  }
  const rest = bytes.subarray(start)
  response.writeHead(start > 0 ? 206 : 200, {
    'content-type': mediaType,
    'content-length': rest.length,
    ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
  })
  if (request.method === 'HEAD') response.end()
  else if (breaks)
    response.write(rest.subarray(0, randomInt(rest.length >> 3, rest.length >> 1)), () =>
      setTimeout(() => response.destroy(), ARRIVAL_MS),
    )
  else response.end(rest)
}
// #endregion send

const ARRIVAL_MS = 200
