/**
 * Lesson 13. Whatever a spec wants to have mounted, in its order, below where the box stands. What comes from the host is a mount of its own before it is
 * anywhere, with all that it is to be and not to be; so nobody can exchange it between the two: open_tree(2), move_mount(2).
 */
import {
  AT_RECURSIVE,
  MS_BIND,
  MS_RDONLY,
  MS_REC,
  MS_REMOUNT,
  OPEN_TREE_CLONE,
} from '../../kernel/constants.ts'
import type { Machine } from '../../kernel/machine.ts'
import type { Mount, Spec } from '../../oci/spec.ts'
import { box, type Draft, type Wall } from '../../plan/plan.ts'
import { cgroupMount } from './cgroup-view.ts'
import { handed, type Piece, type Slots } from './handed.ts'
import { isMapped, mappedBy } from './idmap.ts'
import { labelled } from './label.ts'
import { wordsOf, type Attributes, type Words } from './options.ts'
import { below, Places, refusePlace } from './places.ts'
import { inherited } from './root.ts'
import { isOpenedOutside, type About, type Around } from './surroundings.ts'

const SLOTS: Slots = { first: 1, count: 16 }

/** The number after those: what is to be copied up. */
const KEPT = 18

/** A mount with its options understood. */
interface Wanted {
  mount: Mount
  words: Words
  path: string
  spec: Spec
  around: Around
  places: Places
}

// #region mounts
export const containerMounts = (around: Around): Wall => ({
  name: 'container-mounts',
  lesson: 13,
  steps: (spec, machine) => {
    const places = new Places()
    const pieces = spec.mounts.map((mount, n): Piece => {
      const words = wordsOf(mount.options)
      const path = below(mount.destination)
      const wanted = { mount, words, path, spec, around, places }
      refuse(wanted)
      if (mount.type === 'cgroup')
        return named(n, {
          placed: () => [
            ...placeOf(wanted),
            ...cgroupMount(mount, path, spec, machine),
          ],
        })
      return named(
        n,
        mount.type === 'bind' ? bound(wanted) : fresh(wanted, machine),
      )
    })
    return handed(pieces, SLOTS, isOpenedOutside(spec, around))
  },
})
// #endregion mounts

/** @throws Error naming the mount. */
function refuse(wanted: Wanted): void {
  const { mount, words, around } = wanted
  refusePlace(mount, fieldOf(wanted))
  if (mount.type !== 'bind') {
    if (isMapped(mount))
      throw complain(
        wanted,
        'only a bind mount is id-mapped',
        'Leave idmap out',
      )
    return
  }
  if (around.kinds[mount.source] === 'missing' && !isRemount(words))
    throw complain(
      wanted,
      'there is no such file or directory',
      'Make it, or correct the source',
    )
}

/** Whoever hears that one of its steps was refused hears whose it is. */
function named(n: number, { opened, placed, ...piece }: Piece): Piece {
  const about = (step: Draft): Draft & About => ({
    ...step,
    field: `mounts[${n}]`,
  })
  return {
    ...piece,
    placed: (slot) => placed(slot).map(about),
    ...(opened && { opened: (slot, lane) => opened(slot, lane).map(about) }),
  }
}

const fieldOf = ({ mount, spec }: Wanted): string =>
  `mounts[${spec.mounts.indexOf(mount)}]`

function complain(wanted: Wanted, fact: string, remedy: string): Error {
  const { source, destination } = wanted.mount
  return new Error(
    `Cannot mount "${source}" at "${destination}" (${fieldOf(wanted)}): ${fact}\n  ${remedy}`,
  )
}

const isRemount = ({ flags }: Words): boolean => (flags & MS_REMOUNT) !== 0

