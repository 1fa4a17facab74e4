/** Other runtimes: how each is started, and what it needs. A launcher like ours, but that it reads a bundle. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { constants, existsSync } from 'node:fs'
import { mayAccess } from '../../kernel/file.ts'
import { byFfi } from '../../kernel/host.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import type { Box } from '../../launch/launcher.ts'
import { openLedger } from '../../launch/ledger.ts'
import { passSignals } from '../../launch/signals.ts'
import { host, type Plan } from '../../plan/plan.ts'
import { Complaint } from '../complaint.ts'

export const PEERS = ['runc', 'crun'] as const
export type Peer = (typeof PEERS)[number]

/** A box is there in a second; what takes this long never will be. */
const PATIENCE_MS = 60_000

// #region peer
/** Runs a bundle to its end, in a mount namespace of its own. @throws Complaint with the runtime's own words when it fails. */
export async function runPeer(peer: Peer, words: readonly string[], box: Box, cgroup: string): Promise<void> {
  const { status } = await passSignals(async (signals) => {
    using _ledger = openLedger(leavings(cgroup), box, byFfi)
    const [file, ...args] = ['unshare', '--mount', '--propagation', 'private', ...prepared(peer), ...words]
    // Pipes: what a runtime finds as its standard streams it may give to the box's root, and /dev/null is the whole machine's.
    const child = spawn(file, args, {
      stdio: 'pipe',
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    })
    signals.to({ pid: child.pid ?? 0 })
    child.stdin.end()
    child.stdout.resume()
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
    if (status !== 0) throw refused(peer, said.trim() || `it ended by ${signal ?? 'itself'} and said nothing`)
    return { status, results: [] }
  })
  if (status !== 0) throw interrupted(status)
}
// #endregion peer

const refused = (peer: Peer, said: string): Complaint =>
  new Complaint(`Cannot compare with ${peer}: it has not run the bundle\n  ${said.split('\n').slice(-3).join('\n  ')}`)

/** A signal of yours has ended the box. */
export const interrupted = (status: number): Complaint =>
  new Complaint(`Cannot compare: a box was ended before it was there (status ${status})`, { status })

/** crun refuses a v1 machine on which the v2 tree holds a controller: it is not shown that tree. */
function prepared(peer: Peer): string[] {
  const cgroups = readMountInfo().filter(({ type }) => type.startsWith('cgroup'))
  const unified = cgroups.find(({ type }) => type === 'cgroup2')?.mountPoint
  if (peer !== 'crun' || unified === undefined || cgroups.length === 1 || !existsSync(unified)) return []
  return ['sh', '-c', 'mount -t tmpfs none "$0" && exec "$@"', unified]
}

/** What it will leave if it is killed: a cgroup in each hierarchy. Written in the ledger, as for a box of ours; nothing of it is played. */
const leavings = (cgroup: string): Plan =>
  readMountInfo()
    .filter(({ type }) => type.startsWith('cgroup'))
    .map(({ mountPoint }) => `${mountPoint}${cgroup}`)
    .map((directory) => ({
      ...host('mkdir', [directory, 0o755], 'made by another runtime', {
        undo: { call: 'remove_cgroup', args: [directory] },
      }),
      lesson: 4,
    }))

// #region words
export const wordsOf = (peer: Peer, place: { state: string; bundle: string; id: string }): string[] => [
  programNamed(peer),
  '--root',
  place.state,
  'run',
  '--bundle',
  place.bundle,
  place.id,
]
// #endregion words

/** `runc version 1.1.5+ds1` → `runc 1.1.5`. */
export function titleOf(peer: Peer): string {
  const { stdout } = spawnSync(programNamed(peer), ['--version'], { encoding: 'utf8' })
  return `${peer} ${/version (\d[\d.]*)/.exec(stdout)?.[1] ?? ''}`.trim()
}

/** @throws Complaint saying what to install. */
export function requirePrograms(peer: Peer): void {
  for (const name of [peer, 'strace']) programNamed(name)
}

/** @throws Complaint saying what to install. */
export function programNamed(name: string): string {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  const found = places.map((place) => `${place}/${name}`).find(isExecutable)
  if (found !== undefined) return found
  throw new Complaint(
    `Cannot compare: there is no ${name} on this machine\n  Install it (Debian: apt-get install ${name})`,
  )
}

const isExecutable = (path: string): boolean => mayAccess(path, constants.X_OK)
