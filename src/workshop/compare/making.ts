/** Of all that a runtime did until the command ran, what made the box: in order, first outside of the box, then on the way into it. */
import { BASE } from '../../oci/defaults.ts'
import { childOf, familyOf, type Family } from './family.ts'
import { Places, TREE } from './places.ts'
import type { Traced } from './trace.ts'
import { VOCABULARY, type Asked, type Written } from './vocabulary.ts'

/** What is the traced run's own, and has to be called the same on both sides. */
export interface Run {
  args: readonly string[]
  /** Without links. */
  rootfs: string
  id: string
  /** Where the runtime keeps its own files. */
  state: string
}

export interface Made {
  lane: 'host' | 'box'
  /** `mkdir(/dev/pts, 0755)`. */
  text: string
  /** What the call is about: its name, and what it changes. */
  subject: string
  /** How many calls in a row differ only in what `text` leaves out. */
  times: number
}

export interface Making {
  made: Made[]
  /** All calls until the command runs, whatever for. */
  calls: number
  processes: number
  threads: number
}

// #region making
/** @throws Error when the command was not become: then there is no box. */
export function makingOf(trace: readonly Traced[], run: Run): Making {
  const last = trace.findLastIndex((call) => isCommand(call, run.args))
  const command = trace[last]
  if (!command) throw new Error(`Cannot find "${run.args.join(' ')}" in the trace: it was not started`)
  const calls = trace.slice(0, last + 1)
  const family = familyOf(calls, command.pid)
  const made = calls.map(reader(family, run)).filter((row) => row !== undefined)
  const inOrder = made.sort((one, other) => one.depth - other.depth)
  const threads = new Set(calls.map(({ pid }) => pid)).size
  return { made: joined(inOrder), calls: calls.length, processes: family.processes, threads }
}
// #endregion making

const isCommand = ({ call, args, error }: Traced, command: readonly string[]): boolean =>
  call === 'execve' && error === undefined && args[1] === `[${command.map((arg) => JSON.stringify(arg)).join(', ')}]`

interface Row extends Made {
  depth: number
  row: string | undefined
}

// #region read
/** Goes through the calls one by one, since what a path means stands in the calls before. */
function reader(family: Family, run: Run): (call: Traced, n: number) => Row | undefined {
  const standing = new Map<number, Places>()
  const placesOf = (process: number): Places => {
    const mother = family.bornBy(process)
    const places = standing.get(process) ?? new Places(mother === undefined ? undefined : standing.get(mother))
    standing.set(process, places)
    return places
  }
  return (call, n) => {
    const process = family.processOf(call.pid)
    const places = placesOf(process)
    const lookedUp = isLookedUp(places, call)
    const written = call.error === undefined && n > 0 && !lookedUp ? said(call, places, family, run) : undefined
    if (call.error === undefined) places.follow(call)
    const [lane, depth] = [family.isInside(process) ? ('box' as const) : ('host' as const), family.depth(process)]
    return written && { lane, depth, row: written.row, times: 1, ...shown(written) }
  }
}
// #endregion read

/** Our launcher names a mount point by its descriptor, from inside of the directory of descriptors, and comes back. */
const isLookedUp = (places: Places, { call, args }: Traced): boolean =>
  call === 'fchdir' && [places.cwd, places.descriptor(args[0])].some((path) => /^\/proc\/\d+\/fd$/.test(path))

/** A birth counts where it makes namespaces, or where the child is on the way into the box. */
function said(call: Traced, places: Places, family: Family, run: Run): Written | undefined {
  const process = family.processOf(call.pid)
  const inside = family.isInside(process)
  const asked: Asked = {
    args: call.args,
    places,
    inside,
    show: (path) => named(path, family, run, inside),
    isInBox: (path) => places.rooted || `${path}/`.startsWith(`${run.rootfs}/`),
  }
  const written = Object.hasOwn(VOCABULARY, call.call) ? VOCABULARY[call.call]?.(asked) : undefined
  return written?.name === 'clone' && written.args[0] === '0' && !bearsInside(call, family) ? undefined : written
}

const bearsInside = (call: Traced, family: Family): boolean => family.isInside(childOf(call) ?? 0)

// #region named
/** What is another one in each run – the root file system, names, numbers – has the name that `--explain` gives it. */
function named(path: string, family: Family, run: Run, inside: boolean): string {
  if (path.startsWith(TREE)) return `${TREE}${named(path.slice(TREE.length), family, run, inside)}`
  const { rootfs, id, state } = run
  const below = path.startsWith(`${rootfs}/`) ? path.slice(rootfs.length) : path === rootfs ? BASE : path
  return below
    .replace(state, 'STATE')
    .replaceAll(id, 'ID')
    .replace(/^\/proc\/(\d+|self|thread-self)(?=\/)/, (whole, process: string) =>
      (process === 'self' ? inside : family.isInside(Number(process)) || process === '1') ? '/proc/{box}' : whole,
    )
    .replace(/^(\d+)$/, (number) => (family.isInside(Number(number)) ? '{box}' : number))
    .replace(/(crun|runc)\.\w{6}$/, '$1.XXXXXX')
}
// #endregion named

const shown = ({ name, args }: Written): Pick<Made, 'text' | 'subject'> => ({
  text: `${name}(${args.map(printable).join(', ')})`,
  subject: SYNONYMS[args[0] ?? ''] ?? `${name} ${subjectOf(name, args)}`.trim(),
})

/** The kernel can be told the same in two ways. */
const SYNONYMS: Readonly<Record<string, string>> = {
  PR_SET_SECCOMP: 'seccomp',
  RTM_NEWLINK: 'link',
  SIOCSIFFLAGS: 'link',
}

/** As in a plan's table: what cannot be seen is written as in JSON. */
const printable = (text: string): string => (/\p{Cc}/u.test(text) ? JSON.stringify(text) : text)

/** Two mounts are about one thing when they have one target; to change a mount is another thing than to make it. */
function subjectOf(name: string, [first = '', second = '']: readonly string[]): string {
  if (name === 'unshare') return /^CLONE_NEW(USER|NET)$/.exec(first)?.[0] ?? ''
  if (['clone', 'capset', 'seccomp'].includes(name)) return ''
  if (first.includes('/devices.')) return `${first} ${/^a|^\S+ \S+/.exec(second)?.[0] ?? ''}` // which device
  if (name !== 'mount') return first
  return second.startsWith('MS_') ? `${first} change` : second
}

/** Neighbours that say the same become one. */
function joined(rows: readonly Row[]): Made[] {
  const all: Row[] = []
  for (const row of rows) {
    const last = all.at(-1)
    if (last && row.row !== undefined && last.lane === row.lane && last.text === row.text) last.times += 1
    else all.push({ ...row })
  }
  return all.map(({ lane, text, subject, times }) => ({ lane, text, subject, times }))
}
