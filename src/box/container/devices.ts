/**
 * Lesson 13. Devices, wherever a spec wants them, and what every program counts on in /dev. In a user namespace nobody makes a device: there the host's
 * own is bound, if it is the one. mknod(2), runtime-spec config-linux.md §devices.
 */
import {
  MS_PRIVATE,
  OPEN_TREE_CLONE,
  S_IFBLK,
  S_IFCHR,
  S_IFIFO,
} from '../../kernel/constants.ts'
import type { Machine } from '../../kernel/machine.ts'
import type { Device, Spec } from '../../oci/spec.ts'
import { box, type Draft, type Wall } from '../../plan/plan.ts'
import { handed, type Piece, type Slots } from './handed.ts'
import { below, Places } from './places.ts'
import { isOpenedOutside, type Around } from './surroundings.ts'
import { isNamespaced } from '../whose.ts'

const SLOTS: Slots = { first: 20, count: 16 }

/** runtime-spec runtime-linux.md §dev-symbolic-links. */
const LINKS = [
  ['/proc/self/fd', 'dev/fd'],
  ['/proc/self/fd/0', 'dev/stdin'],
  ['/proc/self/fd/1', 'dev/stdout'],
  ['/proc/self/fd/2', 'dev/stderr'],
  ['pts/ptmx', 'dev/ptmx'],
] as const

// #region devices
/** A /dev that somebody has bound there is theirs, and complete. */
export const containerDevices = (around: Around): Wall => ({
  name: 'container-devices',
  lesson: 13,
  steps: (spec, machine) => {
    if (spec.mounts.some(isBoundDev)) return []
    const places = new Places()
    const pieces = spec.linux.devices
      .filter(({ path }) => below(path) !== 'dev/ptmx') // a link: pts(4)
      .map((device) => pieceOf(device, spec, machine, around, places))
    return [
      ...handed(pieces, SLOTS, isOpenedOutside(spec, around)),
      ...places.make('/dev', 'directory'),
      ...LINKS.map(([target, link]) =>
        box('symlink', [target, link], 'a name that programs expect', {
          fine: ['EEXIST'],
        }),
      ),
    ]
  },
})
// #endregion devices

const isBoundDev = ({ type, destination }: Spec['mounts'][number]): boolean =>
  type === 'bind' && below(destination) === 'dev'

function pieceOf(
  device: Device,
  spec: Spec,
  machine: Machine,
  around: Around,
  places: Places,
): Piece {
  if (device.type !== 'p' && isNamespaced(spec, machine))
    return bound(device, around, places)
  const parent = device.path.replace(/\/[^/]*$/, '')
  return {
    placed: () => [
      ...(parent ? places.make(parent, 'directory') : []),
      ...made(device),
    ],
  }
}

// #region made
const TYPES = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO } as const

function made(device: Device): Draft[] {
  const { type, fileMode, uid = 0, gid = 0, major, minor } = device
  const path = below(device.path)
  const mode = TYPES[type] | (fileMode & 0o7777)
  const why =
    type === 'p' ? 'a pipe with a name' : `the kernel's ${major}:${minor}`
  return [
    box('mknod', [path, mode, type === 'p' ? 0 : makedev(device)], why),
    ...(uid || gid ? [box('lchown', [path, uid, gid], 'and whose it is')] : []),
  ]
}

/** makedev(3), as far as the kernel goes: 12 bits for the one, 20 for the other. @throws RangeError of larger ones. */
function makedev({ path, major, minor }: Device): number {
  if (major < 0 || major >= 2 ** 12 || minor < 0 || minor >= 2 ** 20)
    throw new RangeError(
      `Cannot make the device "${path}": the kernel has none of the numbers ${major}:${minor}\n  Correct linux.devices: up to 4095:1048575`,
    )
  return (((minor & 0xfff00) << 12) | (major << 8) | (minor & 0xff)) >>> 0
}
// #endregion made

// #region bound
/** @throws Error when the host has another device of that name, or none. */
function bound(device: Device, { devices }: Around, places: Places): Piece {
  const { path, major, minor } = device
  const found = devices[path]
  const type = device.type === 'u' ? 'c' : device.type
  if (found?.type !== type || found.major !== major || found.minor !== minor)
    throw new Error(
      `Cannot bind the device "${path}": the host has ${
        !found || found.type === '-'
          ? 'none there'
          : `${found.type} ${found.major}:${found.minor}`
      }, and in a user namespace none can be made\n  Make it on the host, or leave it out of linux.devices`,
    )
  return {
    opened: (slot, lane) => [
      lane(
        'open_tree_attr',
        [slot, path, OPEN_TREE_CLONE, 0, 0, MS_PRIVATE],
        "the host's own, as a mount",
      ),
    ],
    placed: (slot) => [
      ...places.make(path, 'file'),
      box('move_mount', [slot, below(path)], 'here it is'),
    ],
  }
}
// #endregion bound
