/** The classic: root in a chroot calls chroot again, without stepping in, and walks up. No bug is used: chroot(2) says so itself. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { box, type Draft } from '../../plan/plan.ts'
import type { Attack } from './attack.ts'

export const secondChroot: Attack = {
  name: 'second-chroot',
  story:
    'chroot again without stepping in, walk up, write into a directory of the host',
  closedBy: 3,
  attempt: (rootfs) => {
    const host = mkdtempSync(join(tmpdir(), 'boxwright-token-'))
    const token = join(host, randomBytes(8).toString('hex'))
    return {
      steps: walkOut(rootfs, `/${basename(token)}`),
      args: ['/bin/sh', '-c', `exec 2>&-; echo out > ${token}`],
      succeeded: () => existsSync(token),
      [Symbol.dispose]: () => rmSync(host, { recursive: true }),
    }
  },
}

// #region walk
/** @param hole any directory that is not there yet, as the box names it. */
const walkOut = (rootfs: string, hole: string): Draft[] => [
  box('mkdir', [hole, 0o700], 'any directory will do', undo(rootfs + hole)),
  box('chroot', [hole], 'the root is below us now, and we are outside it'),
  ...Array.from({ length: 32 }, () => up),
  box('chroot', ['.'], 'here is the top: make it our root'),
]

const up = box('chdir', ['..'], 'only a root stops "..": ours is elsewhere')
// #endregion walk

const undo = (hole: string): Pick<Draft, 'undo'> => ({
  undo: { call: 'rmdir', args: [hole], fine: ['ENOENT'] },
})
