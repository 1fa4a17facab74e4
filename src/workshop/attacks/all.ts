/** Every attack that is known so far, in the order of the lessons that close them. */
import { Complaint } from '../complaint.ts'
import type { Attack } from './attack.ts'
import { forkBomb } from './fork-bomb.ts'
import { kernelLog } from './kernel-log.ts'
import { hostNetwork } from './host-network.ts'
import { killNeighbour } from './kill-neighbour.ts'
import { memoryHog } from './memory-hog.ts'
import { secondChroot } from './second-chroot.ts'

export const attacks: readonly Attack[] = [
  killNeighbour,
  secondChroot,
  forkBomb,
  memoryHog,
  kernelLog,
  hostNetwork,
]

export function attackNamed(name: string): Attack {
  const found = attacks.find((attack) => attack.name === name)
  if (found) return found
  throw new Complaint(
    `Cannot attack by "${name}": there is no such attack\n  There are: ${attacks.map((attack) => attack.name).join(', ')}`,
  )
}
