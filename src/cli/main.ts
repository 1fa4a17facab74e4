/** `boxwright`: the one command. Each of its own commands is a file. */
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { threads } from '../../lessons/05-threads/stage.ts'
import { ownUsers } from '../../lessons/06-users/stage.ts'
import { ownNetwork } from '../../lessons/07-network/stage.ts'
import { security } from '../../lessons/08-security/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import { complain } from './complain.ts'
import { stageCommand } from './stage-command.ts'

const stages = [chroot, namespaces, mounts, cgroups, threads, ownUsers, ownNetwork, security]

// #region main
async function main(argv: readonly string[]): Promise<number> {
  const [verb, number, ...rest] = argv
  // What follows a command that is run in a box is not ours to parse.
  if (verb === 'stage' && number !== '--help') return stageCommand(stageNumbered(stages, number), rest)
  if (verb === 'cni') return (await import('./cni-command.ts')).cniCommand(number)
  return (await import('./commands.ts')).runCommand(stages, argv)
}
// #endregion main

main(process.argv.slice(2)).then((status) => process.exit(status), complain)
