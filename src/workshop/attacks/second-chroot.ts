/** The classic: root in a chroot calls chroot again, without stepping in, and walks up. No bug is used: chroot(2) says so itself. */
import { box, type Draft } from '../../plan/plan.ts'
import type { Attack } from './attack.ts'
import { Token } from './token.ts'

export const secondChroot: Attack = {
  name: 'second-chroot',
  story:
    'chroot again without stepping in, walk up, write into a directory of the host',
  closedBy: 3,
  attempt: (ground) => {
    const token = ground.keep(new Token())
    return {
      steps: walkOut('/tmp/hole'),
      args: ['/bin/sh', '-c', `exec 2>&-; echo out > ${token.path}`],
      succeeded: () => token.isThere(),
    }
  },
}

// #region walk
/** @param hole any directory that is not there yet, as the box names it. */
const walkOut = (hole: string): Draft[] => [
  box('mkdir', [hole, 0o700], 'any directory will do'),
  box('chroot', [hole], 'the root is below us now, and we are outside it'),
  ...Array.from({ length: 32 }, () => up),
  box('chroot', ['.'], 'here is the top: make it our root'),
]

const up = box('chdir', ['..'], 'only a root stops "..": ours is elsewhere')
// #endregion walk
