/** A box that was started at a terminal types into it, and the shell that comes after runs what it has typed. */
import type { Attack } from './attack.ts'
import { onHost } from './ground.ts'
import { Token } from './token.ts'

/** Starts what follows it, and when that has had its box, it is a shell as any. */
const THEN_SHELL = '"$@"; [ $? = 125 ] && exit 125; exec timeout 2 sh'

// #region terminal
export const terminalInput: Attack = {
  name: 'terminal-input',
  story: 'type a command into the terminal that the box was started from',
  closedBy: 8,
  attempt: (ground) => {
    const token = ground.keep(new Token())
    const typed = `echo out > ${token.path}; exit`
    return {
      under: onHost('at-terminal', 'sh', '-c', THEN_SHELL, 'sh'),
      args: ground.program('terminal-input', typed),
      succeeded: () => token.isThere(),
    }
  },
}
// #endregion terminal
