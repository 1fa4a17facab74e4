/** One bundle, run twice: by our launcher and by another runtime, each watched by strace(1). What they did is then compared. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runDirectory } from '../../launch/ledger.ts'
import { native } from '../../launch/native.ts'
import type { Spec } from '../../oci/spec.ts'
import { runStage } from '../run-stage.ts'
import type { Stage } from '../stage.ts'
import { bundleOf } from './bundle.ts'
import { compareMakings } from './compare.ts'
import { makingOf, type Making } from './making.ts'
import { interrupted, programNamed, runPeer, titleOf, wordsOf, type Peer } from './peer.ts'
import { requireReach } from './reach.ts'
import { reasonOf } from './reasons.ts'
import type { Comparison } from './report.ts'
import { parseTrace } from './trace.ts'

/** Whatever the command does, it is not compared: it should do nothing. */
const COMMAND = ['true']

// #region runs
/** @throws Complaint when a program is missing, or one of the two does not make the box. */
export async function compareWith(peer: Peer, stage: Stage, rootfs: string): Promise<Comparison> {
  const title = titleOf(peer)
  const strace = [programNamed('strace'), '-f', '-y', '--pidns-translation', '-s', '512', '-o']
  using place = new Place()
  const spec = await runOurs(stage, rootfs, [...strace, place.trace('ours')])
  requireReach(spec, peer)
  writeFileSync(join(place.directory, 'config.json'), bundleOf(spec))
  const id = idOf(spec)
  const words = wordsOf(peer, { state: place.state, bundle: place.directory, id })
  await runPeer(peer, [...strace, place.trace('theirs'), ...words], { id, rootfs }, spec.linux.cgroupsPath)
  const read = (name: string): Making =>
    makingOf(parseTrace(readFileSync(place.trace(name), 'utf8')), { args: COMMAND, rootfs, id, state: place.state })
  const [theirs, ours] = [read('theirs'), read('ours')]
  const rows = compareMakings(theirs.made, ours.made).map((row) => {
    const why = reasonOf(row, stage.lesson)
    return { ...row, ...(why !== undefined && { why }) }
  })
  return { peer: title, stage, theirs, ours, rows }
}
// #endregion runs

/** By the native launcher, whichever is the stage's own: a program that is being watched had better be one program. */
async function runOurs(stage: Stage, rootfs: string, under: string[]): Promise<Spec> {
  let asked: Spec | undefined
  const watched: Stage = { ...stage, launch: (plan, box) => native(plan, { ...box, under }) }
  const status = await runStage(watched, {
    rootfs,
    args: COMMAND,
    quiet: true,
    change: (steps, spec) => {
      asked = spec
      return steps
    },
  })
  if (!asked || status !== 0) throw interrupted(status)
  return asked
}

/** The name that the box's cgroup ends in is the box's. */
const idOf = ({ linux }: Spec): string => linux.cgroupsPath.replace(/^.*boxwright-/, '')

/** A directory of this run, beside the ledger. What one that was killed has left goes with the next. */
class Place implements Disposable {
  readonly directory = join(runDirectory(), `compare-${process.pid}`)
  readonly state = join(this.directory, 'state')

  constructor() {
    for (const name of existsSync(runDirectory()) ? readdirSync(runDirectory()) : [])
      if (isLeft(name)) rmSync(join(runDirectory(), name), { recursive: true, force: true })
    mkdirSync(this.directory, { recursive: true, mode: 0o700 })
  }

  trace(name: string): string {
    return join(this.directory, `${name}.trace`)
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}

function isLeft(name: string): boolean {
  const pid = /^compare-(\d+)$/.exec(name)?.[1]
  return pid !== undefined && !existsSync(`/proc/${pid}`)
}
