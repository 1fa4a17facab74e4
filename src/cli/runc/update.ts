/** `update`: limits from a file, as config.json has them, or one by one. */
import { readFileSync } from 'node:fs'
import { readJson } from '../../oci/json.ts'
import { parseBytes } from '../../oci/quantity.ts'
import { update as updateContainer } from '../../runtime/update.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { command } from './command.ts'
import type { Given, Options } from '../options/option.ts'

const LIMITS = {
  'blkio-weight': { value: 'WEIGHT', about: 'its share of disk time, from 10 to 1000' },
  'cpu-period': { value: 'MICROSECONDS', about: 'what a quota is of' },
  'cpu-quota': { value: 'MICROSECONDS', about: 'processor time in each period; -1 is no limit' },
  'cpu-burst': { value: 'MICROSECONDS', about: 'what may be saved up of it' },
  'cpu-share': { value: 'SHARES', about: 'its weight, when processors are scarce' },
  'cpu-rt-period': { value: 'MICROSECONDS', about: 'what a real-time quota is of' },
  'cpu-rt-runtime': { value: 'MICROSECONDS', about: 'real-time processor time in each period' },
  'cpu-idle': { value: '0|1', about: '1: only when nobody else wants to run' },
  'cpuset-cpus': { value: 'LIST', about: 'the processors that it may use, such as 0-2,4' },
  'cpuset-mems': { value: 'LIST', about: 'the memory nodes that it may use' },
  memory: { value: 'BYTES', about: '64m, 2g; -1 is no limit' },
  'memory-reservation': { value: 'BYTES', about: 'what it keeps, when memory is scarce' },
  'memory-swap': { value: 'BYTES', about: 'memory and swap together; -1 is no limit' },
  'kernel-memory': { value: 'BYTES', about: 'no kernel has that any more: it is not heeded' },
  'kernel-memory-tcp': { value: 'BYTES', about: 'the kernel’s memory for its network connections (version 1)' },
  'pids-limit': { value: 'N', about: 'how many processes and threads; -1 is no limit' },
} as const satisfies Options

type Name = keyof typeof LIMITS

// ts-unused-exports:disable-next-line
export const update = command({
  usage: '<container-id>',
  about: 'What is not named stays as it is; either all of it is in force afterwards, or none.',
  options: {
    resources: { short: 'r', value: 'FILE', about: '"linux.resources", as config.json has it; - is standard input' },
    ...LIMITS,
    'l3-cache-schema': { value: 'SCHEMA', about: 'its part of the cache: resctrl’s words' },
    'mem-bw-schema': { value: 'SCHEMA', about: 'its part of the memory’s bandwidth: resctrl’s words' },
  },
  words: [1, 1],
  run: ({ resources, ...given }, [id = ''], { settings }) => {
    const wish = resources === undefined ? wished(given) : resourcesIn(resources)
    const { 'l3-cache-schema': l3CacheSchema, 'mem-bw-schema': memBwSchema } = given
    return updateContainer(settings, id, wish, {
      ...(l3CacheSchema !== undefined && { l3CacheSchema }),
      ...(memBwSchema !== undefined && { memBwSchema }),
    })
  },
})

/** @throws Complaint when it is not there, or is no JSON. */
function resourcesIn(file: string): unknown {
  try {
    return readJson(readFileSync(file === '-' ? 0 : file, 'utf8'))
  } catch (cause) {
    throw new Complaint(`Cannot read the limits "${file}": ${(cause as Error).message}`, { cause })
  }
}

/** Where each of them stands in "linux.resources". */
const FIELDS: Readonly<Record<Name, readonly [group: string, field: string]>> = {
  'blkio-weight': ['blockIO', 'weight'],
  'cpu-period': ['cpu', 'period'],
  'cpu-quota': ['cpu', 'quota'],
  'cpu-burst': ['cpu', 'burst'],
  'cpu-share': ['cpu', 'shares'],
  'cpu-rt-period': ['cpu', 'realtimePeriod'],
  'cpu-rt-runtime': ['cpu', 'realtimeRuntime'],
  'cpu-idle': ['cpu', 'idle'],
  'cpuset-cpus': ['cpu', 'cpus'],
  'cpuset-mems': ['cpu', 'mems'],
  memory: ['memory', 'limit'],
  'memory-reservation': ['memory', 'reservation'],
  'memory-swap': ['memory', 'swap'],
  'kernel-memory': ['memory', 'kernel'],
  'kernel-memory-tcp': ['memory', 'kernelTCP'],
  'pids-limit': ['pids', 'limit'],
}

/** @returns "linux.resources" with what was given. @throws Complaint, or RangeError of a size, naming it. */
export function wished(given: Given<typeof LIMITS>): Record<string, Record<string, unknown>> {
  const wish: Record<string, Record<string, unknown>> = {}
  for (const name of Object.keys(FIELDS) as Name[]) {
    const text = given[name]
    if (text === undefined) continue
    const [group, field] = FIELDS[name]
    wish[group] = { ...wish[group], [field]: valueOf(name, text) }
  }
  return wish
}

function valueOf(name: Name, text: string): string | bigint {
  if (name.startsWith('cpuset')) return text
  if (/^-?\d+$/.test(text)) return BigInt(text)
  if (LIMITS[name].value === 'BYTES') return parseBytes(text, `--${name}`)
  throw new Complaint(`Cannot set --${name} to "${text}": it is not a whole number`)
}
