/** This repository, and its stages as lessons and slides ask for them. */
import { fileURLToPath } from 'node:url'
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { threads } from '../../lessons/05-threads/stage.ts'
import { workshopOf } from '../../src/cli/workshop.ts'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

export const stages = [chroot, namespaces, mounts, cgroups, threads]

export const workshop = workshopOf(stages)
