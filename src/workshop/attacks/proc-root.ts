/** In a procfs every process has a link to its root. That of the host's first process is the host's. */
import type { Attack } from './attack.ts'
import { Token } from './token.ts'

// #region root
export const procRoot: Attack = {
  name: 'proc-root',
  story: 'mount a procfs and go through /proc/1/root',
  closedBy: 2,
  attempt: (ground) => {
    const token = ground.keep(new Token())
    return {
      args: ground.program('proc-root', token.path),
      succeeded: () => token.isThere(),
    }
  },
}
// #endregion root
