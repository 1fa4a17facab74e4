/** Who sits before a container's terminal: whoever started us, or somebody who waits at a socket. What can't be is refused before anything is made. */
import { closeSync, openSync } from 'node:fs'
import { isatty } from 'node:tty'

interface Wanted {
  terminal: boolean
  /** Nobody of ours stays who could relay. */
  leaves: boolean
  consoleSocket?: string | undefined
}

// #region terminal
/** @throws Error in runC's words. */
export function refuseTerminal({ terminal, leaves, consoleSocket }: Wanted): void {
  if (terminal && leaves && consoleSocket === undefined)
    throw new Error(
      'Cannot make a terminal: cannot allocate tty if runc will detach without setting console socket\n' +
        '  Say where somebody waits for it: --console-socket PATH; or say process.terminal is false in config.json',
    )
  if (consoleSocket !== undefined && !(terminal && leaves))
    throw new Error(
      `Cannot use console socket "${consoleSocket}": cannot use console socket if runc will not detach or allocate tty\n` +
        `  ${terminal ? 'Use --detach as well, or' : 'Say process.terminal is true in config.json, or'} leave --console-socket out`,
    )
  if (terminal && !leaves && !isAtTerminal())
    throw new Error(
      'Cannot relay a terminal: provided file is not a console: neither standard input, output nor error is a terminal, and there is no /dev/tty\n' +
        '  Use script -qec "…" /dev/null, or --detach with --console-socket; or say process.terminal is false in config.json',
    )
}
// #endregion terminal

const isAtTerminal = (): boolean => [0, 1, 2].some((fd) => isatty(fd)) || hasControllingTerminal()

/** tty(4). */
function hasControllingTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r+'))
    return true
  } catch {
    return false
  }
}
