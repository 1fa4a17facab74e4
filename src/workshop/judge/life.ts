/**
 * A trial of a runtime: a container's whole life, in five commands, and after each of them the kernel is asked what there is. What a program says of a
 * container's state is its part of the bargain; what is so is seen from outside.
 */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { namespaceOf, parentOf, type Namespace } from '../../kernel/proc.ts'
import { token, type Arena } from './arena.ts'
import { randomArguments } from './asked.ts'
import { waitingCommand } from './command.ts'
import type { Act, Facts, HookFacts, LifeFacts } from './facts.ts'
import { Gates } from './gate.ts'
import { identity } from './identity.ts'
import { newBundle, type HookName, type LifeBundle } from './life-bundle.ts'
import { leftBehind, processesOf, survey } from './left.ts'
import { lookAtHost } from './look.ts'
import { Run } from './program.ts'
import type { Tool } from './tool.ts'

export async function lifeTrial(runtime: Tool, arena: Arena): Promise<Facts> {
  const [id, missing] = [`life-${token()}`, `life-${token()}`]
  const before = survey(arena.newRootfs(), [id, missing])
  const seen = { ...(await life(runtime, id, arena)), missing: await commandless(runtime, missing, arena) }
  const left = await leftBehind(before, undefined, arena)
  const { status, stdout, stderr } = seen.created
  const asked = { lesson: 13, rootfs: before.rootfs, args: [], status: 0, limits: {} }
  return { asked, host: lookAtHost(arena), life: seen, end: { status, stdout, stderr }, left }
}

// #region life
async function life(runtime: Tool, id: string, arena: Arena): Promise<Omit<LifeFacts, 'missing'>> {
  const name = token()
  const asked = { lesson: 13, rootfs: '', args: randomArguments(), status: 0, limits: {} }
  const bundle = newBundle(arena, id, () => waitingCommand(asked, name, arena.directory))
  using gate = new Gates([join(bundle.rootfs, `${name}.1`), join(arena.directory, `${name}.1`)])
  const act = (verb: string, ...more: string[]): Promise<Act> => play(runtime, arena, [verb, bundle.id, ...more])
  const create = (): Promise<Act> => play(runtime, arena, ['create', '--bundle', bundle.directory, bundle.id])
  const heard: HookFacts[] = []
  const hear = (when: HookFacts['when']): void => void heard.push(...listen(bundle, heard, when))

  const created = { ...(await create()), ...lookAtCreated(bundle, arena) }
  hear('create')
  const [createdAgain, stateThen] = [await create(), saidOf(await act('state'))]
  const started = { ...(await act('start')), ...(await arrived(gate)) }
  hear('start')
  const [startedAgain, stateNow] = [await act('start'), saidOf(await act('state'))]
  const deletedEarly = await act('delete')
  const killed = { ...(await act('kill', 'KILL')), ended: await gone(bundle, arena) }
  const deleted = await act('delete')
  hear('delete')
  return {
    created,
    started,
    killed,
    deleted: { ...deleted, known: (await act('state')).status === 0 },
    refused: { create: createdAgain.status !== 0, start: startedAgain.status !== 0, delete: deletedEarly.status !== 0 },
    said: { created: stateThen, running: stateNow },
    hooks: heard,
  }
}
// #endregion life

async function play(runtime: Tool, arena: Arena, words: readonly string[]): Promise<Act> {
  const { status = 255, stderr, stdout } = await new Run(runtime.words(words), arena).end()
  return { status, stderr, stdout }
}

function lookAtCreated(bundle: LifeBundle, arena: Arena): Omit<LifeFacts['created'], keyof Act> {
  const [pid] = inside(bundle, arena)
  if (pid === undefined) return { apart: [], isCommand: false, isAlone: false }
  const isCommand = fs.statSync(`/proc/${pid}/exe`).dev === arena.device
  const mnt = namespaceOf(pid, 'mnt')
  return {
    pid,
    mnt,
    isCommand,
    isAlone: !isChildOf(pid, process.pid),
    apart: KINDS.filter((kind) => namespaceOf(pid, kind) !== namespaceOf('self', kind)),
  }
}

const KINDS: Namespace[] = ['mnt', 'pid', 'ipc', 'uts', 'net']

/** The line of parents, as long as there is one. */
const isChildOf = (pid: number, ancestor: number): boolean => {
  const parent = parentOf(pid)
  return parent === ancestor || (parent !== undefined && parent > 1 && isChildOf(parent, ancestor))
}

/** Processes whose root is the bundle's. */
const inside = ({ rootfs }: LifeBundle, arena: Arena): number[] =>
  processesOf(arena).filter((pid) => identityOf(pid) === identity(rootfs))

function identityOf(pid: number): string | undefined {
  try {
    return identity(`/proc/${pid}/root`)
  } catch {
    return undefined
  }
}

const PATIENCE_MS = 10_000

async function arrived(gate: Gates): Promise<{ pid?: number }> {
  const pid = await Promise.race([gate.reached, patience()])
  return pid === undefined ? {} : { pid }
}

async function gone(bundle: LifeBundle, arena: Arena): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS
  while (inside(bundle, arena).length > 0 && Date.now() < deadline)
    await new Promise((resume) => setTimeout(resume, 20))
  return inside(bundle, arena).length === 0
}

const patience = (): Promise<undefined> =>
  new Promise((resolve) => void setTimeout(() => resolve(undefined), PATIENCE_MS).unref())

/** What `state` prints: its word for where the container is in its life, and the process that it names. */
function saidOf({ stdout }: Act): LifeFacts['said']['created'] {
  try {
    const { status = '', pid = 0 } = JSON.parse(stdout) as { status?: string; pid?: number }
    return { status, pid }
  } catch {
    return { status: '', pid: 0 }
  }
}

/** The hooks that have spoken since. */
function listen({ hooks }: LifeBundle, heard: readonly HookFacts[], when: HookFacts['when']): HookFacts[] {
  return (Object.keys(hooks) as HookName[])
    .filter((name) => !heard.some((one) => one.name === name) && fs.existsSync(hooks[name]))
    .map((name) => {
      const [place = '', ...rest] = fs.readFileSync(hooks[name], 'utf8').split('\n')
      return { name, when, mnt: Number(/\d+/.exec(place)?.[0] ?? 0), told: toldIn(rest.join('\n')) }
    })
}

function toldIn(text: string): HookFacts['told'] {
  try {
    const { id = '', status = '' } = JSON.parse(text) as { id?: string; status?: string }
    return { id, status }
  } catch {
    return undefined
  }
}

/** A container whose command is not there. */
async function commandless(runtime: Tool, id: string, arena: Arena): Promise<LifeFacts['missing']> {
  const bundle = newBundle(arena, id, () => [`/${token()}`])
  const { status } = await play(runtime, arena, ['create', '--bundle', bundle.directory, bundle.id])
  const state = await play(runtime, arena, ['state', bundle.id])
  const left = inside(bundle, arena).length
  await play(runtime, arena, ['delete', '--force', bundle.id])
  return { status, known: state.status === 0, processes: left }
}
