/** The way of the old manuals, half of it: the old root is put into a directory, and nobody takes it away from there. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import { MS_BIND, MS_PRIVATE, MS_REC } from '../../../src/kernel/constants.ts'
import { box, type Draft, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'old-root'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) => [
    ...aside(spec.root.path),
    ...reference.steps(spec, machine).slice(6),
  ],
}

const aside = (root: string): Draft[] => [
  box('mount', ['none', '/', '', MS_REC | MS_PRIVATE, ''], 'stays in here'),
  box('mount', [root, root, '', MS_BIND | MS_REC, ''], 'a mount point'),
  box('mkdir', [`${root}/.old`, 0o700], 'where the old root goes', {
    undo: { call: 'rmdir', args: [`${root}/.old`] },
  }),
  box('pivot_root', [root, `${root}/.old`], 'change places'),
  box('chdir', ['/'], 'step in'),
]
