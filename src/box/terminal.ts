/**
 * Lesson 13. A terminal of the box's own. The box opens it in its own /dev/pts and hands its other end, the master, to whoever sits before it: over
 * a socket where an engine waits for it, or to our monitor, which relays: pts(4), unix(7).
 */
import { S_IFREG } from '../kernel/constants.ts'
import type { Process } from '../oci/spec.ts'
import { box, host, type Draft, type Wall } from '../plan/plan.ts'

/** Numbers for what is open meanwhile. */
const [SOCKET, MASTER, SLAVE] = [56, 57, 58]

// #region terminal
/** @param socket where somebody waits for it; without, it is relayed to ours. */
export const containerTerminal = (socket?: string): Wall => ({
  name: 'terminal',
  lesson: 13,
  steps: ({ process }) =>
    process.terminal
      ? [...opened(process, socket), ...theConsole, ...handedOut]
      : ownSession,
})

/** Of a command that comes later into a box: the console is the first's. */
export const execTerminal = (socket?: string): Wall => ({
  name: 'terminal',
  lesson: 13,
  steps: ({ process }) =>
    process.terminal ? [...opened(process, socket), ...handedOut] : ownSession,
})
// #endregion terminal

// #region steps
const opened = (process: Process, socket?: string): Draft[] => [
  ...(socket === undefined
    ? relayed
    : [host('connect', [SOCKET, socket], 'somebody waits for the terminal')]),
  box(
    'openpty',
    [MASTER, SLAVE, ...(socket === undefined ? OURS : sizeOf(process))],
    'a terminal: one end for us, one for the command',
  ),
  ...ownedBy(process),
]

const relayed: Draft[] = [
  host('tcgetattr', [], 'as our terminal is now it will be in the end'),
  host('socketpair', [SOCKET], 'our monitor waits for the terminal'),
]

/** mount(8), "devpts": its group and mode are said there. */
const ownedBy = ({ user: { uid } = { uid: 0, gid: 0 } }: Process): Draft[] =>
  uid === 0
    ? []
    : [box('fchown', [SLAVE, uid, SAME], 'it belongs to who uses it')]

const theConsole: Draft[] = [
  box('mknod', ['/dev/console', S_IFREG | 0o666, 0], 'a file to mount it on', {
    fine: ['EEXIST'],
  }),
  box('bind_fd', [SLAVE, '/dev/console'], "it is the box's console as well"),
]

const handedOut: Draft[] = [
  box('sendmsg', [SOCKET, '/dev/ptmx', MASTER], 'here is your end of it'),
  box('login_tty', [SLAVE], 'its keys speak to this box, and to nobody else'),
]

/** Whoever leads its session is inside then, and a checkpoint is whole. */
const ownSession: Draft[] = [
  box('setsid', [], 'it hears nothing from the terminal of whoever makes it', {
    fine: ['EPERM'],
  }),
]
// #endregion steps

/** A group that stays as it is: chown(2). */
const SAME = -1

/** As large as the terminal that we were started from. */
const OURS = [0, 0] as const

// #region size
/** TIOCSWINSZ has 16 bits for each. */
const MOST = 0xffff

/** @throws RangeError when no terminal can be so large. */
function sizeOf({ consoleSize }: Process): [rows: number, columns: number] {
  const { height, width } = consoleSize ?? { height: 0, width: 0 }
  if (height > MOST || width > MOST)
    throw new RangeError(
      `Cannot make a terminal of "${height}×${width}": a terminal has ${MOST} rows and columns at most\n  Change process.consoleSize, or leave it out`,
    )
  return [height, width]
}
// #endregion size
