/** Everything of `boxwright` that is about lessons. Each of its commands is a file. */
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { threads } from '../../lessons/05-threads/stage.ts'
import { ownUsers } from '../../lessons/06-users/stage.ts'
import { ownNetwork } from '../../lessons/07-network/stage.ts'
import { security } from '../../lessons/08-security/stage.ts'
import { images } from '../../lessons/09-images/stage.ts'
import { registry } from '../../lessons/10-registry/stage.ts'
import { snapshots } from '../../lessons/11-snapshots/stage.ts'
import { oci } from '../../lessons/13-oci/stage.ts'
import type { Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { snapshotStage } from './snapshot-stage.ts'
import { stageCommand } from './stage-command.ts'

const stages = [
  chroot,
  namespaces,
  mounts,
  cgroups,
  threads,
  ownUsers,
  ownNetwork,
  security,
  images,
  registry,
  snapshots,
  oci,
]

// #region lessons
/** @returns the exit status. */
// ts-unused-exports:disable-next-line
export async function lessonsMain(argv: readonly string[]): Promise<number> {
  const [verb, number, ...rest] = argv
  // What follows a command that is run in a box is not ours to parse.
  if (verb === 'stage' && number !== '--help') return runStage(stageNumbered(stages, number), rest)
  return (await import('./commands.ts')).runCommand(stages, argv)
}
// #endregion lessons

async function runStage(stage: Stage, words: readonly string[]): Promise<number> {
  if (stage.exercise === 'runtime') return (await import('./bundle-stage.ts')).bundleStage(words)
  if (stage.exercise === 'keeper') return snapshotStage(stage, words)
  return stageCommand(stage, words)
}
