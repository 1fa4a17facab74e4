/** A trial: the program is started with a command that waits at a gate, looked at while it waits, let go, and looked for afterwards. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { readEvents } from '../../kernel/cgroup-events.ts'
import { readCgroups, type Controller } from '../../kernel/cgroups.ts'
import { namespaceOf, parentOf, statusField } from '../../kernel/proc.ts'
import { token, type Arena } from './arena.ts'
import { randomArguments, randomLimits, randomStatus, type Asked } from './asked.ts'
import { bombCommand, REBEL, rebelCommand, waitingCommand } from './command.ts'
import type { BombFacts, BoxFacts, End, Facts, HogFacts, RebelFacts } from './facts.ts'
import { Gates } from './gate.ts'
import { clear, leftBehind, processesOf, survey } from './left.ts'
import { lookAtBox, lookAtHost } from './look.ts'
import { enterOwnNetwork } from './own-network.ts'
import { Run, type Program } from './program.ts'

// #region trial
export async function trial(program: Program, lesson: number, arena: Arena): Promise<Facts> {
  const asked = ask(lesson, arena.newRootfs())
  if (asked.network) enterOwnNetwork()
  const [host, before] = [lookAtHost(arena), survey(asked.rootfs)]
  const seen = await watch(program, asked, arena)
  const left = await leftBehind(before, seen.box, arena)
  const bomb = stands('pids', seen.box, asked.limits.pids) ? await bombTrial(program, asked, arena) : undefined
  const rebel = lesson >= 8 && seen.box?.rights.seccomp === 2 ? await rebelTrial(program, asked, arena) : undefined
  return {
    asked,
    host: { ...host, hostnameAfter: hostname() },
    ...seen,
    ...(bomb && { bomb }),
    ...(rebel && { rebel }),
    left,
  }
}
// #endregion trial

const ask = (lesson: number, rootfs: string): Asked => ({
  lesson,
  rootfs,
  args: randomArguments(),
  status: randomStatus(),
  limits: lesson < 4 ? {} : randomLimits(readCgroups()),
  ...(lesson >= 7 && { network: 'bridge' as const }),
})

interface Seen {
  box?: BoxFacts
  hog?: HogFacts
  end: End
}

async function watch(program: Program, asked: Asked, arena: Arena): Promise<Seen> {
  const name = token()
  using first = gates(`${name}.1`, asked, arena)
  using second = gates(`${name}.2`, asked, arena)
  const run = new Run(program.words(asked, waitingCommand(asked, name, arena.directory)), arena)
  const pid = await run.until(first.reached)
  const box = pid === undefined ? undefined : await lookAtBox(pid, asked, arena)
  const limited = stands('memory', box, asked.limits.memory)
  first.open(limited ? 'on' : 'end')
  const hog = limited && box ? await lookAtHog(box, run, second) : undefined
  second.open('end')
  return { ...(box && { box }), ...(hog && { hog }), end: await run.end() }
}

/** Only a limit that is there is tried: without it the machine's memory, and its process numbers, would be what is used up. */
function stands(controller: Controller, box: BoxFacts | undefined, value: bigint | number | undefined): boolean {
  const { limits = {} } = box?.shares?.cgroups.find((cgroup) => cgroup.controller === controller) ?? {}
  const hard = limits['memory.max'] ?? limits['memory.limit_in_bytes'] ?? limits['pids.max']
  return value !== undefined && hard === String(value)
}

/** In the box's root, and in the arena: where a program finds it that takes the host's root, or the directory above the right one. */
const gates = (name: string, { rootfs }: Asked, { directory }: Arena): Gates =>
  new Gates([join(rootfs, name), join(directory, name)])

async function lookAtHog(box: BoxFacts, run: Run, gate: Gates): Promise<HogFacts | undefined> {
  const pid = await run.until(gate.reached)
  if (pid === undefined) return undefined
  const survived = pid !== box.pid
  return {
    survived,
    resident: survived ? parseInt(statusField(pid, 'VmRSS'), 10) * 1024 : 0,
    oomKills: eventsOf(box).oomKills,
  }
}

const eventsOf = ({ shares }: BoxFacts): ReturnType<typeof readEvents> =>
  readEvents((shares?.cgroups ?? []).filter(({ own }) => own).map(({ directory }) => directory))

/** With a limit on processes alone: a limit on memory would end them before they are too many. */
async function bombTrial(program: Program, wish: Asked, arena: Arena): Promise<BombFacts | undefined> {
  const asked = { ...wish, limits: { pids: wish.limits.pids ?? 0 } }
  const before = survey(asked.rootfs)
  const name = token()
  using gate = gates(`${name}.1`, asked, arena)
  const run = new Run(program.words(asked, bombCommand(asked, name, arena.directory)), arena)
  const pid = await run.until(gate.reached)
  const box = pid === undefined ? undefined : await lookAtBox(pid, asked, arena)
  const processes = processesOf(arena).length
  const refused = box ? eventsOf(box).forksRefused : 0
  gate.open('end')
  await run.end()
  clear(before, box, arena)
  return box && { asked: asked.limits.pids, processes, refused }
}

/** Who has made a user namespace is the rebel's shell, and has a parent in another one. */
async function rebelTrial(program: Program, wish: Asked, arena: Arena): Promise<RebelFacts | undefined> {
  const asked = { ...wish, limits: {} }
  const before = survey(asked.rootfs)
  const name = token()
  using gate = gates(`${name}.1`, asked, arena)
  const run = new Run(program.words(asked, rebelCommand(asked, name, arena.directory)), arena)
  const pid = await run.until(gate.reached)
  const parent = pid === undefined ? undefined : parentOf(pid)
  const box = pid === undefined ? undefined : await lookAtBox(pid, asked, arena)
  const isRebel = box?.argv.includes(REBEL) === true
  const free = isRebel && parent !== undefined && box.namespaces.user !== namespaceOf(parent, 'user')
  gate.open('end')
  await run.end()
  clear(before, box, arena)
  return box && { free }
}
