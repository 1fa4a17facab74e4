/** The way of the old manuals, half of it: the old root is put into a directory, and nobody takes it away from there. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import { MS_BIND, MS_PRIVATE, MS_REC } from '../../../src/kernel/constants.ts'
import type { Spec } from '../../../src/oci/spec.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'old-root'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: ({ root, mounts }, machine) => [
    box('mount', ['none', '/', '', MS_REC | MS_PRIVATE, ''], 'stays in here'),
    box(
      'mount',
      [root.path, root.path, '', MS_BIND | MS_REC, ''],
      'a mount point',
    ),
    box('mkdir', [`${root.path}/.old`, 0o700], 'where the old root goes', {
      undo: { call: 'rmdir', args: [`${root.path}/.old`] },
    }),
    box('pivot_root', [root.path, `${root.path}/.old`], 'change places'),
    box('chdir', ['/'], 'step in'),
    ...reference.steps({ root, mounts } as Spec, machine).slice(6),
  ],
}
