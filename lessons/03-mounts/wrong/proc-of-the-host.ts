/** /proc is bound from the host, since it is there already. It shows the processes of the host, and lets root in the box reach for them. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import { MS_BIND, MS_REC } from '../../../src/kernel/constants.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'proc'
export const cause = 'bound from there'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: (spec, machine) => [
    ...reference.steps(spec, machine).slice(0, 1),
    box(
      'mount',
      [spec.root.path, spec.root.path, '', MS_BIND | MS_REC, ''],
      'a mount point',
    ),
    box(
      'mount',
      ['/proc', `${spec.root.path}/proc`, '', MS_BIND | MS_REC, ''],
      'the one that is there',
    ),
    ...reference
      .steps(
        { ...spec, mounts: spec.mounts.filter(({ type }) => type !== 'proc') },
        machine,
      )
      .slice(2),
  ],
}
