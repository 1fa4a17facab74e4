/** /dev is bound from the host: with its disks. The devices that lesson 3 makes are there already. */
import { mounts as reference } from '../../../src/box/mounts.ts'
import { MS_BIND, MS_REC } from '../../../src/kernel/constants.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'started'
export const cause = 'not the box’s own /dev'

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
      ['/dev', `${spec.root.path}/dev`, '', MS_BIND | MS_REC, ''],
      'the one that is there',
    ),
    ...reference
      .steps(
        {
          ...spec,
          mounts: spec.mounts.filter(
            ({ destination }) => !destination.startsWith('/dev'),
          ),
        },
        machine,
      )
      .slice(2),
  ],
}
