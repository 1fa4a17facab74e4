/** From an image's configuration to a container's: image-spec conversion.md. What somebody asks for goes before what the image says. */
import type { ImageConfig } from '../oci/image-config.ts'
import type { Accounts } from '../oci/user.ts'
import { homeOf, parseUser } from '../oci/user.ts'
import { defaultSpec, PATH, type Asked } from '../oci/defaults.ts'
import type { Mount, Spec } from '../oci/spec.ts'

export interface Execution extends Omit<Asked, 'args' | 'user' | 'rootfs'> {
  /** What follows the image's name. */
  args: readonly string[]
  /** One of nothing takes the image's away. */
  entrypoint?: string
  /** NAME=value. */
  env: readonly string[]
  user?: string
  workdir?: string
  terminal: boolean
  labels: Readonly<Record<string, string>>
}

// #region execution
/** @param accounts the image's own. @throws Error of what does not fit together. */
export function specOfImage(image: ImageConfig, wanted: Execution, accounts: Accounts): Spec {
  const { config = {} } = image
  const user = parseUser(wanted.user ?? (config.User || '0'), accounts)
  const spec = defaultSpec({ ...wanted, rootfs: 'rootfs', args: argsOf(config, wanted), user, namespaces: ['network'] })
  return {
    ...spec,
    process: {
      ...spec.process,
      terminal: wanted.terminal,
      cwd: directoryOf(wanted.workdir ?? (config.WorkingDir || '/')),
      env: variablesOf(config.Env ?? [], wanted, homeOf(user.uid, accounts)),
    },
    annotations: { ...annotationsOf(image), ...spec.annotations },
  }
}

/** An entrypoint of one's own is not given the image's arguments. */
function argsOf({ Entrypoint = [], Cmd = [] }: NonNullable<ImageConfig['config']>, wanted: Execution): string[] {
  const { entrypoint, args } = wanted
  const first = entrypoint === undefined ? Entrypoint : entrypoint === '' ? [] : [entrypoint]
  const all = [...first, ...(args.length > 0 || entrypoint !== undefined ? args : Cmd)]
  if (all.length > 0) return all
  throw new Error('Cannot run nothing: the image names no command, and none was given\n  Write one behind the name: sh')
}
// #endregion execution

// #region variables
/** The last one of a name counts. */
function variablesOf(own: readonly string[], { env, hostname, terminal }: Execution, home: string): string[] {
  const all = [PATH, `HOSTNAME=${hostname}`, ...(terminal ? ['TERM=xterm'] : []), `HOME=${home}`, ...own, ...env]
  return [...new Map(all.map((entry) => [entry.split('=')[0], entry])).values()]
}

/** Made by the box when it is not there, below its own root. */
function directoryOf(path: string): string {
  if (path.startsWith('/')) return path
  throw new Error(
    `Cannot work in "${path}": it does not begin with "/"\n  Write a path of the container: --workdir /srv`,
  )
}
// #endregion variables

// #region annotations
/** image-spec conversion.md §annotation-fields: a label of the same name goes before. */
function annotationsOf({
  os,
  architecture,
  created,
  author,
  config = {},
  ...more
}: ImageConfig): Record<string, string> {
  const name = (field: string): string => `org.opencontainers.image.${field}`
  const implied = {
    os,
    architecture,
    variant: more.variant,
    author,
    created,
    stopSignal: config.StopSignal,
    exposedPorts: Object.keys(config.ExposedPorts ?? {}).join(',') || undefined,
  }
  const known = Object.entries(implied).flatMap(([field, value]) => (value === undefined ? [] : [[name(field), value]]))
  return { ...(Object.fromEntries(known) as Record<string, string>), ...config.Labels }
}
// #endregion annotations

// #region volumes
/** Places that an image wants kept apart from it, where nobody has mounted anything: each gets a directory of its own, with what the image has there. */
export function anonymousVolumes({ config = {} }: ImageConfig, given: readonly Mount[], make: () => string): Mount[] {
  const places = Object.keys(config.Volumes ?? {}).map(volumeAt)
  const free = places.filter((place) => given.every(({ destination }) => destination !== place))
  return free.map((destination) => ({
    destination,
    type: 'bind',
    source: make(),
    options: ['rbind', 'rw', 'tmpcopyup'],
  }))
}

function volumeAt(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  if (path.startsWith('/') && names.length > 0 && !names.includes('..')) return `/${names.join('/')}`
  throw new Error(`Cannot make a volume at "${path}": it is no path in the container\n  The image says so: VOLUME`)
}
// #endregion volumes
