/** Files that the box makes are files of the host. One that is root's, and has the setuid bit, makes root of whoever on the host starts it. */
import { statSync } from 'node:fs'
import type { Attack } from './attack.ts'
import { nothing } from './token.ts'

const S_ISUID = 0o4000

// #region setuid
export const setuidRoot: Attack = {
  name: 'setuid-root',
  story: 'leave a program behind that makes root of any user of the host',
  closedBy: 6,
  attempt: (ground) => ({
    args: ['/bin/sh', '-c', 'cp /bin/sh /tmp/root; chmod 4755 /tmp/root'],
    succeeded: () => {
      const file = statSync(ground.outside('/tmp/root'), {
        throwIfNoEntry: false,
      })
      return file?.uid === 0 && (file.mode & S_ISUID) !== 0
    },
    [Symbol.dispose]: nothing,
  }),
}
// #endregion setuid
