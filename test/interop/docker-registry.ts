/** Debian's docker-registry: with accounts of its own, or with tokens that somebody else signs; by plain HTTP or by TLS. */
import { execFileSync } from 'node:child_process'
import { randomUUID, sign } from 'node:crypto'
import * as fs from 'node:fs'
import { createServer, type Server } from 'node:http'
import { basic } from '../../src/registry/http/proxies.ts'
import { Daemon, ran } from './ground.ts'

export const HOST = '127.0.0.1:5000'
export const USER = 'alice'
export const PASSWORD = 'secret'

const TOKENS = '127.0.0.1:5001'
const [CERTIFICATE, KEY] = ['/tmp/registry.crt', '/tmp/registry.key']

/** JSON is YAML. */
const HTPASSWD = { htpasswd: { realm: 'test', path: '/tmp/htpasswd' } }
export const TOKEN = {
  token: { realm: `http://${TOKENS}/token`, service: 'a registry', issuer: 'tests', rootcertbundle: CERTIFICATE },
}

export async function dockerRegistry({
  auth = HTPASSWD,
  tls = false,
}: { auth?: object; tls?: boolean } = {}): Promise<Daemon> {
  fs.writeFileSync('/tmp/htpasswd', `${USER}:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n`)
  const storage = { filesystem: { rootdirectory: fs.mkdtempSync('/tmp/docker-registry-') }, delete: { enabled: true } }
  const http = { addr: HOST, ...(tls && { tls: { certificate: CERTIFICATE, key: KEY } }) }
  fs.writeFileSync('/tmp/registry.yml', JSON.stringify({ version: '0.1', storage, http, auth }))
  const daemon = new Daemon('docker-registry', 'serve', '/tmp/registry.yml')
  const url = `${tls ? 'https' : 'http'}://${HOST}/v2/`
  return daemon.up(
    async () => (await ran(['curl', '-ks', '-o', '/dev/null', '-w', '%{http_code}', url])).stdout === '401',
  )
}

/** An authority that vouches for itself: for the registry's name, and for whoever signs its tokens. */
export function makeCertificate(): string {
  const [kind, names] = ['-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', ...kind.split(' '), '-keyout', KEY, '-out', CERTIFICATE, '-addext', names], {
    stdio: 'pipe',
  })
  return CERTIFICATE
}

interface Tokens extends AsyncDisposable {
  /** Who has asked for what. */
  asked: string[]
}

/** Who gives out tokens: all that they want to those who have an account, and to everybody what is below `public/`, to read. */
export async function tokens(): Promise<Tokens> {
  const asked: string[] = []
  const server = createServer(({ url = '', headers: { authorization } }, response) => {
    const scopes = new URL(url, `http://${TOKENS}`).searchParams.getAll('scope')
    const isKnown = authorization === basic(USER, PASSWORD)
    asked.push(`${isKnown ? USER : 'nobody'} ${scopes.join(' ')}`)
    if (authorization !== undefined && !isKnown) response.writeHead(401).end('{}')
    else
      response.end(JSON.stringify({ token: signed(scopes.map((scope) => granted(scope, isKnown))), expires_in: 300 }))
  })
  await new Promise<void>((resolve) => server.listen(5001, '127.0.0.1', resolve))
  return { asked, [Symbol.asyncDispose]: () => closed(server) }
}

function granted(scope: string, isKnown: boolean): object {
  const [type = '', name = '', actions = ''] = scope.split(':')
  const isPublic = name.startsWith('public/')
  return { type, name, actions: actions.split(',').filter((action) => isKnown || (isPublic && action === 'pull')) }
}

/** RFC 7519; distribution, "Docker Registry v2 Bearer token specification". The certificate goes along, as RFC 7515 §4.1.6 has it. */
function signed(access: readonly object[]): string {
  const certificate = fs.readFileSync(CERTIFICATE, 'utf8').replaceAll(/-----.*-----|\n/g, '')
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: 'tests',
    aud: 'a registry',
    sub: USER,
    iat: now,
    nbf: now - 10,
    exp: now + 300,
    jti: randomUUID(),
    access,
  }
  const parts = [{ typ: 'JWT', alg: 'RS256', x5c: [certificate] }, claims]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('sha256', Buffer.from(text), fs.readFileSync(KEY)).toString('base64url')}`
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
