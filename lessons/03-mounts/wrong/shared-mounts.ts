/** Mounts first, and never asks who else gets to know: on a host with shared mounts, /proc and /dev of the box show up there too. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'private'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) => [
    box('chroot', [spec.root.path], 'hide the old root'),
    box('chdir', ['/'], 'step in'),
    ...reference.steps(spec, machine).slice(6),
  ],
}
