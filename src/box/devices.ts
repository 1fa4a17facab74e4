/** Lesson 3. The few devices that every program counts on. A device file is a name for two numbers; the numbers are the device: mknod(2). */
import { S_IFCHR } from '../kernel/constants.ts'
import type { Device } from '../oci/spec.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'
import { placed, placeFor } from './binds.ts'
import { isNamespaced } from './whose.ts'

/** runtime-spec runtime-linux.md §dev-symbolic-links. */
const LINKS = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
] as const

// #region devices
export const devices: Wall = {
  name: 'devices',
  lesson: 3,
  steps: (spec, machine) => [
    ...spec.linux.devices.flatMap((device) =>
      isNamespaced(spec, machine)
        ? [placeFor(device), ...placed(device, spec, machine)]
        : [made(device)],
    ),
    ...LINKS.map(([target, link]) =>
      box('symlink', [target, link], 'a name that programs expect'),
    ),
  ],
}
// #endregion devices

const made = ({ path, major, minor, fileMode }: Device): Draft =>
  box(
    'mknod',
    [path, S_IFCHR | fileMode, makedev(major, minor)],
    `the kernel's device ${major}:${minor}`,
  )

/** makedev(3), for numbers as small as these: minor in the low byte, major above it. */
const makedev = (major: number, minor: number): number => (major << 8) | minor
