/** The client: what it has been told of this machine, the connections that it keeps, and repositories. */
import { withTag, type Reference } from '../oci/reference.ts'
import type { Scope } from './auth/authorizer.ts'
import { credentialFiles, credentialsFrom, type CredentialsOf } from './auth/credentials.ts'
import { Endpoint, type Use, type Wish } from './endpoint.ts'
import { RegistryError } from './http/error.ts'
import type { OnEvent } from './events.ts'
import type { Environment } from './http/proxies.ts'
import { PATIENCE, type Patience } from './http/retry.ts'
import { isInsecure, placesOf, readSettings, type Settings } from './settings.ts'
import { Transport } from './http/transport.ts'

export interface ClientOptions {
  /** Of whoever has started us: proxies, homes, the registry of the workshop. */
  environment?: Environment
  settings?: Settings
  credentialsOf?: CredentialsOf
  /** Asked for: plain HTTP, and certificates that nobody vouches for, will do everywhere. */
  insecure?: boolean
  patience?: Patience
  /** So many milliseconds without a byte are too many. */
  idle?: number
  /** How many blobs at once. */
  parallel?: number
  onEvent?: OnEvent
  signal?: AbortSignal
}

export class Client implements Disposable {
  readonly settings: Settings
  readonly patience: Patience
  readonly parallel: number
  readonly onEvent: OnEvent
  readonly signal: AbortSignal | undefined
  readonly transport: Transport
  readonly #credentialsOf: CredentialsOf
  readonly #insecure: boolean
  readonly #endpoints = new Map<string, Endpoint>()

  constructor(options: ClientOptions = {}) {
    const { environment = process.env, insecure = false, idle = 60_000 } = options
    this.settings = options.settings ?? readSettings(environment)
    this.patience = options.patience ?? PATIENCE
    this.parallel = options.parallel ?? 4
    this.onEvent = options.onEvent ?? (() => {})
    this.signal = options.signal
    this.transport = new Transport({ environment, idle, isInsecure: (host) => this.#isInsecure(host) })
    this.#credentialsOf = options.credentialsOf ?? credentialsFrom(credentialFiles(environment), environment)
    this.#insecure = insecure
  }

  // #region repository
  /** @param reference has a host: whose name has none asks `candidates`. @throws RegistryError of what is blocked. */
  repository(reference: Reference): Repository {
    const { host = '', repository: name } = reference
    const places = placesOf(this.settings, host, name).map((place) => ({
      ...place,
      endpoint: this.#endpoint(place.host),
    }))
    return new Repository(this, `${host}/${name}`, places)
  }
  // #endregion repository

  /** @returns which images a name without a host may mean, in the order of the settings. @throws RegistryError when there is none. */
  candidates(reference: Reference): Reference[] {
    if (reference.host !== undefined) return [reference]
    const { search } = this.settings
    if (search.length === 0)
      throw new RegistryError(
        `Cannot look for "${reference.repository}": this machine has not been told of any registry\n  Name one: registry.example/${reference.repository}, or BOXWRIGHT_REGISTRY=registry.example, or "search" in /etc/boxwright/registries.json`,
      )
    return search.map((place) => {
      const [host = '', ...path] = place.split('/')
      return { ...withTag(reference), host, repository: [...path, reference.repository].join('/') }
    })
  }

  #endpoint(host: string): Endpoint {
    const known = this.#endpoints.get(host)
    if (known) return known
    const endpoint = new Endpoint(host, {
      transport: this.transport,
      credentialsOf: this.#credentialsOf,
      patience: this.patience,
      isInsecure: this.#isInsecure(host),
      onAgain: ({ delay, why }) => this.onEvent({ kind: 'again', delay, why: why.message }),
    })
    this.#endpoints.set(host, endpoint)
    return endpoint
  }

  #isInsecure(host: string): boolean {
    return this.#insecure || isInsecure(this.settings, host)
  }

  [Symbol.dispose](): void {
    this.transport[Symbol.dispose]()
  }
}

interface Place {
  endpoint: Endpoint
  name: string
}

/** A request about a repository: its path stands below the name, `manifests/latest`. */
export interface RepositoryWish extends Omit<Wish, 'to' | 'scopes'> {
  path: string
  /** Where a registry has sent us, instead. */
  location?: URL | undefined
  actions?: 'pull' | 'pull,push' | 'delete'
  /** A second repository, to mount from. */
  from?: string | undefined
}

export class Repository {
  readonly client: Client
  /** `registry.example/team/app`. */
  readonly title: string
  readonly #places: readonly Place[]
  /** What is asked of it ends with this. */
  readonly signal: AbortSignal | undefined

  constructor(client: Client, title: string, places: readonly Place[], signal = client.signal) {
    this.client = client
    this.title = title
    this.#places = places
    this.signal = signal
  }

  /** The same one, until another signal as well. */
  until(signal: AbortSignal): Repository {
    const signals = this.signal ? [this.signal, signal] : [signal]
    return new Repository(this.client, this.title, this.#places, AbortSignal.any(signals))
  }

  // #region mirrors
  /** Reads: whoever has it first. What the registry itself says, which is the last one, is what counts. */
  async read<T>(wish: RepositoryWish, use: Use<T>): Promise<T> {
    for (const mirror of this.#places.slice(0, -1)) {
      try {
        return await request(mirror, this.#heeding(wish), use)
      } catch (error) {
        if (this.signal?.aborted) throw error
        this.client.onEvent({ kind: 'mirror', host: mirror.endpoint.host, why: (error as Error).message })
      }
    }
    return this.ask(wish, use)
  }
  // #endregion mirrors

  /** Of the registry itself. */
  ask<T>(wish: RepositoryWish, use: Use<T>): Promise<T> {
    const place = this.#places.at(-1)
    if (!place) throw new RegistryError(`Cannot reach "${this.title}": it is nowhere`)
    return request(place, this.#heeding(wish), use)
  }

  #heeding = (wish: RepositoryWish): RepositoryWish => ({ ...wish, signal: this.signal })
}

function request<T>({ endpoint, name }: Place, wish: RepositoryWish, use: Use<T>): Promise<T> {
  const { path, location, actions = 'pull', from, ...rest } = wish
  const scopes: Scope[] = [`repository:${name}:${actions}`]
  if (from !== undefined) scopes.push(`repository:${from}:pull`)
  return endpoint.request({ ...rest, to: location ?? `${name}/${path}`, scopes }, use)
}
