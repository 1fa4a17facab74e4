/**
 * Lesson 7. The names that a box knows: its own, and whom to ask for others. Three files in /etc, and none of them is written there: what is in the
 * root file system may be a link to anywhere (CVE-2025-24965). They are made in memory, and mounted.
 */
import {
  MNT_DETACH,
  MS_BIND,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  S_IFREG,
} from '../kernel/constants.ts'
import type { Machine } from '../kernel/machine.ts'
import { hostsLines, nameserverLine, networkOf } from '../oci/network.ts'
import type { Spec } from '../oci/spec.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'

const SAFE = MS_NOSUID | MS_NODEV | MS_NOEXEC

/** Of the box's own, and empty: something can be mounted on top for a while. */
const DESK = '/dev/shm'

// #region names
export const names: Wall = {
  name: 'names',
  lesson: 7,
  steps: (spec, machine) => [
    box(
      'mount',
      ['names', DESK, 'tmpfs', SAFE, 'mode=755,size=64k'],
      'a desk to write on: nobody has put a link here',
    ),
    ...Object.entries(files(spec, machine))
      .filter(([file]) => !isGiven(file, spec))
      .flatMap(([file, text]) => written(file, text, spec.root.path)),
    box('umount2', [DESK, MNT_DETACH], 'and the desk goes'),
  ],
}

/** Somebody who has a file of their own there wants that one. */
const isGiven = (file: string, { mounts }: Spec): boolean =>
  mounts.some(({ destination }) => destination === `/etc/${file}`)

function written(file: string, text: string, root: string): Draft[] {
  const [draft, place] = [`${DESK}/${file}`, `/etc/${file}`]
  return [
    box('mknod', [draft, S_IFREG | 0o644, 0], 'a file'),
    box('write', [draft, text], 'and what is in it'),
    box('mknod', [place, S_IFREG | 0o644, 0], 'a place to mount it on', {
      fine: ['EEXIST', ...NO_PLACE],
      undo: {
        call: 'unlink_empty',
        args: [`${root}${place}`, root],
        fine: NO_PLACE,
        shared: true,
      },
    }),
    box('mount', [draft, place, '', MS_BIND, ''], `/etc/${file} of its own`, {
      fine: NO_PLACE,
    }),
  ]
}
// #endregion names

/** A root file system without /etc, or with one that is not for the box's root to write to. */
const NO_PLACE = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'EOVERFLOW']

// #region files
const files = (
  spec: Spec,
  { network: around }: Machine,
): Record<string, string> => {
  const { network, nameservers, hosts } = networkOf(spec)
  const asked = nameservers.map(nameserverLine)
  const own = network === 'none' ? [] : around.resolver
  return {
    hosts: lines(hostsLines(spec.hostname, hosts)),
    hostname: lines([spec.hostname]),
    'resolv.conf': lines(asked.length > 0 ? asked : own),
  }
}
// #endregion files

const lines = (all: readonly string[]): string =>
  all.map((line) => `${line}\n`).join('')
