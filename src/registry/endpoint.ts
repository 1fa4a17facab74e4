/**
 * One registry, as everything else here sees it: a request goes out, with whatever it takes to be let in, and comes back with an answer that was hoped
 * for. All else is an error in words.
 */
import { Authorizer, type Scope } from './auth/authorizer.ts'
import { refusal } from './http/body.ts'
import type { CredentialsOf } from './auth/credentials.ts'
import { Interrupted, RegistryError } from './http/error.ts'
import { isLoopback } from './http/proxies.ts'
import { follow } from './http/redirect.ts'
import { retry, type Again, type Patience } from './http/retry.ts'
import type { Answer, Ask, Transport } from './http/transport.ts'

export interface Wish extends Omit<Ask, 'url' | 'headers'> {
  /** Relative to `/v2/`; or where a registry has sent us, in whole. */
  to: string | URL
  scopes: readonly Scope[]
  /** Asked for anew whenever it is sent again. */
  headers?: () => Readonly<Record<string, string>>
  /** HTTP statuses that are no errors. */
  hopes: readonly number[]
  /** For people, after "Cannot": `pull "registry.example/app"`. */
  doing: string
  /** A piece of an upload is not simply sent again. */
  once?: boolean
}

/** @param progress to be called when something has been gained, that an error cannot take away. */
export type Use<T> = (answer: Answer, progress: () => void) => Promise<T> | T

export interface EndpointOptions {
  transport: Transport
  credentialsOf: CredentialsOf
  patience: Patience
  /** Plain HTTP will do. Of this machine it always will. */
  isInsecure: boolean
  onAgain: (again: Again) => void
}

export class Endpoint {
  readonly host: string
  readonly #options: EndpointOptions
  #base: Promise<URL> | undefined
  #authorizer: Authorizer | undefined

  /** @param host with its port, if it has one. */
  constructor(host: string, options: EndpointOptions) {
    this.host = host
    this.#options = options
  }

  // #region request
  /**
   * @param use takes what was hoped for, to the end of its body; what goes wrong in there is a reason to ask again, too.
   * @throws RegistryError
   */
  async request<T>(wish: Wish, use: Use<T>): Promise<T> {
    const { patience, onAgain } = this.#options
    const times = wish.once ? { ...patience, attempts: 1 } : patience
    return retry((progress) => this.#attempt(wish, use, progress), times, { onAgain, signal: wish.signal })
  }

  async #attempt<T>(wish: Wish, use: Use<T>, progress: () => void): Promise<T> {
    try {
      const answer = await this.#authorized(wish)
      if (!wish.hopes.includes(answer.status)) throw await refusal(answer, wish.doing)
      return await use(answer, progress)
    } catch (error) {
      throw inWords(error, wish.doing, this.host)
    }
  }

  /** Asks once without knowing, and a second time with what the first answer wanted to see. */
  async #authorized({ to, scopes, headers = nothing, method, body, signal }: Wish): Promise<Answer> {
    const base = await this.base()
    const url = new URL(to, base)
    const ask: Ask = { method, url, headers: { ...COMMON, ...headers() }, signal, ...(body && { body }) }
    if (base.protocol === 'https:' && url.protocol !== 'https:')
      throw new RegistryError(`Cannot go on to "${url.href}": ${base.host} speaks TLS, and this does not`)
    if (url.origin !== base.origin) return follow(this.#options.transport, ask)
    const authorizer = (this.#authorizer ??= new Authorizer(this.#options.transport, base, this.#options.credentialsOf))
    const shown = await authorizer.authorization(scopes)
    const answer = await follow(this.#options.transport, showing(ask, shown))
    const asks = answer.status === 401 && answer.url.origin === base.origin
    if (!asks || !(await authorizer.learn(answer.headers['www-authenticate'], shown, scopes))) return answer
    answer.body.resume()
    return follow(this.#options.transport, showing(ask, await authorizer.authorization(scopes)))
  }
  // #endregion request

  // #region scheme
  /** @returns where the API is: `https://registry.example/v2/`. */
  async base(): Promise<URL> {
    const { isInsecure, transport } = this.#options
    const secure = new URL(`https://${this.host}/v2/`)
    if (!isInsecure && !isLoopback(secure.hostname)) return secure
    this.#base ??= speaksTls(transport, secure).then((speaks) => (speaks ? secure : new URL(`http://${this.host}/v2/`)))
    return this.#base
  }
  // #endregion scheme
}

/** Where plain HTTP will do it is asked which of the two it is: who speaks HTTP only answers a greeting in TLS with something that is none. */
async function speaksTls(transport: Transport, url: URL): Promise<boolean> {
  try {
    const { body } = await transport.send({ method: 'GET', url })
    body.resume()
    return true
  } catch (error) {
    const { code = '' } = error as { code?: string }
    if (/^(EPROTO|ECONNRESET|ERR_SSL_.*)$/.test(code) || (code === 'ECONNREFUSED' && url.port === '')) return false
    throw error
  }
}

const nothing = (): Record<string, string> => ({})

/** For answers that are all said with their status and headers. */
export function headersOf({ body, headers }: Answer): Answer['headers'] {
  body.resume()
  return headers
}

/** A blob's size and digest are of what is stored, not of how it travels. */
const COMMON = { 'accept-encoding': 'identity', 'user-agent': 'boxwright' }

const showing = (ask: Ask, authorization: string | undefined): Ask =>
  authorization === undefined ? ask : { ...ask, headers: { ...ask.headers, authorization } }

/** What the network says, with what was wanted; `code` and the rest are in the cause. */
function inWords(error: unknown, doing: string, host: string): unknown {
  const { message, name, code } = error as Error & { code?: string }
  if (code === undefined || name === 'AbortError' || error instanceof RegistryError) return error
  return new RegistryError(
    `Cannot ${doing}: ${host}: ${error instanceof Interrupted ? message : (wordsFor(code) ?? message)}${remedy(code, host)}`,
    {
      cause: error,
    },
  )
}

const wordsFor = (code: string): string | undefined =>
  ({
    ECONNREFUSED: 'nobody listens there',
    ENOTFOUND: 'there is no host of that name',
    EAI_AGAIN: 'nobody says now where a host of that name is',
    ECONNRESET: 'the connection was broken off',
  })[code]

const remedy = (code: string, host: string): string =>
  /CERT|SELF_SIGNED|UNABLE_TO/.test(code)
    ? `\n  Put its authority's certificate into /etc/boxwright/certs.d/${host}/ca.crt, or say --insecure`
    : /^(EPROTO|ERR_SSL_)/.test(code)
      ? '\n  If it speaks plain HTTP and may, say --insecure'
      : ''
