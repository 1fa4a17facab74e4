/** Every attack that is known so far, in the order of the lessons that close them. */
import { Complaint } from '../complaint.ts'
import { abstractSocket } from './abstract-socket.ts'
import { arpSpoof } from './arp-spoof.ts'
import type { Attack } from './attack.ts'
import { fileHandle } from './file-handle.ts'
import { forkBomb } from './fork-bomb.ts'
import { hostDisk } from './host-disk.ts'
import { hostName } from './host-name.ts'
import { hostNetwork } from './host-network.ts'
import { hostSysctl } from './host-sysctl.ts'
import { imageDevice } from './image-device.ts'
import { imageLink } from './image-link.ts'
import { interrupts } from './interrupts.ts'
import { kernelLog } from './kernel-log.ts'
import { keyring } from './keyring.ts'
import { killNeighbour } from './kill-neighbour.ts'
import { leakedDirectory } from './leaked-directory.ts'
import { leakedMount } from './leaked-mount.ts'
import { logBySyscall } from './log-by-syscall.ts'
import { memoryHog } from './memory-hog.ts'
import { procRoot } from './proc-root.ts'
import { rawSocket } from './raw-socket.ts'
import { readNeighbour } from './read-neighbour.ts'
import { releaseAgent } from './release-agent.ts'
import { secondChroot } from './second-chroot.ts'
import { selfExe } from './self-exe.ts'
import { sharedMemory } from './shared-memory.ts'
import { symlinkRace } from './symlink-race.ts'
import { terminalInput } from './terminal-input.ts'
import { traceNeighbour } from './trace-neighbour.ts'

// #region all
export const attacks: readonly Attack[] = [
  ...[killNeighbour, readNeighbour, traceNeighbour, procRoot],
  ...[hostName, sharedMemory],
  ...[secondChroot, leakedMount, imageLink, symlinkRace],
  ...[forkBomb, memoryHog],
  ...[kernelLog, logBySyscall, hostDisk, fileHandle, releaseAgent],
  ...[rawSocket, leakedDirectory, selfExe],
  hostSysctl,
  ...[hostNetwork, abstractSocket],
  ...[imageDevice, keyring, terminalInput, arpSpoof, interrupts],
]
// #endregion all

export function attackNamed(name: string): Attack {
  const found = attacks.find((attack) => attack.name === name)
  if (found) return found
  const known = attacks.map((attack) => attack.name)
  throw new Complaint(
    `Cannot attack by "${name}": there is no such attack\n  There are: ${known.join(', ')}`,
  )
}
