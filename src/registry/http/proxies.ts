/** HTTP_PROXY, HTTPS_PROXY, NO_PROXY: by which machine requests go out, as curl(1) and Go's programs read them. */
import { request } from 'node:http'
import { isIP, type Socket } from 'node:net'
import { contains, parseCidr } from '../../kernel/address.ts'
import { RegistryError } from './error.ts'

export type Environment = Readonly<Record<string, string | undefined>>

// #region proxy
/** @returns nothing for what is asked directly. This machine always is. */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = either(environment, variable)
  const direct = either(environment, 'NO_PROXY').split(/[\s,]+/)
  if (proxy === '' || isLoopback(url.hostname) || direct.some((one) => covers(one, url))) return undefined
  return new URL(proxy.includes('://') ? proxy : `http://${proxy}`)
}
// #endregion proxy

const either = (environment: Environment, name: string): string =>
  environment[name.toLowerCase()] ?? environment[name] ?? ''

/** RFC 6761 §6.3 for the name. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '')
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127(\.\d+){3}$/.test(host)
}

/** `example.org` and what is below it, `10.0.0.0/8`, `registry.example:5000`, `*`. */
function covers(pattern: string, url: URL): boolean {
  if (pattern === '*') return true
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(pattern.replace(/^\*?\./, '')) ?? []
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && pattern.includes('/')) return isWithin(pattern, host)
  if (name === '' || (port !== undefined && port !== portOf(url))) return false
  return host === name || host.endsWith(`.${name}`)
}

function isWithin(subnet: string, host: string): boolean {
  try {
    return contains(parseCidr(subnet), host)
  } catch {
    return false // no subnet: some write paths in there
  }
}

const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')

/** RFC 7617, when the proxy's URL has a name and a password. */
export const proxyHeaders = (proxy: URL): Record<string, string> =>
  proxy.username === ''
    ? {}
    : { 'proxy-authorization': basic(decodeURIComponent(proxy.username), decodeURIComponent(proxy.password)) }

export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

// #region tunnel
/** CONNECT, RFC 9110 §9.3.6: the proxy hands bytes on and cannot read them. */
export function tunnel(proxy: URL, url: URL): Promise<Socket> {
  const path = `${url.hostname}:${portOf(url)}`
  const headers = { host: path, ...proxyHeaders(proxy) }
  return new Promise((resolve, reject) => {
    const asked = request({ method: 'CONNECT', ...addressOf(proxy), path, headers })
    asked.on('error', reject)
    asked.on('connect', ({ statusCode: status }, socket) => {
      if (status === 200) {
        resolve(socket)
        return
      }
      socket.destroy()
      reject(
        new RegistryError(`Cannot reach "${url.host}": the proxy ${proxy.host} says ${String(status)}`, { status }),
      )
    })
    asked.end()
  })
}
// #endregion tunnel

/** What connect(2) wants. RFC 3986 §3.2.2 has brackets around IPv6. */
export const addressOf = (url: URL): { host: string; port: string } => ({
  host: url.hostname.replace(/^\[|\]$/g, ''),
  port: portOf(url),
})
