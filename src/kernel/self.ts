/** What we may ourselves: whoever makes a box can give it no more. proc_pid_status(5), proc_pid_limits(5). */
import { existsSync, readdirSync, readFileSync } from 'node:fs'

export interface Self {
  /** As bits: what we could pass on, and what we may do at once. capabilities(7). */
  bounding: bigint
  effective: bigint
  /** Hard limits, by number; -1 is none: getrlimit(2). */
  limits: readonly bigint[]
  oomScoreAdj: number
  /** Whether groups may be changed in the user namespace that we are in: user_namespaces(7). */
  mayChangeGroups: boolean
  /** Nodes of memory, as the kernel lists them; nothing where it was built without. */
  nodes?: string
  /** Groups of resctrl, where that is mounted, and their schemata. */
  resctrl?: Readonly<Record<string, string>>
}

export const RESCTRL = '/sys/fs/resctrl'

// #region self
export function readSelf(): Self {
  const status = read('/proc/self/status')
  const bits = (name: string): bigint => BigInt(`0x${new RegExp(`^${name}:\\s*(\\w+)`, 'm').exec(status)?.[1] ?? '0'}`)
  const nodes = '/sys/devices/system/node/online'
  return {
    bounding: bits('CapBnd') & bits('CapPrm'),
    effective: bits('CapEff'),
    limits: hardLimits(read('/proc/self/limits')),
    oomScoreAdj: Number(read('/proc/self/oom_score_adj')),
    mayChangeGroups: read('/proc/self/setgroups').startsWith('allow'),
    ...(existsSync(nodes) && { nodes: read(nodes).trim() }),
    ...(existsSync(`${RESCTRL}/schemata`) && { resctrl: readGroups() }),
  }
}
// #endregion self

/** The table is in the order of the numbers; a name, the soft limit and the hard one take 26, 21 and 21 characters. */
export const hardLimits = (table: string): bigint[] =>
  table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.slice(47, 67).trim())
    .map((limit) => (limit === 'unlimited' ? -1n : BigInt(limit)))

const read = (path: string): string => readFileSync(path, 'utf8')

/** The kernel's own directories there are no groups. */
function readGroups(): Record<string, string> {
  const names = readdirSync(RESCTRL).filter((name) => existsSync(`${RESCTRL}/${name}/schemata`))
  return Object.fromEntries(names.map((name) => [name, read(`${RESCTRL}/${name}/schemata`)]))
}
