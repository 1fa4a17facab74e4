/** What is mounted in a box with a mount namespace of its own appears outside of it, when nobody has said that it must not. */
import { basename } from 'node:path'
import { MS_SHARED } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { readMountInfo } from '../../kernel/mountinfo.ts'
import type { Attack } from './attack.ts'
import { secret } from './token.ts'

// #region leak
export const leakedMount: Attack = {
  name: 'leaked-mount',
  story: 'mount something in the box, and have it mounted on the host',
  closedBy: 3,
  attempt: (ground) => {
    let leaked = false
    const place = `/tmp/${secret()}`
    calls.mount('none', ground.outside('/tmp'), '', MS_SHARED, '')
    return {
      args: ground.program('leaked-mount', place),
      ended: () => {
        leaked = readMountInfo().some(
          ({ mountPoint }) => basename(mountPoint) === basename(place),
        )
      },
      succeeded: () => leaked,
    }
  },
}
// #endregion leak
