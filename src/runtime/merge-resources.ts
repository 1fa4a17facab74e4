/** What `update` is asked, put into what a container has: as runC does, field by field; of devices, by their numbers. */
import type { BlockIO, Resources } from '../oci/resources.ts'

// #region merged
/** Device rules stay as they are: others than we, such as who gives a container its GPU, add theirs. */
export function merged(before: Resources, asked: Resources): Resources {
  const wish = meant(asked)
  const after: Resources = {
    ...before,
    ...joined('memory', before, wish),
    ...joined('cpu', before, wish),
    ...joined('pids', before, wish),
    ...joined('network', before, wish),
    ...joined('rdma', before, wish),
    ...joined('unified', before, wish),
    ...(wish.blockIO && { blockIO: blockIOOf(before.blockIO ?? {}, wish.blockIO) }),
    ...(wish.hugepageLimits && {
      hugepageLimits: upserted(before.hugepageLimits ?? [], wish.hugepageLimits, ({ pageSize }) => pageSize),
    }),
  }
  return wish.memory?.limit === -1n && wish.memory.swap === undefined ? withoutSwap(after) : after
}
// #endregion merged

type Group = 'memory' | 'cpu' | 'pids' | 'network' | 'rdma' | 'unified'

const joined = (name: Group, before: Resources, wish: Resources): Resources =>
  wish[name] ? { [name]: { ...before[name], ...wish[name] } } : {}

/** No limit on memory is none on both, as version 1 has it. */
function withoutSwap({ memory, ...resources }: Resources): Resources {
  const { swap: _, ...rest } = memory ?? {}
  return { ...resources, memory: rest }
}

/** Whoever has nothing to say about a limit may write 0. Idle, burst and swappiness may well be. */
function meant(asked: Resources): Resources {
  const isMeant = ([name, value]: [string, unknown]): boolean =>
    !(value === 0n || value === '') || ['burst', 'idle', 'swappiness'].includes(name)
  const some = (group: object | undefined): object => Object.fromEntries(Object.entries(group ?? {}).filter(isMeant))
  return {
    ...asked,
    ...(asked.memory && { memory: some(asked.memory) }),
    ...(asked.cpu && { cpu: some(asked.cpu) }),
    ...(asked.pids && { pids: some(asked.pids) as { limit: bigint } }),
  }
}

interface Numbered {
  major: number
  minor: number
}

const byNumbers = ({ major, minor }: Numbered): string => `${major}:${minor}`

function blockIOOf(before: BlockIO, wish: BlockIO): BlockIO {
  const lists = Object.entries(wish as object).filter((entry): entry is [string, Numbered[]] => Array.isArray(entry[1]))
  const old = (name: string): Numbered[] => (before[name as keyof BlockIO] ?? []) as Numbered[]
  const together: Partial<BlockIO> = Object.fromEntries(
    lists.map(([name, list]) => [name, upserted(old(name), list, byNumbers)]),
  )
  return { ...before, ...wish, ...together }
}

/** The later one of a name wins, field by field, in the earlier one's place. */
function upserted<One extends object>(before: readonly One[], wish: readonly One[], name: (one: One) => string): One[] {
  const all = new Map<string, One>()
  for (const one of [...before, ...wish]) all.set(name(one), { ...all.get(name(one)), ...one })
  return [...all.values()]
}

/** The names of what is asked, as limits have them: `memory.limit`. */
export function wishedFields(asked: Resources): Set<string> {
  const groups = Object.entries(meant(asked)).filter(([name]) => name !== 'devices')
  return new Set(
    groups.flatMap(([group, wish]: [string, unknown]) => {
      if (Array.isArray(wish)) return wish.map((one: { pageSize?: string }) => `${group}.${one.pageSize ?? ''}`)
      return Object.keys(wish as object).map((field) => `${group}.${field}`)
    }),
  )
}
