/** umount2(2): what keeps a mount where it is. */
import { MNT_DETACH } from '../../../kernel/constants.ts'
import { has, number, text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import { mountName, type Place } from '../place.ts'
import { isInUserNamespace } from '../scene.ts'

type Found = Extract<Place, { found: true }>

const calls = ['umount2'] as const

const ofTarget =
  (look: (place: Found, attempt: Attempt) => Verdict) =>
  (attempt: Attempt): Verdict => {
    const place = attempt.scene.look(text(attempt, 0))
    return place.found ? look(place, attempt) : 'unknown'
  }

// #region umount
export const umountCauses: Cause[] = [
  {
    name: 'umount2/not-a-mount-point',
    calls,
    codes: ['EINVAL'],
    precondition: 'What is to be unmounted is a mount point',
    man: 'umount2(2): target is not a mount point.',
    args: 1,
    probe: ofTarget(({ isMountPoint, path, mount }) =>
      isMountPoint
        ? 'so'
        : {
            fact: `"${path}" is not a mount point: it lies in ${mountName(mount)}`,
            remedy: 'Name a mount point of this namespace: see /proc/self/mountinfo',
          },
    ),
  },
  {
    name: 'umount2/locked',
    calls,
    codes: ['EINVAL'],
    precondition: 'The mount did not come from a mount namespace with more rights',
    man: 'umount2(2): target is locked; see mount_namespaces(7).',
    args: 1,
    probe: ofTarget(({ isMountPoint, mount }, { scene }) => {
      if (!isMountPoint || !isInUserNamespace(scene)) return 'so'
      return {
        fact: `process ${scene.pid} is in a user namespace, and ${mountName(mount)} came into it from outside: it is locked`,
        remedy: 'Mount over it, or unmount the whole tree that it came with, from its top',
      }
    }),
  },
  {
    name: 'umount2/mounts-below',
    calls,
    codes: ['EBUSY'],
    precondition: 'Nothing is mounted below',
    man: 'umount2(2): target could not be unmounted because it is busy.',
    args: 1,
    probe: ofTarget(({ path, mount }, attempt) => {
      const child = attempt.scene.mounts.find(({ parent, mountPoint }) => parent === mount?.id && mountPoint !== path)
      if (!child || isDetached(attempt)) return 'so'
      return {
        fact: `${mountName(child)} is mounted below "${path}"`,
        remedy: 'Unmount that first, or let all of it go with MNT_DETACH',
      }
    }),
  },
  {
    name: 'umount2/in-use',
    calls,
    codes: ['EBUSY'],
    precondition: 'No process stands in it, runs from it or has a file of it open',
    man: 'umount2(2): target could not be unmounted because it is busy.',
    args: 1,
    probe: ofTarget(({ path }, attempt) => {
      if (isDetached(attempt)) return 'so'
      const { scene } = attempt
      for (const process of scene.processes()) {
        const file = [...process.stands(), ...process.open().map((one) => one.path)].find((one) =>
          `${one}/`.startsWith(`${path}/`),
        )
        if (file !== undefined)
          return {
            fact: `process ${process.pid} uses "${file}"`,
            remedy: `End it (fuser -m ${path} names all), or let the mount go when nobody needs it: MNT_DETACH`,
          }
      }
      return 'unknown'
    }),
  },
]
// #endregion umount

const isDetached = (attempt: Attempt): boolean => has(number(attempt, 1), MNT_DETACH)
