/**
 * What is shown at one registry. Nobody is asked for credentials before the registry has asked for them: it answers 401, and says in which way it wants
 * to know. From then on it gets to know beforehand.
 */
import { parseChallenges, type Challenge } from './challenge.ts'
import type { Credentials } from './account.ts'
import type { CredentialsOf } from './credentials.ts'
import { basic } from '../http/proxies.ts'
import { fetchToken, type Token } from './token.ts'
import type { Transport } from '../http/transport.ts'

/** What we want to do where: `repository:team/app:pull`. distribution, "Token Scope Documentation". */
export type Scope = `repository:${string}:${string}` | 'registry:catalog:*'

export class Authorizer {
  readonly #transport: Transport
  readonly #base: URL
  readonly #credentialsOf: CredentialsOf
  #challenge: Challenge | undefined
  /** By what they are good for. Two who want the same wait for the same one. */
  readonly #tokens = new Map<string, Promise<Token>>()
  /** What the registry has said that it takes, by what we wanted. */
  readonly #told = new Map<string, string>()

  constructor(transport: Transport, base: URL, credentialsOf: CredentialsOf) {
    this.#transport = transport
    this.#base = base
    this.#credentialsOf = credentialsOf
  }

  // #region authorization
  /** @returns a header, or nothing as long as nothing was asked for. @throws RegistryError when a token is not to be had. */
  async authorization(scopes: readonly Scope[]): Promise<string | undefined> {
    if (this.#challenge === undefined) return undefined
    const credentials = await this.#credentialsOf(this.#base.host, nameIn(scopes))
    if (credentials && 'registryToken' in credentials) return `Bearer ${credentials.registryToken}`
    if (this.#challenge.scheme === 'bearer') return `Bearer ${await this.#token(this.#challenge, scopes, credentials)}`
    return credentials && 'username' in credentials ? basic(credentials.username, credentials.password) : undefined
  }

  /**
   * @param header of a 401. @param shown with it.
   * @returns whether asking again may help: not when what we have has been shown already.
   */
  async learn(header: string | undefined, shown: string | undefined, scopes: readonly Scope[]): Promise<boolean> {
    const challenges = parseChallenges(header ?? '')
    const [challenge] = ['bearer', 'basic'].flatMap((way) => challenges.filter(({ scheme }) => scheme === way))
    if (challenge === undefined) return false
    this.#challenge = challenge
    this.#told.set(keyOf(challenge, scopes), challenge.parameters['scope'] ?? '')
    if (shown?.startsWith('Bearer ')) this.#tokens.delete(keyOf(challenge, scopes)) // it is not good any more
    const next = await this.authorization(scopes)
    return next !== undefined && next !== shown
  }
  // #endregion authorization

  async #token(challenge: Challenge, scopes: readonly Scope[], credentials: Credentials | undefined): Promise<string> {
    const key = keyOf(challenge, scopes)
    const before = this.#tokens.get(key)
    const known = await before?.catch(() => undefined)
    if (known && known.until > Date.now()) return known.value
    const meanwhile = this.#tokens.get(key)
    if (meanwhile !== undefined && meanwhile !== before) return (await meanwhile).value
    const wish = { challenge, scopes: this.#wanted(key, scopes), credentials, protocol: this.#base.protocol }
    const token = fetchToken(this.#transport, wish)
    this.#tokens.set(key, token)
    return (await token).value
  }

  /** With what the registry says that it takes: of a repository that it knows by another name, only it can tell. */
  #wanted = (key: string, scopes: readonly Scope[]): string[] => [
    ...new Set([...scopes, ...(this.#told.get(key) ?? '').split(' ').filter(Boolean)]),
  ]
}

const nameIn = ([scope = 'registry:catalog:*']: readonly Scope[]): string => scope.split(':')[1] ?? ''

const keyOf = ({ parameters: { realm, service } }: Challenge, scopes: readonly Scope[]): string =>
  JSON.stringify([realm, service, ...scopes])
