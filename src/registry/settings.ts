/**
 * Which registries this machine has: for names that do not say one, and instead of the ones that they say. Ours is registries.json; what Docker's daemon
 * and Podman have been told holds as well. Nothing is built in.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { readOrEmpty } from '../kernel/file.ts'
import { RegistryError } from './http/error.ts'
import type { Environment } from './http/proxies.ts'
import { readJsonFile } from './json-file.ts'
import { parseToml, type Table, type Value } from './toml.ts'

// #region settings
export interface Settings {
  /** Where a name without a host is looked for, in this order: `registry.example`, or with the beginning of a path. */
  search: string[]
  /** By host, or by the beginning of a name: `registry.example/team`. */
  registries: Record<string, RegistrySettings>
}

export interface RegistrySettings {
  /** Asked first, when something is pulled, in this order. */
  mirrors?: string[]
  /** Where it really is. */
  location?: string
  /** Plain HTTP will do, and so will a certificate that nobody vouches for. */
  insecure?: boolean
  /** Nothing may come from there. */
  blocked?: boolean
}

/** @throws RegistryError of a file that cannot be read. */
export function readSettings(environment: Environment, root = '/'): Settings {
  const { BOXWRIGHT_REGISTRY, XDG_CONFIG_HOME, HOME = homedir() } = environment
  const config = XDG_CONFIG_HOME ?? join(HOME, '.config')
  const etc = join(root, 'etc')
  const podman = [join(config, 'containers/registries.conf'), join(etc, 'containers/registries.conf')]
  return [
    { search: BOXWRIGHT_REGISTRY ? [BOXWRIGHT_REGISTRY] : [], registries: {} },
    ours(join(config, 'boxwright/registries.json')),
    ours(join(etc, 'boxwright/registries.json')),
    dockers(join(etc, 'docker/daemon.json')),
    podmans(podman.find((path) => readOrEmpty(path) !== '')),
  ].reduce(merge)
}
// #endregion settings

/** What was said first stands. */
const merge = (first: Settings, second: Settings): Settings => ({
  search: [...new Set([...first.search, ...second.search])],
  registries: { ...second.registries, ...first.registries },
})

function ours(path: string): Settings {
  const { search, registries } = readObject(path) as Partial<Settings>
  return { search: search ?? [], registries: registries ?? {} }
}

/** dockerd(8). A mirror of Docker's stands in for the registry of names that do not say one. */
function dockers(path: string): Settings {
  const file = readObject(path)
  const mirrors = texts(file['registry-mirrors'] as Value)
  const insecure = [
    ...texts(file['insecure-registries'] as Value),
    ...mirrors.filter((mirror) => mirror.startsWith('http:')),
  ]
  return {
    search: mirrors.map(withoutScheme),
    registries: Object.fromEntries(insecure.map((host) => [withoutScheme(host), { insecure: true }])),
  }
}

/** containers-registries.conf(5). */
function podmans(path: string | undefined): Settings {
  const file = path === undefined ? {} : parseToml(readOrEmpty(path))
  return {
    search: texts(file['unqualified-search-registries']),
    registries: Object.assign({}, ...tables(file['registry']).map(podmanEntries)) as Settings['registries'],
  }
}

function podmanEntries(table: Table): Settings['registries'] {
  const { location, prefix = location, insecure, blocked } = table
  const mirrors = tables(table['mirror'])
  const [name] = texts([prefix ?? []])
  if (name === undefined) return {}
  const own: RegistrySettings = {
    mirrors: texts(mirrors.map((mirror) => mirror['location'] ?? [])),
    ...(typeof location === 'string' && { location }),
    insecure: insecure === true,
    blocked: blocked === true,
  }
  const open = mirrors
    .filter((mirror) => mirror['insecure'] === true)
    .flatMap((mirror) => texts([mirror['location'] ?? []]))
  return { ...Object.fromEntries(open.map((mirror) => [mirror, { insecure: true }])), [name]: own }
}

const texts = (value: Value | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const tables = (value: Value | undefined): Table[] =>
  Array.isArray(value) ? value.filter((one): one is Table => typeof one === 'object' && !Array.isArray(one)) : []

const withoutScheme = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/$/, '')

const readObject = (path: string): Record<string, unknown> =>
  readJsonFile(path, (why) => `Cannot read the registries in "${path}": it is no JSON: ${why}`)

// #region places
/** @returns where a name is to be had: its mirrors first. @throws RegistryError of what is blocked. */
export function placesOf(settings: Settings, host: string, name: string): { host: string; name: string }[] {
  const whole = `${host}/${name}`
  const prefix = Object.keys(settings.registries)
    .filter((key) => whole === key || whole.startsWith(`${key}/`))
    .reduce((longest, key) => (key.length > longest.length ? key : longest), '')
  const { mirrors = [], location = prefix, blocked } = settings.registries[prefix] ?? {}
  if (blocked) throw new RegistryError(`Cannot reach "${whole}": registries.conf has it blocked`)
  if (prefix === '') return [{ host, name }]
  return [...mirrors, location].map((place) => split(`${withoutScheme(place)}${whole.slice(prefix.length)}`))
}
// #endregion places

function split(whole: string): { host: string; name: string } {
  const slash = whole.indexOf('/')
  return { host: whole.slice(0, slash), name: whole.slice(slash + 1) }
}

export const isInsecure = ({ registries }: Settings, host: string): boolean =>
  Object.entries(registries).some(([name, { insecure }]) => insecure === true && name.split('/')[0] === host)
