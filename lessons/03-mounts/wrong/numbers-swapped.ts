/** Minor and major number the wrong way round: the names are right, and the devices are others. */
import { S_IFCHR } from '../../../src/kernel/constants.ts'
import { box, type Wall } from '../../../src/plan/plan.ts'

export const diagnosis = 'devices'

export const devices: Wall = {
  name: 'devices',
  lesson: 3,
  steps: ({ linux }) =>
    linux.devices.map(({ path, major, minor, fileMode }) =>
      box(
        'mknod',
        [path, S_IFCHR | fileMode, (minor << 8) | major],
        'a device',
      ),
    ),
}
