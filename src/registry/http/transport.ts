/**
 * One request and one answer, by Node's own HTTP: connections that are kept, TLS, proxies. Nothing here knows what a registry is. What is waited for is
 * a byte, not the end: a body of ten gigabytes may take its time, and a silent one may not.
 */
import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent, request as secureRequest, type AgentOptions } from 'node:https'
import { Duplex, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connect } from 'node:tls'
import { Interrupted } from './error.ts'
import { addressOf, proxyFor, proxyHeaders, tunnel, type Environment } from './proxies.ts'
import { readTrust, trustDirectories, type Trust } from './trust.ts'

export interface Ask {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: URL
  headers?: Readonly<Record<string, string>>
  /** Asked for again whenever the request is sent again. */
  body?: Buffer | (() => Readable)
  signal?: AbortSignal | undefined
}

/** Whoever has one reads its body to the end, or destroys it: until then the connection is taken. */
export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  body: IncomingMessage
  url: URL
}

export interface TransportOptions {
  environment: Environment
  /** So many milliseconds without a byte are too many. */
  idle: number
  /** Is a certificate that nobody vouches for good enough for this host? */
  isInsecure: (host: string) => boolean
}

export class Transport implements Disposable {
  readonly #options: TransportOptions
  readonly #agents = new Map<string, PlainAgent>()

  constructor(options: TransportOptions) {
    this.#options = options
  }

  // #region send
  /** @returns as soon as there are headers. @throws what the network says; `Interrupted` when it says nothing. */
  send(ask: Ask): Promise<Answer> {
    const { url, method, body } = ask
    const request = this.#begin(ask)
    return new Promise((resolve, reject) => {
      let answer: IncomingMessage | undefined
      const { idle } = this.#options
      request.setTimeout(idle, () => {
        const stalled = new Interrupted('ETIMEDOUT', `nothing has come from ${url.host} for ${idle / 1000} s`)
        if (answer) answer.destroy(stalled)
        else request.destroy(stalled)
      })
      request.on('error', reject) // of no account once there is an answer, which has errors of its own
      request.on('response', (response) => {
        answer = response
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response, url })
      })
      if (typeof body === 'function') sendBody(body(), request, reject)
      else request.end(method === 'HEAD' ? undefined : body)
    })
  }
  // #endregion send

  #begin({ url, method, headers = {}, signal }: Ask): ClientRequest {
    const { environment } = this.#options
    const proxy = url.protocol === 'http:' ? proxyFor(url, environment) : undefined
    const to = proxy
      ? { ...addressOf(proxy), path: url.href, headers: { host: url.host, ...proxyHeaders(proxy), ...headers } }
      : { ...addressOf(url), path: `${url.pathname}${url.search}`, headers: { host: url.host, ...headers } }
    const send = url.protocol === 'https:' ? secureRequest : plainRequest
    return send({ ...to, method, agent: this.#agentOf(url, proxy), ...(signal && { signal }) })
  }

  #agentOf(url: URL, proxy: URL | undefined): PlainAgent {
    const origin = proxy?.origin ?? url.origin
    const agent = this.#agents.get(origin) ?? this.#makeAgent(url)
    this.#agents.set(origin, agent)
    return agent
  }

  #makeAgent(url: URL): PlainAgent {
    if (url.protocol === 'http:') return new PlainAgent({ keepAlive: true })
    const { environment, isInsecure } = this.#options
    const trust = readTrust(trustDirectories(environment), url.host)
    const options = { ...trust, keepAlive: true, rejectUnauthorized: !isInsecure(url.host) }
    const proxy = proxyFor(url, environment)
    return proxy ? new TunnelAgent(options, proxy, url) : new SecureAgent(options)
  }

  [Symbol.dispose](): void {
    for (const agent of this.#agents.values()) agent.destroy()
  }
}

/** An answer that comes before the end of the body, a refusal, is what counts: whoever has said it need not read on. */
function sendBody(body: Readable, request: ClientRequest, reject: (why: unknown) => void): void {
  const stop = new AbortController()
  request.on('response', ({ statusCode = 0 }) => {
    if (statusCode >= 300) stop.abort()
  })
  pipeline(body, request, { signal: stop.signal }).catch(reject)
}

/** TLS inside of what a proxy hands on. */
class TunnelAgent extends SecureAgent {
  readonly #way: { proxy: URL; url: URL; trust: Trust & AgentOptions }

  constructor(options: Trust & AgentOptions, proxy: URL, url: URL) {
    super(options)
    this.#way = { proxy, url, trust: options }
  }

  override createConnection(
    _options: unknown,
    done: (error: Error | null, stream: Duplex) => void = () => {},
  ): undefined {
    const { proxy, url, trust } = this.#way
    tunnel(proxy, url).then(
      (socket) => done(null, connect({ ...trust, socket, servername: addressOf(url).host })),
      (error: unknown) => done(error as Error, new Duplex()),
    )
  }
}
