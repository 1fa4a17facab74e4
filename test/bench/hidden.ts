/** crun refuses a machine of both generations of cgroups on which the v2 tree holds a controller. For as long as it is measured it doesn't see it. */
import { CLONE_NEWNS, MS_PRIVATE, MS_REC } from '../../src/kernel/constants.ts'
import { calls } from '../../src/kernel/libc.ts'
import { readMachine } from '../../src/kernel/machine.ts'

/** What this process mounts from here on nobody else sees: mount_namespaces(7). */
export function enterOwnMounts(): void {
  calls.unshare(CLONE_NEWNS)
  calls.mount('none', '/', '', MS_REC | MS_PRIVATE, '')
}

export function withoutUnified<Result>(work: () => Result): Result {
  const { layout, v2 } = readMachine().cgroups
  if (layout !== 'hybrid' || v2 === undefined) return work()
  calls.mount('none', v2.mount, 'tmpfs', 0, '')
  try {
    return work()
  } finally {
    calls.umount2(v2.mount, 0)
  }
}
