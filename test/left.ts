/**
 * `node --import tsx test/left.ts COMMAND …`: tests, with a directory of their own for all that is temporary, and a look at the machine before and after.
 * It fails when they leave something, and names it: a file, a process, a mount, a cgroup, with which a controller would stay where nobody else can have
 * it, an interface, a table of the packet filter, a loop device. That is known of a machine on which nobody else does such things meanwhile.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { wordsOf } from '../src/kernel/ending.ts'
import { inventory } from '../src/kernel/inventory.ts'
import { allPids, environmentOf } from '../src/kernel/proc.ts'

/** What is going just now is given a moment. */
const MOMENT_MS = 5000

async function main(words: readonly string[]): Promise<number> {
  const place = fs.mkdtempSync(join(tmpdir(), 'left-')) // short: some tests have sockets there
  fs.chmodSync(place, 0o1777) // and some are somebody else
  const before = new Set(machine())
  try {
    const status = await ended(words, place)
    const left = await settled(() => [...of(place), ...machine().filter((line) => !before.has(line))])
    for (const line of left) console.error(`not ok: the tests have left ${line}`)
    return status === 0 && left.length > 0 ? 1 : status
  } finally {
    fs.rmSync(place, { recursive: true, force: true })
  }
}

async function ended([command = 'true', ...args]: readonly string[], place: string): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env: { ...process.env, TMPDIR: place } })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
  const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return status ?? 128 + constants.signals[signal ?? 'SIGKILL']
}

async function settled(look: () => string[]): Promise<string[]> {
  const deadline = Date.now() + MOMENT_MS
  for (let left = look(); ; left = look()) {
    if (left.length === 0 || Date.now() > deadline) return left
    await passed(100)
  }
}

/** Of these nobody can say whose they are. A cgroup that somebody is in is its processes' affair. */
function machine(): string[] {
  const { mounts, cgroups, interfaces } = inventory('nobody')
  return Object.entries({
    mount: mounts,
    cgroup: cgroups.filter(isEmpty),
    hierarchy: fs.readFileSync('/proc/self/cgroup', 'utf8').match(/name=boxwright-\w+/g) ?? [],
    interface: interfaces,
    table: linesOf('nft', 'list', 'tables'),
    'loop device': linesOf('losetup', '--noheadings', '--output', 'NAME,BACK-FILE'),
    file: PLACES.flatMap(namesIn),
  }).flatMap(([kind, names]) => names.map((name) => `the ${kind} ${name}`))
}

/** Where boxes, and namespaces with a name, are known; and where somebody may have forgotten that there is TMPDIR. */
const PLACES = ['/run/boxwright', '/run/boxwright-runc', '/run/netns', '/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue']

const namesIn = (directory: string): string[] =>
  fs.existsSync(directory)
    ? fs
        .readdirSync(directory)
        .filter(isOurs)
        .map((name) => join(directory, name))
    : []

/** tsx keeps there what it has compiled, and Podman its locks, wherever it is told to keep the rest. */
const isOurs = (name: string): boolean => !/^(tsx-|libpod_)/.test(name)

/** None where there is no such program, or there is nothing that it could list. */
function linesOf(program: string, ...args: string[]): string[] {
  const { stdout } = spawnSync(program, args, { encoding: 'utf8' }) as { stdout: string | null }
  return stdout?.split('\n').filter(Boolean) ?? []
}

/** And nobody below it. @returns false for one that has gone meanwhile. */
function isEmpty(directory: string): boolean {
  try {
    if (fs.readFileSync(join(directory, 'cgroup.procs'), 'utf8') !== '') return false
    const entries = fs.readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return entries.every(({ name }) => isEmpty(join(directory, name)))
  } catch {
    return false
  }
}

/** What is told by the directory is the tests' own. */
const of = (place: string): string[] => [
  ...namesIn(place).map((name) => `the file ${name}`),
  ...allPids()
    .filter((pid) => environmentOf(pid).includes(`TMPDIR=${place}`))
    .map((pid) => `the process ${pid}: ${wordsOf(pid).join(' ')}`),
]

process.exit(await main(process.argv.slice(2)))
