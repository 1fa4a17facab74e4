/**
 * A registry may send us on to where its blobs are. What it must not be able to do is to have us show its credentials, or a token, to somebody else:
 * distribution-spec, "API". RFC 9110 §15.4.
 */
import { RegistryError } from './error.ts'
import type { Answer, Ask, Transport } from './transport.ts'

const MOST = 5

// #region follow
/** @throws RegistryError when it would never end, or would leave TLS. */
export async function follow(transport: Transport, first: Ask): Promise<Answer> {
  let ask = first
  for (let n = 0; n <= MOST; n += 1) {
    const answer = await transport.send(ask)
    const location = whereTo(answer, ask)
    if (location === undefined) return answer
    answer.body.resume()
    const url = new URL(location, ask.url)
    if (ask.url.protocol === 'https:' && url.protocol !== 'https:')
      throw new RegistryError(
        `Cannot go on to "${url.href}": ${ask.url.host} speaks TLS, and would send us away from it`,
      )
    ask = { ...ask, url, headers: url.host === ask.url.host ? (ask.headers ?? {}) : forStrangers(ask.headers) }
  }
  throw new RegistryError(`Cannot get "${first.url.href}": it was redirected more than ${MOST} times`)
}
// #endregion follow

/** 303 and, of old, 301 and 302 turn everything into a GET: of an upload that would be a lie. */
function whereTo({ status, headers: { location } }: Answer, { method }: Ask): string | undefined {
  const isRead = method === 'GET' || method === 'HEAD'
  return [307, 308, ...(isRead ? [301, 302, 303] : [])].includes(status) ? location : undefined
}

/** Who we are is nobody else's business. A range, and what we accept, are. */
function forStrangers(headers: Ask['headers'] = {}): Record<string, string> {
  const { authorization: _, ...rest } = headers
  return rest
}
