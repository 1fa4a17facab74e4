/**
 * Bearer tokens. A registry that says 401 names somebody else, the realm, who gives out tokens: for a service, and a scope, which is what we may do where.
 * Without credentials there are tokens as well, for what everybody may do.
 */
import { readJsonBody, refusal } from '../http/body.ts'
import type { Challenge } from './challenge.ts'
import type { Credentials } from './account.ts'
import { RegistryError } from '../http/error.ts'
import { basic } from '../http/proxies.ts'
import { follow } from '../http/redirect.ts'
import type { Answer, Transport } from '../http/transport.ts'

export interface Token {
  value: string
  /** Milliseconds, as Date.now() has them. */
  until: number
}

export interface TokenWish {
  challenge: Challenge
  scopes: readonly string[]
  credentials: Credentials | undefined
  /** Of the registry, whose realm may not be less private. */
  protocol: string
}

const CLIENT = 'boxwright'

// #region token
/** @throws RegistryError when there is none for us. */
export async function fetchToken(transport: Transport, wish: TokenWish): Promise<Token> {
  const realm = realmOf(wish)
  const asked = Date.now()
  const answer = await askFor(transport, realm, wish)
  if (answer.status !== 200) throw await refusal(answer, `get a token from "${realm.href}"`)
  const { token, access_token, expires_in } = await readJsonBody(answer)
  const value = [token, access_token].find((one) => typeof one === 'string' && /^[\x21-\x7e]+$/.test(one))
  if (value === undefined)
    throw new RegistryError(`Cannot get a token from "${realm.href}": there is none in its answer`)
  const seconds = typeof expires_in === 'number' && expires_in > 0 ? expires_in : 60
  return { value: value as string, until: asked + seconds * 900 } // of the last tenth some is spent on the way
}

/** By GET; a refresh token goes by POST, as OAuth 2 has it, and so does a password where GET is not known. */
async function askFor(transport: Transport, realm: URL, wish: TokenWish): Promise<Answer> {
  const { credentials } = wish
  if (credentials && 'identityToken' in credentials)
    return post(transport, realm, wish, { grant_type: 'refresh_token', refresh_token: credentials.identityToken })
  const answer = await get(transport, realm, wish)
  if (![404, 405].includes(answer.status) || !credentials || !('username' in credentials)) return answer
  answer.body.resume()
  return post(transport, realm, wish, { grant_type: 'password', ...credentials })
}
// #endregion token

function realmOf({ challenge, protocol }: TokenWish): URL {
  const { realm = '' } = challenge.parameters
  if (!URL.canParse(realm) || !/^https?:$/.test(new URL(realm).protocol))
    throw new RegistryError(`Cannot log in: the registry names ${JSON.stringify(realm)} for tokens, and that is no URL`)
  const url = new URL(realm)
  if (protocol === 'https:' && url.protocol !== 'https:')
    throw new RegistryError(`Cannot log in at "${url.href}": the registry speaks TLS, and this does not`)
  return url
}

function get(transport: Transport, realm: URL, { challenge, scopes, credentials }: TokenWish): Promise<Answer> {
  const url = new URL(realm)
  const { service } = challenge.parameters
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  const known = credentials && 'username' in credentials ? credentials : undefined
  if (known) url.searchParams.set('account', known.username)
  return follow(transport, {
    method: 'GET',
    url,
    headers: known ? { authorization: basic(known.username, known.password) } : {},
  })
}

function post(
  transport: Transport,
  url: URL,
  { challenge, scopes }: TokenWish,
  grant: Record<string, string>,
): Promise<Answer> {
  const { service = '' } = challenge.parameters
  const form = new URLSearchParams({ ...grant, service, client_id: CLIENT, scope: scopes.join(' ') })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return transport.send({ method: 'POST', url, headers, body: Buffer.from(form.toString()) })
}
