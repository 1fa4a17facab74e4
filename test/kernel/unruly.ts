/**
 * Launchers that are not left in peace: each is started in a session of its own, by which all of its processes are known whatever becomes of
 * them, and is hit at a moment that was drawn by lot. Its words go to a file: a pipe would be kept open by what outlives it.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { allPids, isAlive, namespaceOf, parentOf, processId } from '../../src/kernel/proc.ts'
import type { Random } from '../pure/random.ts'
import { BOXWRIGHT, idOf, type World } from './world.ts'

export interface Unruly extends AsyncDisposable {
  pid: number
  /** The second Node, later the command; nothing before it is born. */
  inside(): number | undefined
  /** All processes that it has started and that are alive, itself among them. */
  processes(): number[]
  hasEnded(): boolean
  ended: Promise<{ status: number; words: string }>
}

export function launch(world: World, words: readonly string[]): Unruly {
  const file = join(world.newPlace(), 'words')
  const output = fs.openSync(file, 'w')
  const child = spawn(process.execPath, [BOXWRIGHT, ...words], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { PATH: process.env['PATH'] ?? '', BOXWRIGHT_RUN: world.state, BOXWRIGHT_IMAGES: world.images },
  })
  fs.closeSync(output)
  const { pid } = child
  if (pid === undefined) throw new Error('Cannot start a launcher: the kernel gave no process')
  const ended = (async (): Promise<{ status: number; words: string }> => {
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    return { status: status ?? 128 + constants.signals[signal ?? 'SIGKILL'], words: fs.readFileSync(file, 'utf8') }
  })()
  const processes = (): number[] => allPids().filter((one) => sessionOf(one) === pid && isAlive(processId(one)))
  return {
    pid,
    ended,
    processes,
    inside: () => allPids().find((one) => parentOf(one) === pid && isAlive(processId(one)) && !isCompiler(one)),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    [Symbol.asyncDispose]: async () => {
      for (const one of processes()) process.kill(one, 'SIGKILL')
      await ended
    },
  }
}

/** The bundle may be older than the sources: then the launcher has another child as well. */
const isCompiler = (pid: number): boolean => read(`/proc/${pid}/comm`) === 'esbuild\n'

/** proc_pid_stat(5): the session is field 6. */
function sessionOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])
}

function read(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch {
    return '' // it has just ended
  }
}

// #region moments
/** Where a launcher is in its work, as it can be seen from outside, and by how many milliseconds later it may be hit. */
const MOMENTS = {
  'it was started': { span: 300, hasCome: () => true },
  'its page was written': { span: 150, hasCome: (_: Unruly, world: World) => pagesOf(world).length > 0 },
  'its second Node was born': { span: 150, hasCome: (one: Unruly) => one.inside() !== undefined },
  'its walls were begun': { span: 12, hasCome: (one: Unruly) => hasWalls(one.inside()) },
  'its command was running': { span: 30, hasCome: (one: Unruly) => isCommand(one.inside()) },
}

export interface Moment {
  after: keyof typeof MOMENTS
  milliseconds: number
}

export function drawMoment(random: Random): Moment {
  const after = random.pick(Object.keys(MOMENTS) as Moment['after'][])
  return { after, milliseconds: random.below(MOMENTS[after].span * 1000) / 1000 }
}

/** Asks as often as it can: a box's walls are up in ten milliseconds. */
export async function come({ after, milliseconds }: Moment, one: Unruly, world: World): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!one.hasEnded() && !MOMENTS[after].hasCome(one, world)) {
    await nextTurn()
    if (Date.now() > deadline) throw new Error(`Cannot wait any longer until ${after}: ${one.processes().join(' ')}`)
  }
  await sleep(milliseconds)
}
// #endregion moments

/** The names of the boxes that have a page in the ledger. */
export const pagesOf = (world: World): string[] =>
  fs
    .readdirSync(world.state)
    .filter((name) => name.endsWith('.json'))
    .map((name) => name.slice(0, -'.json'.length))

function hasWalls(pid: number | undefined): boolean {
  try {
    if (pid === undefined) return false
    return fs.readlinkSync(`/proc/${pid}/root`) !== '/' || namespaceOf(pid, 'mnt') !== namespaceOf('self', 'mnt')
  } catch {
    return false // it has just ended
  }
}

const isCommand = (pid: number | undefined): boolean => pid !== undefined && idOf(pid) !== undefined
