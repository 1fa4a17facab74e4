/**
 * Whom a registry's certificate has to be vouched for by, and who we say we are: directories named for a host, as Docker and Podman have them.
 * `certs.d/registry.example:5000/` holds `*.crt`, authorities; `client.cert` and `client.key`, ours. Both are read from all directories there are.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { RegistryError } from './error.ts'
import type { Environment } from './proxies.ts'

/** Named as node:tls names them. */
export interface Trust {
  ca?: string[]
  cert?: string[]
  key?: string[]
}

/** The last ones are looked at first. */
export const trustDirectories = (environment: Environment): string[] => [
  '/etc/docker/certs.d',
  '/etc/containers/certs.d',
  '/etc/boxwright/certs.d',
  join(environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? homedir(), '.config'), 'boxwright/certs.d'),
]

// #region trust
/** @param host with its port, if it has been written with one. @throws RegistryError of a certificate without its key. */
export function readTrust(directories: readonly string[], host: string): Trust {
  const files = directories.map((directory) => join(directory, host)).flatMap(filesIn)
  const ca = files.filter((file) => file.endsWith('.crt'))
  const cert = files.filter((file) => file.endsWith('.cert'))
  const key = cert.map((file) => keyOf(file))
  return {
    ...(ca.length > 0 && { ca: [...rootCertificates, ...ca.map(read)] }),
    ...(cert.length > 0 && { cert: cert.map(read), key: key.map(read) }),
  }
}
// #endregion trust

const filesIn = (directory: string): string[] =>
  existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : []

function keyOf(cert: string): string {
  const key = cert.replace(/\.cert$/, '.key')
  if (existsSync(key)) return key
  throw new RegistryError(`Cannot use the certificate "${cert}": its key is missing\n  It has to be in ${key}`)
}

const read = (file: string): string => readFileSync(file, 'utf8')
