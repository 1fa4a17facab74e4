/**
 * What a box will leave on the host, written down before it is made and struck out when it has been taken away. Whatever dies
 * in between, the next command finds the page and finishes the work.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CLONE_NEWPID, MS_PRIVATE, MS_REC } from '../kernel/constants.ts'
import { hasCode } from '../kernel/error-code.ts'
import { removeDrafts } from '../kernel/file.ts'
import type { Host } from '../kernel/host.ts'
import { readMountInfo, type MountEntry } from '../kernel/mountinfo.ts'
import { allPids, isAlive, namespaceOf, processId, type ProcessId } from '../kernel/proc.ts'
import { readUsers } from '../kernel/users.ts'
import type { Plan, Step, Undo } from '../plan/plan.ts'
import type { Inside } from './birth.ts'
import type { Box } from './launcher.ts'
import { adoptOrphans, carriesMark, endProcesses, ownChildren } from './leftovers.ts'
import { isFine } from './launcher.ts'
import { undo as takeBack } from './undo.ts'

/** One box's page. */
interface Page {
  id: string
  rootfs: string
  launcher: ProcessId
  undo: Undo[]
  /** Mounts below the root file system that were there before: they are somebody else's. None are listed when the box shows none of its own. */
  mounts?: number[]
  /** The launcher's own namespaces; ours, on a page of an older boxwright. What is mounted in another than ours goes with it. */
  namespaces?: { user: number; mnt: number; pid: number }
}

/** What was found left of a box whose launcher had died, and has been removed. */
export interface Swept {
  id: string
  processes: number
  mounts: string[]
  undone: string[]
}

// #region ledger
class Ledger implements Disposable {
  inside: Inside | undefined
  /** What plays the plan when this process does not: its number. */
  launcher: number | undefined
  /** The box's first process, once it is born: its number as the host counts. */
  first: number | undefined
  readonly #page: Page
  readonly #host: Host
  readonly #isAlone: boolean
  readonly #othersChildren = ownChildren()

  constructor(page: Page, host: Host, isAlone: boolean) {
    this.#page = page
    this.#host = host
    this.#isAlone = isAlone
    adoptOrphans(host)
    write(page)
    opened.add(this)
  }

