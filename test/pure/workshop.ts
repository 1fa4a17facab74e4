/** This repository, and its stages as lessons and slides ask for them. */
import { fileURLToPath } from 'node:url'
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { threads } from '../../lessons/05-threads/stage.ts'
import { ownUsers } from '../../lessons/06-users/stage.ts'
import { ownNetwork } from '../../lessons/07-network/stage.ts'
import { security } from '../../lessons/08-security/stage.ts'
import { workshopOf } from '../../src/cli/workshop.ts'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

export const stages = [chroot, namespaces, mounts, cgroups, threads, ownUsers, ownNetwork, security]

export const workshop = workshopOf(stages)
