/**
 * A `config.json` that somebody else has written, as our spec: runtime-spec config.md, config-linux.md. What it leaves out has the specification's
 * own default; what we have no word for stays in it, for a wall that may have.
 */
import { defaultSpec } from './defaults.ts'
import { parseSeccomp } from './seccomp-file.ts'
import type { Device, Mount, Resources, Spec } from './spec.ts'

type Fields = Record<string, unknown>

export interface Place {
  /** Where the bundle lies: `root.path` may be relative to it. */
  directory: string
  /** In the place of the one that it names. */
  rootfs?: string
  /** The cgroup of a bundle that names none. */
  cgroupsPath: string
  hostname: string
}

/** What was read is no spec, or none that makes a box. */
export class NotAConfig extends Error {
  override readonly name = 'NotAConfig'
}

// #region config
/** @throws NotAConfig naming the first field without which there is no box, or that is not what the specification says. */
export function specOfConfig(config: unknown, place: Place): Spec {
  const { root, process, linux, mounts, annotations, ...rest } = fields(config, 'the spec')
  const { args, env, cwd, ...rights } = fields(process, 'process')
  const { namespaces, devices, resources, seccomp, cgroupsPath, ...limits } = fields(linux ?? {}, 'linux')
  const path = place.rootfs ?? text(fields(root ?? {}, 'root')['path'], 'root.path')
  const spec = {
    hostname: place.hostname,
    ...rest,
    annotations: fields(annotations ?? {}, 'annotations'),
    root: { ...fields(root ?? {}, 'root'), path: path.startsWith('/') ? path : `${place.directory}/${path}` },
    process: {
      ...rightsOf(rights),
      args: command(args),
      env: list(env, 'process.env'),
      cwd: text(cwd ?? '/', 'process.cwd'),
    },
    mounts: list(mounts, 'mounts').map(mountOf),
    linux: {
      uidMappings: [],
      gidMappings: [],
      ...limits,
      namespaces: list(namespaces, 'linux.namespaces').map((one) => fields(one, 'a namespace')),
      devices: [...DEFAULT_DEVICES, ...list(devices, 'linux.devices').map(deviceOf)],
      cgroupsPath: text(cgroupsPath ?? place.cgroupsPath, 'linux.cgroupsPath').replace(/^(?!\/)/, '/'),
      resources: resourcesOf(fields(resources ?? {}, 'linux.resources')),
      ...(seccomp !== undefined && { seccomp: profileOf(fields(seccomp, 'linux.seccomp')) }),
    },
  }
  return spec as unknown as Spec
}
// #endregion config

function fields(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new NotAConfig(`${name} is ${value === undefined ? 'missing' : 'no object'}`)
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new NotAConfig(`${name} is ${value === undefined ? 'missing' : 'no text'}`)
}

function list(value: unknown, name: string): unknown[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  throw new NotAConfig(`${name} is no list`)
}

function command(args: unknown): unknown[] {
  const words = list(args, 'process.args')
  if (words.length > 0 && words.every((word) => typeof word === 'string')) return words
  throw new NotAConfig('process.args names no command')
}

/** mount(8) says "bind" as an option as well; then it is of no type. */
function mountOf(value: unknown, n: number): Mount {
  const mount = fields(value, `mounts[${n}]`)
  const options = list(mount['options'], `mounts[${n}].options`) as string[]
  const bound = options.some((option) => option === 'bind' || option === 'rbind')
  const type = bound ? 'bind' : text(mount['type'] ?? 'none', `mounts[${n}].type`)
  const source = text(mount['source'] ?? type, `mounts[${n}].source`)
  return { ...mount, destination: text(mount['destination'], `mounts[${n}].destination`), type, source, options }
}

/** config-linux.md §default-devices: every box has them. */
const DEFAULT_DEVICES = defaultSpec({ id: '', rootfs: '', args: [] }).linux.devices

function deviceOf(value: unknown, n: number): Device {
  const { path, fileMode = 0o666, ...device } = fields(value, `linux.devices[${n}]`)
  return { ...device, path: text(path, `linux.devices[${n}].path`), mode: Number(fileMode) } as unknown as Device
}

/** config.md §linux-process: a set of capabilities that is left out is empty, and a label that is empty is none. */
function rightsOf({ capabilities, rlimits, ...rights }: Fields): Fields {
  return {
    ...Object.fromEntries(Object.entries(rights).filter(([, value]) => value !== '')),
    ...(capabilities !== undefined && { capabilities: setsOf(fields(capabilities, 'process.capabilities')) }),
    ...(rlimits !== undefined && { rlimits: bigints(list(rlimits, 'process.rlimits')) }),
  }
}

const SETS = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const

/** capabilities(7): what is not permitted and inheritable cannot be ambient, and the kernel refuses to try. */
function setsOf(sets: Fields): Fields {
  const all = Object.fromEntries(SETS.map((name) => [name, list(sets[name], `process.capabilities.${name}`)]))
  const { permitted = [], inheritable = [], ambient = [] } = all
  return { ...all, ambient: ambient.filter((name) => permitted.includes(name) && inheritable.includes(name)) }
}

/** Read as a profile from a file is, which refuses what it does not understand; what is about others than the filter stays as it is. */
function profileOf(seccomp: Fields): Fields {
  try {
    return { ...seccomp, ...parseSeccomp(JSON.stringify(seccomp), []) }
  } catch (error) {
    throw new NotAConfig(`linux.seccomp: ${(error as Error).message}`, { cause: error })
  }
}

/** 64-bit values are bigint here, and numbers in JSON. A limit below zero is none. */
function resourcesOf(resources: Fields): Resources {
  const counted = Object.entries(resources).map(([name, value]): [string, unknown] => [name, bigints(value)])
  const unlimited = ([name, value]: [string, unknown]): boolean =>
    ['memory', 'pids'].includes(name) && !(Number((value as Fields)['limit'] ?? -1) > 0)
  return Object.fromEntries(counted.filter((entry) => !unlimited(entry)))
}

const WIDE = ['limit', 'quota', 'period', 'rate', 'soft', 'hard']

function bigints(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bigints)
  if (typeof value !== 'object' || value === null) return value
  const wide = ([name, one]: [string, unknown]): [string, unknown] => [
    name,
    WIDE.includes(name) && Number.isInteger(one) ? BigInt(one as number) : bigints(one),
  ]
  return Object.fromEntries(Object.entries(value).map(wide))
}