  [Symbol.dispose](): void {
    opened.delete(this)
    const isEmpty = this.#isAlone && hasEnded(this.first ?? this.inside?.pid)
    if (!isEmpty) endProcesses((pid) => this.#isOurs(pid))
    settle(this.#page, this.#host, isEmpty)
  }

  #isOurs(pid: number): boolean {
    const isOthers = this.#othersChildren.includes(pid) || [...opened].some(({ launcher }) => launcher === pid)
    return !isOthers && ownChildren().includes(pid)
  }
}

/** Of this process's boxes, those that are not over. */
const opened = new Set<Ledger>()
// #endregion ledger

const hasEnded = (pid: number | undefined): boolean =>
  pid !== undefined && (!existsSync(`/proc/${pid}`) || !isAlive(processId(pid)))

// #region open
export function openLedger(plan: Plan, { id, rootfs }: Box, host: Host): Ledger {
  const undo = plan.flatMap((step) => step.undo ?? []).filter(isOurs)
  const launcher = (self ??= processId(process.pid)) ?? { pid: process.pid, started: 0 }
  const mounts = hidesMounts(plan) ? {} : { mounts: mountsBelow(rootfs).map((mount) => mount.id) }
  const page = { id, rootfs, launcher, undo, ...mounts, namespaces: ownNamespaces() }
  return new Ledger(page, host, plan.some(isOwnPids))
}
// #endregion open

let self: ProcessId | undefined

/** Once all that it sees is private, nobody else sees what is mounted in a mount namespace: mount_namespaces(7). */
function hidesMounts(plan: Plan): boolean {
  const first = plan.find(({ call }) => call === 'mount' || call === 'move_mount')
  const everything = MS_REC | MS_PRIVATE
  return first?.call === 'mount' && first.args[1] === '/' && (first.args[3] & everything) === everything
}

/** With its first process everything in a PID namespace ends: pid_namespaces(7). */
const isOwnPids = (step: Step): boolean => step.call === 'unshare' && (step.args[0] & CLONE_NEWPID) !== 0

const ownNamespaces = (): Required<Page>['namespaces'] => ({
  user: namespaceOf('self', 'user'),
  mnt: namespaceOf('self', 'mnt'),
  pid: namespaceOf('self', 'pid'),
})

/** A directory that is there already is not one that this plan will have made. */
const isOurs = (undo: Undo): boolean => !['rmdir', 'unlink_empty'].includes(undo.call) || !existsSync(undo.args[0])

// #region settle
/** Takes a box down from outside: its processes, its mounts, then what each step left, last step first. Strikes the page out. */
function settle(page: Page, host: Host, isEmpty = false): Swept {
  const processes = isEmpty ? 0 : endProcesses((pid) => carriesMark(pid, page.id))
  const mounts = page.mounts ? mountsBelow(page.rootfs).filter((mount) => isLeft(mount, page)) : []
  for (const { mountPoint } of mounts.reverse()) host.detach(mountPoint)
  const due = page.undo.filter((undo) => !undo.shared || isLast(page)).reverse()
  const undone = due.filter(takeAway).map(({ call, args }) => (call === 'ask' ? 'its place in a network' : args[0]))
  rmSync(pathOf(page.id), { force: true })
  return { id: page.id, processes, mounts: mounts.map(({ mountPoint }) => mountPoint), undone }
}
// #endregion settle

const isLast = (page: Page): boolean => pages().every(({ id }) => id === page.id)

/** @returns whether there was something to take away. */
function takeAway(undo: Undo): boolean {
  const there = undo.call === 'write' || undo.call === 'ask' || existsSync(undo.args[0])
  const errno = takeBack(undo)
  if (!isFine(undo, { errno })) throw new Error(`Cannot undo ${undo.call} "${undo.args[0]}": errno ${errno}`)
  return there
}

/** Another box in the same root file system may have made the mount; then it is that box's to take away. */
function isLeft({ id }: MountEntry, page: Page): boolean {
  const sharers = pages().filter((other) => other.id !== page.id && other.rootfs === page.rootfs)
  const seen = (page.namespaces ?? ownNamespaces()).mnt === ownNamespaces().mnt
  return seen && page.mounts?.includes(id) === false && sharers.length === 0
}

const mountsBelow = (rootfs: string): MountEntry[] =>
  readMountInfo().filter(({ mountPoint }) => `${mountPoint}/`.startsWith(`${rootfs}/`))

// #region sweep
/** Finishes the work of launchers that died. Every command that makes a box does this first. */
export function sweep(host: Host): Swept[] {
  removeDrafts(ownDirectory()) // nothing had been made yet
  return pages()
    .filter((page) => !isAtWork(page))
    .map((page) => settle(page, host))
}
// #endregion sweep

/** A launcher in another PID namespace has another number there; that namespace ends with it. Who may not look into one leaves it alone. */
function isAtWork({ launcher, namespaces = ownNamespaces() }: Page): boolean {
  const own = ownNamespaces()
  const { user, pid } = namespaces
  if (pid === own.pid) return isAlive(launcher)
  return (user !== own.user && process.geteuid?.() === 0 && readUsers().namespaced) || allPids().some(isIn(pid))
}

const isIn =
  (namespace: number) =>
  (pid: number): boolean => {
    try {
      return namespaceOf(pid, 'pid') === namespace && isAlive(processId(pid))
    } catch {
      return false // it has just ended, or is somebody else's
    }
  }

/** `/run` is emptied at each boot, as all that a ledger speaks of is gone then. */
export function runDirectory(): string {
  const { BOXWRIGHT_RUN, XDG_RUNTIME_DIR } = process.env
  if (BOXWRIGHT_RUN) return BOXWRIGHT_RUN
  if (process.getuid?.() === 0) return '/run/boxwright'
  return XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, 'boxwright') : `/tmp/boxwright-${process.getuid?.() ?? ''}`
}

const pathOf = (id: string): string => join(runDirectory(), `${id}.json`)

const names = (): string[] => (existsSync(ownDirectory()) ? readdirSync(runDirectory()) : [])

/** A page says what to undo, as whoever we are: nobody else may write one. @throws Error when somebody could. */
function ownDirectory(): string {
  const directory = runDirectory()
  const stat = statSync(directory, { throwIfNoEntry: false })
  if (stat && stat.uid !== process.geteuid?.())
    throw new Error(
      `Cannot keep records in "${directory}": it belongs to user ${stat.uid}\n  Set XDG_RUNTIME_DIR to a directory of yours`,
    )
  return directory
}

const pages = (): Page[] =>
  names()
    .filter((name) => name.endsWith('.json'))
    .flatMap(read)

/** Pages come and go while they are read. */
function read(name: string): Page[] {
  try {
    const page: unknown = JSON.parse(readFileSync(join(runDirectory(), name), 'utf8'))
    if (!isPage(page, name)) throw new TypeError('it is not what this boxwright writes')
    return [page]
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw new Error(
      `Cannot read "${join(runDirectory(), name)}", the record of a box: it is damaged\n  Delete the file once no box is running`,
      {
        cause: error,
      },
    )
  }
}

function isPage(page: unknown, name: string): page is Page {
  const { id, rootfs, launcher, undo, mounts } = (page ?? {}) as Partial<Page>
  return (
    `${id}.json` === name &&
    typeof rootfs === 'string' &&
    launcher !== undefined &&
    Array.isArray(undo) &&
    (mounts === undefined || Array.isArray(mounts))
  )
}

/** Beside, then renamed: half a page is never seen. */
function write(page: Page): void {
  if (!existsSync(ownDirectory())) mkdirSync(ownDirectory(), { recursive: true, mode: 0o700 })
  const draft = `${pathOf(page.id)}.${process.pid}${readUsers().namespaced ? '.inside' : ''}`
  writeFileSync(draft, JSON.stringify(page), { mode: 0o600 })
  renameSync(draft, pathOf(page.id))
}
