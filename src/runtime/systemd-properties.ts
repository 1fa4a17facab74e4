/**
 * A container's limits as properties of its unit, as runC maps them: systemd.resource-control(5). What systemd has no property for is written to the
 * cgroup's files all the same; what it has one for it would otherwise put back when it is reloaded.
 */
import { parseCpuList } from '../box/container/cpu-list.ts'
import { deviceList, EVERYBODYS, type Exception } from '../box/container/device-list.ts'
import { perSecondOf, swapAlone, weightOfShares } from '../box/container/resource-weights.ts'
import type { Resources } from '../oci/resources.ts'
import type { Value, Variant } from './dbus-wire.ts'

export type Property = [name: string, value: Variant]

/** `infinity`. */
const MOST = (1n << 64n) - 1n

const property = (name: string, signature: string, value: Value | undefined): Property[] =>
  value === undefined ? [] : [[name, { signature, value }]]

// #region properties
/** @param version of systemd: some properties are younger than others. @param isV2 version 1 had other names for some. */
export const limitProperties = (resources: Resources, version: number, isV2: boolean): Property[] => [
  ...memory(resources, isV2),
  ...cpu(resources, version, isV2),
  ...property('TasksMax', 't', tasks(resources.pids?.limit)),
  ...property('BlockIOWeight', 't', isV2 ? undefined : resources.blockIO?.weight),
  ...devices(resources),
]
// #endregion properties

const unlimited = (value: bigint | undefined): bigint | undefined =>
  value === undefined || value === 0n ? undefined : value < 0n ? MOST : value

/** systemd takes no 0 here, which is no limit to runC. */
const tasks = (limit: bigint | undefined): bigint | undefined => unlimited(limit)

function memory({ memory: { limit, reservation, swap } = {} }: Resources, isV2: boolean): Property[] {
  if (!isV2) return property('MemoryLimit', 't', unlimited(limit))
  const alone = swapAlone(limit, swap)
  return [
    ...property('MemoryMax', 't', unlimited(limit)),
    ...property('MemoryLow', 't', unlimited(reservation)),
    ...property('MemorySwapMax', 't', alone === undefined || alone >= 0n ? alone : MOST),
  ]
}

/** Idle has no property of its own: since version 252 it is a weight of 0. */
function cpu({ cpu = {} }: Resources, version: number, isV2: boolean): Property[] {
  const { shares, idle, cpus, mems } = cpu
  const weight = idle === 1 && version >= 252 ? 0n : shares ? weightOfShares(shares) : undefined
  return [
    ...(isV2 ? property('CPUWeight', 't', weight) : property('CPUShares', 't', shares || undefined)),
    ...quota(cpu, version),
    ...property('AllowedCPUs', 'ay', cpus && version >= 244 ? bitsOf(cpus) : undefined),
    ...property('AllowedMemoryNodes', 'ay', mems && version >= 244 ? bitsOf(mems) : undefined),
  ]
}

// #region quota
function quota({ quota = 0n, period = 0n }: NonNullable<Resources['cpu']>, version: number): Property[] {
  if (quota === 0n && period === 0n) return []
  const perSecond = quota > 0n ? perSecondOf(quota, period) : MOST
  return [
    ...property('CPUQuotaPeriodUSec', 't', period !== 0n && version >= 242 ? period : undefined),
    ...property('CPUQuotaPerSecUSec', 't', perSecond),
  ]
}

// #endregion quota

/** A bit for each number, the lowest first. */
function bitsOf(list: string): number[] {
  const numbers = parseCpuList(list)
  const bytes = new Array<number>((Math.max(-1, ...numbers) >> 3) + 1).fill(0)
  for (const number of numbers) bytes[number >> 3] = (bytes[number >> 3] ?? 0) | (1 << (number & 7))
  return bytes
}

// #region devices
/** An empty list first, to forget what was there. systemd knows no list of exceptions to "all"; for that our own list follows. */
function devices({ devices: rules }: Resources): Property[] {
  const { allow, exceptions } = deviceList([...(rules ?? []), ...EVERYBODYS])
  const none = property('DeviceAllow', 'a(ss)', [])
  if (allow) return [...none, ...property('DevicePolicy', 's', exceptions.length === 0 ? 'auto' : 'strict')]
  const allowed = exceptions.flatMap((exception): Value[] => {
    const path = pathOf(exception)
    return path === undefined ? [] : [[path, exception.access]]
  })
  return [...none, ...property('DevicePolicy', 's', 'strict'), ...property('DeviceAllow', 'a(ss)', allowed)]
}

/** Any device of one minor number alone cannot be named. */
function pathOf({ type, major, minor }: Exception): string | undefined {
  const kind = type === 'b' ? 'block' : 'char'
  if (major === undefined) return minor === undefined ? `${kind}-*` : undefined
  return minor === undefined ? `${kind}-${major}` : `/dev/${kind}/${major}:${minor}`
}
// #endregion devices

export const ANNOTATION = 'org.systemd.property.'

// #region annotations
/** `org.systemd.property.TimeoutStopUSec: "uint64 5000000"`: whatever else a unit may have. runC and crun read them so. @throws RangeError */
export function annotatedProperties(annotations: Readonly<Record<string, string>>): Property[] {
  return Object.entries(annotations)
    .filter(([name]) => name.startsWith(ANNOTATION))
    .flatMap(([name, text]) => {
      const isSeconds = /Sec$/.test(name) && !/USec$/.test(name)
      const variant = variantOf(text, name)
      const value = isSeconds ? { signature: 't', value: BigInt(Math.round(Number(variant.value) * 1e6)) } : variant
      return [[name.slice(ANNOTATION.length).replace(/(?<!U)Sec$/, 'USec'), value] as Property]
    })
}

/** GVariant's text format, as far as properties of one word go. */
function variantOf(text: string, name: string): Variant {
  const [, quoted] = /^(?:'([^']*)'|"[^"]*")$/.exec(text) ? [text, text.slice(1, -1)] : []
  if (quoted !== undefined) return { signature: 's', value: quoted }
  if (text === 'true' || text === 'false') return { signature: 'b', value: text === 'true' }
  const [, type = 'int32', digits] = /^(?:(byte|u?int16|u?int32|u?int64) )?(-?\d+)$/.exec(text) ?? []
  if (digits !== undefined) return { signature: NUMBERS[type] ?? 'i', value: BigInt(digits) }
  throw new RangeError(
    `Cannot set "${name}" to "${text}": it is no value that systemd is known to take\n  Write a text in quotes, true, false or a number such as uint64 5`,
  )
}
// #endregion annotations

const NUMBERS: Record<string, string> = {
  ...{ byte: 'y', int16: 'n', uint16: 'q', int32: 'i', uint32: 'u', int64: 'x', uint64: 't' },
}
