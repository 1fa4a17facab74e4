/**
 * `docker-credential-NAME get`: programs that keep secrets in a keyring, or get them from somewhere. The host goes in on standard input, JSON comes
 * out on standard output.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Credentials } from './account.ts'
import { RegistryError } from '../http/error.ts'
import type { Environment } from '../http/proxies.ts'

/** What a helper says where it has nothing, with a status of 1: a fact of the protocol. */
const NOTHING = /credentials not found/i

// #region helper
/** @returns nothing when it knows nobody there. @throws RegistryError when it cannot be run, or says something else. */
export async function askHelper(
  name: string,
  host: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${name}`
  if (!/^[\w.-]+$/.test(name))
    throw new RegistryError(`Cannot ask "${program}" for credentials: that is no program's name`)
  const { status, said } = await run(program, host, environment)
  if (status !== 0 && NOTHING.test(said)) return undefined
  const secret = status === 0 ? parse(said) : undefined
  if (secret === undefined)
    throw new RegistryError(
      `Cannot get credentials for "${host}" from ${program}: it ended with ${status}${status === 0 ? ' and no credentials' : `: ${said.trim()}`}`,
    )
  return secret.Username === '<token>'
    ? { identityToken: secret.Secret }
    : { username: secret.Username, password: secret.Secret }
}
// #endregion helper

/** Its standard error is the person's: it may ask for a password there. */
async function run(program: string, input: string, env: Environment): Promise<{ status: number; said: string }> {
  const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...env } })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.on('error', () => {}) // it need not read what it is told
  child.stdin.end(input)
  try {
    const [status] = (await once(child, 'close')) as [number | null]
    return { status: status ?? 128, said }
  } catch (cause) {
    throw new RegistryError(
      `Cannot ask "${program}" for credentials: ${(cause as Error).message}\n  Install it, or take it out of config.json`,
      { cause },
    )
  }
}

function parse(said: string): { Username: string; Secret: string } | undefined {
  try {
    const { Username, Secret } = JSON.parse(said) as Record<string, unknown>
    return typeof Username === 'string' && typeof Secret === 'string' ? { Username, Secret } : undefined
  } catch {
    return undefined
  }
}
