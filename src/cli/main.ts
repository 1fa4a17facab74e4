/** `boxwright`: the one command. Each of its own commands is a file. */
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { complain } from './complain.ts'
import { stageCommand } from './stage-command.ts'

const stages = [chroot, namespaces, mounts, cgroups]
const [, , , n, ...rest] = process.argv
stageCommand(stages[Number(n) - 1]!, rest).then(process.exit, complain)