// #region bound
/** What is there already gets other attributes when it is a remount. */
function bound(wanted: Wanted): Piece {
  const { mount, words, spec, around } = wanted
  if (isRemount(words))
    return { placed: (slot) => changed(wanted, slot, words.own) }
  const all = words.flags & MS_REC ? AT_RECURSIVE : 0
  return {
    outside: isMapped(mount),
    opened: (slot, lane) => [
      lane(
        'open_tree_attr',
        [
          slot,
          mount.source,
          OPEN_TREE_CLONE | all,
          words.all.set,
          words.all.clear,
          inherited(spec),
        ],
        'a mount of it, nowhere yet',
      ),
      ...mappedBy(mount, spec, around, slot),
    ],
    placed: (slot) => [
      ...placeOf(wanted),
      ...attributed(slot, words.own),
      ...(words.copiesUp
        ? copiedUp(wanted.path, moved(slot, wanted.path), KEPT)
        : [moved(slot, wanted.path)]),
      ...propagated(wanted),
    ],
  }
}

const moved = (slot: number, path: string): Draft =>
  box('move_mount', [slot, path], 'here it is')

/** Of the mount itself, and not of those below it. */
const attributed = (
  slot: number,
  { set, clear }: Attributes,
  flags = 0,
): Draft[] =>
  (set | clear) === 0
    ? []
    : [
        box(
          'mount_setattr',
          [slot, flags, set, clear, ''],
          'what may be done in it',
        ),
      ]
// #endregion bound

// #region fresh
function fresh(wanted: Wanted, machine: Machine): Piece {
  const { mount, words, path, spec } = wanted
  const flags = isLateReadOnly(mount) ? words.flags & ~MS_RDONLY : words.flags
  const data = isRemount(words)
    ? words.data
    : labelled(words.data, mount.type, spec, machine)
  const mounted = box(
    'mount',
    [mount.source, path, mount.type, flags & ~(MS_BIND | MS_REC), data],
    PURPOSE[mount.type] ?? `a ${mount.type} of the box's own`,
  )
  return {
    placed: (slot) => [
      ...(isRemount(words) ? [] : placeOf(wanted)),
      ...(words.copiesUp ? copiedUp(path, mounted, slot) : [mounted]),
      ...changed(wanted, slot, words.all, AT_RECURSIVE),
      ...propagated(wanted),
    ],
  }
}

/** What the box finds in it others have to put there first. */
export const isLateReadOnly = ({
  type,
  destination,
  options,
}: Mount): boolean =>
  type !== 'bind' &&
  (type === 'tmpfs' || below(destination) === 'dev') &&
  !options.includes('remount')

/** What lies there has to be kept in hand before it is covered. */
const copiedUp = (path: string, mounted: Draft, slot: number): Draft[] => [
  box('open_tree', [slot, path, 0], 'what is there'),
  mounted,
  box('copy', [slot, path], 'is in it from the beginning'),
  box('close', [slot], 'and is covered'),
]

const PURPOSE: Record<string, string> = {
  proc: 'a /proc that shows the processes of its PID namespace',
  tmpfs: 'in memory, and gone with the box',
  devpts: 'pseudo-terminals that no one else can open',
  sysfs: 'the kernel and its devices',
  mqueue: 'message queues of its IPC namespace',
}
// #endregion fresh

// #region changed
function changed(
  { path }: Wanted,
  slot: number,
  attributes: Attributes,
  flags = 0,
): Draft[] {
  const steps = attributed(slot, attributes, flags)
  return steps.length === 0
    ? []
    : [
        box('open_tree', [slot, path, 0], 'what is mounted there, and no copy'),
        ...steps,
        box('close', [slot], 'that is all'),
      ]
}

const propagated = ({ words, path }: Wanted): Draft[] =>
  words.propagation.map((flags) =>
    box('mount', ['none', path, '', flags, ''], 'who hears of mounts in it'),
  )
// #endregion changed

/** A tmpfs has the mode of what it covers, and where there was nothing it is for all: tmpfs(5). */
function placeOf({ mount, path, places, around }: Wanted): Draft[] {
  const isFile = mount.type === 'bind' && around.kinds[mount.source] === 'file'
  const mode = mount.type === 'tmpfs' ? 0o1777 : 0o755
  const steps = places.make(path, isFile ? 'file' : 'directory', mode)
  places.cover(path)
  return steps
}
