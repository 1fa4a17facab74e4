/** Every command but `stage`, which has to start fast and does without these. */
import yargs from 'yargs'
import { chrootChecks } from '../../lessons/01-chroot/check.ts'
import { namespacesChecks } from '../../lessons/02-namespaces/check.ts'
import { mountsChecks } from '../../lessons/03-mounts/check.ts'
import { cgroupsChecks } from '../../lessons/04-cgroups/check.ts'
import { threadsChecks } from '../../lessons/05-threads/check.ts'
import { usersChecks } from '../../lessons/06-users/check.ts'
import { networkChecks } from '../../lessons/07-network/check.ts'
import { securityChecks } from '../../lessons/08-security/check.ts'
import { imagesChecks } from '../../lessons/09-images/check.ts'
import { registryChecks } from '../../lessons/10-registry/check.ts'
import { snapshotsChecks } from '../../lessons/11-snapshots/check.ts'
import { ociChecks } from '../../lessons/13-oci/check.ts'
import { Complaint } from '../workshop/complaint.ts'
import { boxesOf, type Stage } from '../workshop/stage.ts'
import { attackCommand } from './attack-command.ts'
import { bundleCommand } from './bundle-command.ts'
import { checkCommand } from './check-command.ts'
import { compareCommand } from './compare-command.ts'
import { beginCommand, catchupCommand, gotoCommand } from './desk-commands.ts'
import { diffCommand } from './diff-command.ts'
import { doctorCommand } from './doctor-command.ts'
import { explainCommand } from './explain-command.ts'
import { fsckCommand } from './fsck-command.ts'
import { gcCommand } from './gc-command.ts'
import { COMMANDS as IMAGES } from './image/commands.ts'
import { hintCommand } from './hint-command.ts'
import { lessonCommand } from './lesson-command.ts'
import { lessonsCommand } from './lessons-command.ts'
import { mineCommand } from './mine-command.ts'
import { planCommand } from './plan-command.ts'
import { registryCommand } from './registry-command.ts'
import { siteCommand } from './site-command.ts'
import { slidesCommand } from './slides-command.ts'
import { sweepCommand } from './sweep-command.ts'
import { tourCommand } from './tour-command.ts'
import { weaveCommand } from './weave-command.ts'

const checks = [
  ...chrootChecks,
  ...namespacesChecks,
  ...mountsChecks,
  ...cgroupsChecks,
  ...threadsChecks,
  ...usersChecks,
  ...networkChecks,
  ...securityChecks,
  ...imagesChecks,
  ...registryChecks,
  ...snapshotsChecks,
  ...ociChecks,
]

/** They are taken before it comes to this: here they are for the list, and for whoever mistypes one. */
const ABOUT_IMAGES = [...Object.entries(IMAGES), ['image', { about: 'more about images: image --help' }] as const].map(
  ([command, { about: describe }]) => ({ command, describe, handler: () => {} }),
)

// #region commands
/** Loaded when it is wanted. @returns the exit status. */
// ts-unused-exports:disable-next-line
export async function runCommand(stages: readonly Stage[], argv: readonly string[]): Promise<number> {
  let status = 0
  const boxes = boxesOf(stages)
  const finish = (code: number): void => void (status = code)
  await yargs(argv)
    .scriptName('boxwright')
    .usage('$0 COMMAND\n\nBuild a container from scratch, one wall at a time.')
    .command('stage <n> run', 'run a command in the box of lesson n')
    .command(ABOUT_IMAGES)
    .command(tourCommand(boxes, finish))
    .command(doctorCommand(stages, finish))
    .command(lessonsCommand)
    .command(lessonCommand(stages))
    .command(beginCommand(stages))
    .command(gotoCommand(stages))
    .command(catchupCommand(stages))
    .command(checkCommand(stages, checks, finish))
    .command(hintCommand(stages, checks))
    .command(mineCommand(stages))
    .command(explainCommand)
    .command(diffCommand(stages))
    .command(planCommand(stages))
    .command(bundleCommand)
    .command(compareCommand(stages))
    .command(attackCommand(stages, finish))
    .command(registryCommand(finish))
    .command(sweepCommand)
    .command(fsckCommand(finish))
    .command(gcCommand)
    .command(weaveCommand(stages, finish))
    .command(slidesCommand(stages))
    .command(siteCommand(stages, finish))
    .demandCommand(1, 'no command was given')
    .recommendCommands()
    .strict()
    .wrap(80)
    .fail((message, error: Error | undefined) => {
      throw (
        error ?? new Complaint(`Cannot read "boxwright ${argv.join(' ')}": ${lower(message)}\n  See: boxwright --help`)
      )
    })
    .parseAsync()
  return status
}
// #endregion commands

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
