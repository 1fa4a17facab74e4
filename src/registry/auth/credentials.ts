/**
 * Who we are at a registry: what `docker login` and `podman login` have left. Docker's config.json and Podman's auth.json are the same document, but
 * that the latter has repositories as well as hosts; either may leave the secret itself to a program (credential-helper.ts).
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readJsonFile } from '../json-file.ts'
import { askHelper } from './credential-helper.ts'
import type { Credentials } from './account.ts'
import type { Environment } from '../http/proxies.ts'

/** Who is asked for a host's credentials. @param name of the repository, `team/app`. */
export type CredentialsOf = (host: string, name: string) => Promise<Credentials | undefined>

interface File {
  auths?: Record<string, Entry>
  credsStore?: string
  credHelpers?: Record<string, string>
}

interface Entry {
  auth?: string
  username?: string
  password?: string
  identitytoken?: string
  registrytoken?: string
}

/** The first that knows the host is believed. */
export function credentialFiles(environment: Environment): string[] {
  const { HOME = homedir(), DOCKER_CONFIG, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, XDG_CONFIG_HOME } = environment
  return [
    ...(REGISTRY_AUTH_FILE ? [REGISTRY_AUTH_FILE] : []),
    join(DOCKER_CONFIG ?? join(HOME, '.docker'), 'config.json'),
    join(XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`, 'containers/auth.json'),
    ...(process.getuid?.() === 0 ? ['/run/containers/0/auth.json'] : []),
    join(XDG_CONFIG_HOME ?? join(HOME, '.config'), 'containers/auth.json'),
  ]
}

// #region credentials
/** @throws RegistryError of a file that cannot be read, and of a helper that cannot be run. */
export function credentialsFrom(files: readonly string[], environment: Environment): CredentialsOf {
  return async (host, name) => {
    for (const path of files) {
      const found = await lookUp(readFile(path), { host, name, environment })
      if (found) return found
    }
    return undefined
  }
}

/** The nearest first: `registry.example/team/app`, `registry.example/team`, `registry.example`. */
async function lookUp(file: File, { host, name, environment }: Wanted): Promise<Credentials | undefined> {
  for (const place of placesAbove(`${host}/${name}`)) {
    const helper = entryOf(file.credHelpers, place) ?? (place === host ? file.credsStore : undefined)
    const found = helper ? await askHelper(helper, place, environment) : undefined
    const own = found ?? credentialsOf(entryOf(file.auths, place))
    if (own) return own
  }
  return undefined
}
// #endregion credentials

interface Wanted {
  host: string
  name: string
  environment: Environment
}

const placesAbove = (place: string): string[] =>
  place.includes('/') ? [place, ...placesAbove(place.slice(0, place.lastIndexOf('/')))] : [place]

/** Old files have `https://HOST/v1/`. */
const entryOf = <T>(entries: Record<string, T> = {}, place: string): T | undefined =>
  Object.entries(entries).find(([key]) => key.replace(/^https?:\/\//, '').replace(/(\/v[12])?\/*$/, '') === place)?.[1]

/** An empty entry says that a helper knows. */
function credentialsOf(entry: Entry = {}): Credentials | undefined {
  if (entry.registrytoken) return { registryToken: entry.registrytoken }
  if (entry.identitytoken) return { identityToken: entry.identitytoken }
  const [, username = entry.username, password = entry.password] =
    /^([^:]*):(.*?)\0*$/s.exec(Buffer.from(entry.auth ?? '', 'base64').toString()) ?? []
  return username && password !== undefined ? { username, password } : undefined
}

const readFile = (path: string): File =>
  readJsonFile<File>(path, () => `Cannot read the credentials in "${path}": it is no JSON\n  Mend it, or log in anew`)
