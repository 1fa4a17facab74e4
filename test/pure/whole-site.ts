/** The site of this repository, made once for the tests of a file. */
import { fileURLToPath } from 'node:url'
import { chroot } from '../../lessons/01-chroot/stage.ts'
import { namespaces } from '../../lessons/02-namespaces/stage.ts'
import { mounts } from '../../lessons/03-mounts/stage.ts'
import { cgroups } from '../../lessons/04-cgroups/stage.ts'
import { workshopOf } from '../../src/cli/workshop.ts'
import { makeSite } from '../../src/workshop/site/site.ts'

export const repository = fileURLToPath(new URL('../..', import.meta.url))

const stages = [chroot, namespaces, mounts, cgroups]
const cuts = [
  ['90 minutes', 90],
  ['a full day', 420],
] as const

export const wholeSite = (): ReturnType<typeof makeSite> =>
  makeSite({ repository, stages, workshop: workshopOf(stages), cuts })
