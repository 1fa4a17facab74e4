/** What is right in itself, and not together: most of it asks for something that only a namespace of the container's own can give. */
import { NotAConfig } from './rule.ts'
import type { IdMapping, Linux, Mount, NamespaceType, Process, Spec } from './spec.ts'

/** What a file has in it when every field in it is what it has to be. Whatever may be left out may be missing here. */
export interface Config extends Partial<Omit<Spec, 'root' | 'process' | 'mounts' | 'linux'>> {
  root: Spec['root']
  process?: Partial<Omit<Process, 'consoleSize'>> & { consoleSize?: Screen }
  mounts?: Given[]
  linux?: Partial<Linux>
}

export type Given = Partial<Mount> & Pick<Mount, 'destination'>

/** Of any size that 64 bits can say. */
interface Screen {
  height: bigint
  width: bigint
}

/** @returns the path of the field that does not go with the others, if there is one. */
type Ask = (config: Config) => string | undefined

// #region together
const RULES: [ask: Ask, fact: string, remedy: string][] = [
  [
    without('uts', 'hostname', 'domainname'),
    'is for a UTS namespace of its own, and the container has the one that it is made in',
    'Add { "type": "uts" } to linux.namespaces, or leave it out',
  ],
  [
    without('user', 'linux.uidMappings', 'linux.gidMappings'),
    'is for a user namespace, and the container has the one that it is made in',
    'Add { "type": "user" } to linux.namespaces, or leave it out',
  ],
  [
    (config) => (isNew(config, 'user') ? missing(config, 'linux.uidMappings', 'linux.gidMappings') : undefined),
    'is missing: in a new user namespace nobody has a number',
    'Say which numbers are which: [{ "containerID": 0, "hostID": 100000, "size": 65536 }]',
  ],
  [
    (config) => (isNew(config, 'time') ? undefined : present(config, 'linux.timeOffsets')),
    'is for a new time namespace: the clocks of one that is there already can not be set',
    'Add { "type": "time" } to linux.namespaces, or leave it out',
  ],
  [
    without('mount', 'linux.maskedPaths', 'linux.readonlyPaths', 'linux.rootfsPropagation'),
    'is for a mount namespace of its own, and would change the mounts of the host',
    'Add { "type": "mount" } to linux.namespaces, or leave it out',
  ],
  [
    without('network', 'linux.netDevices'),
    'is for a network namespace, and the container has the one that the devices are in',
    'Add { "type": "network" } to linux.namespaces, or leave it out',
  ],
  [
    nobody,
    'is a number that the user namespace does not have',
    'Add it to linux.uidMappings or linux.gidMappings, or take one of theirs',
  ],
  [
    unmapped,
    'has idmap in it, and there are no numbers for it',
    'Give the mount its own uidMappings and gidMappings, or the container a user namespace',
  ],
  [
    ({ process }) => (process?.terminal && isLarge(process.consoleSize) ? 'process.consoleSize' : undefined),
    'is larger than any terminal, which has up to 65535 rows and columns',
    'Leave it out, or say how large the terminal is',
  ],
]
// #endregion together

/** @throws NotAConfig */
export function together(config: Config): void {
  for (const [ask, fact, remedy] of RULES) {
    const field = ask(config)
    if (field !== undefined) throw new NotAConfig(field, fact, remedy)
  }
}

function without(type: NamespaceType, ...fields: string[]): Ask {
  return (config) => (namespaceOf(config, type) ? undefined : present(config, ...fields))
}

const namespaceOf = ({ linux }: Config, type: NamespaceType): { path?: string } | undefined =>
  linux?.namespaces?.find((one) => one.type === type)

function isNew(config: Config, type: NamespaceType): boolean {
  const namespace = namespaceOf(config, type)
  return namespace !== undefined && !namespace.path
}

const present = (config: Config, ...fields: string[]): string | undefined =>
  fields.find((field) => !isNothing(at(config, field)))

const missing = (config: Config, ...fields: string[]): string | undefined =>
  fields.find((field) => isNothing(at(config, field)))

const at = (config: Config, field: string): unknown =>
  field.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], config)

/** Whoever asks for nothing may do so anywhere. */
const isNothing = (value: unknown): boolean =>
  value === undefined || value === '' || (typeof value === 'object' && Object.keys(value ?? {}).length === 0)

function nobody(config: Config): string | undefined {
  const { uidMappings = [], gidMappings = [] } = config.linux ?? {}
  const user = config.process?.user
  if (!isNew(config, 'user') || !user) return undefined
  if (!has(uidMappings, user.uid)) return 'process.user.uid'
  if (!has(gidMappings, user.gid)) return 'process.user.gid'
  const more = (user.additionalGids ?? []).findIndex((gid) => !has(gidMappings, gid))
  return more < 0 ? undefined : `process.user.additionalGids[${more}]`
}

/** Who is not said is root. */
const has = (mappings: readonly IdMapping[], id = 0): boolean =>
  mappings.some(({ containerID, size }) => id >= containerID && id < containerID + size)

function unmapped(config: Config): string | undefined {
  const isMapped = ({ options = [], uidMappings = [] }: Partial<Mount>): boolean =>
    !options.some((option) => option === 'idmap' || option === 'ridmap') || uidMappings.length > 0
  const found = (config.mounts ?? []).findIndex((mount) => !isMapped(mount))
  return found < 0 || namespaceOf(config, 'user') ? undefined : `mounts[${found}].options`
}

const isLarge = (screen?: Screen): boolean => screen !== undefined && (screen.height > 0xffff || screen.width > 0xffff)
