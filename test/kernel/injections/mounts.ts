/** mount(2), umount2(2), pivot_root(2). */
import { join } from 'node:path'
import * as kernel from '../../../src/kernel/constants.ts'
import type { Draft } from '../../../src/plan/plan.ts'
import { makeDirectories as make, writeFile } from './files.ts'
import { bind, dir, mount, OWN, plain, step, tmpfs, USER, type Inject } from './injection.ts'

const { MS_BIND, MS_NODEV, MS_NOSUID, MS_PRIVATE, MS_RDONLY, MS_REMOUNT, CLONE_NEWNS } = kernel
const CLONE_FS = 0x200

// #region pivot
export const pivotInjections: Record<string, Inject> = {
  'pivot_root/shared': ({ place }) => ({
    code: 'EINVAL',
    steps: [
      ...OWN,
      tmpfs(place),
      mount('none', place, '', kernel.MS_SHARED, ''),
      dir(`${place}/new`),
      bind(`${place}/new`),
      step('pivot_root', `${place}/new`, `${place}/new`),
    ],
  }),
  'pivot_root/same-mount': plain('EBUSY', ...OWN, step('pivot_root', '/', '/')),
  'pivot_root/root-not-a-mount-point': ({ place }) => ({
    code: 'EINVAL',
    steps: [
      ...OWN,
      tmpfs(place),
      dir(`${place}/jail`),
      dir(`${place}/jail/new`),
      bind(`${place}/jail/new`),
      step('chroot', `${place}/jail`),
      step('pivot_root', '/new', '/new'),
    ],
  }),
  'pivot_root/new-root-not-a-mount-point': ({ place }) => ({
    code: 'EINVAL',
    steps: [...OWN, tmpfs(place), dir(`${place}/new`), step('pivot_root', `${place}/new`, `${place}/new`)],
  }),
  'pivot_root/put-old-outside': ({ place }) => ({
    code: 'EINVAL',
    steps: [
      ...OWN,
      tmpfs(place),
      ...['new', 'old'].map((name) => dir(join(place, name))),
      bind(`${place}/new`),
      step('pivot_root', `${place}/new`, `${place}/old`),
    ],
  }),

  'pivot_root/rootfs': async ({ start }) => {
    const { pid } = await start(['unshare', '--mount', 'sh', '-c', 'umount -l / && echo gone; read x'])
    const place = '/boxwright-explain'
    return {
      code: 'EINVAL',
      steps: [
        step('unshare', CLONE_FS),
        step('setns', `/proc/${pid}/ns/mnt`, CLONE_NEWNS),
        { ...dir(place), fine: ['EEXIST'] },
        tmpfs(place),
        dir(`${place}/new`),
        bind(`${place}/new`),
        step('pivot_root', `${place}/new`, `${place}/new`),
      ],
      afterwards: [step('umount2', place, kernel.MNT_DETACH), step('rmdir', place)],
    }
  },
}
// #endregion pivot

// #region mount
export const mountInjections: Record<string, Inject> = {
  'mount/unknown-type': ({ place }) => ({ code: 'ENODEV', steps: [...OWN, mount('none', place, 'nofs', 0, '')] }),
  'mount/not-a-block-device': ({ place }) => ({
    code: 'ENOTBLK',
    steps: [...OWN, mount('/dev/null', place, 'ext4', 0, '')],
  }),
  'mount/not-a-mount-point': ({ place }) => ({
    code: 'EINVAL',
    steps: [...OWN, mount('none', place, '', MS_PRIVATE, '')],
  }),
  'mount/several-at-once': plain('EINVAL', ...OWN, mount('none', '/', '', MS_PRIVATE | kernel.MS_SHARED, '')),
  'mount/unbindable': ({ place }) => {
    make(`${place}/a`, `${place}/b`)
    const steps = [
      tmpfs(`${place}/a`),
      mount('none', `${place}/a`, '', kernel.MS_UNBINDABLE, ''),
      mount(`${place}/a`, `${place}/b`, '', MS_BIND, ''),
    ]
    return { code: 'EINVAL', steps: [...OWN, ...steps] }
  },
  'mount/locked-below': ({ place }) => ({ as: USER, code: 'EINVAL', steps: [mount('/', place, '', MS_BIND, '')] }),
  'mount/kinds': ({ place }) => ({
    code: 'ENOTDIR',
    steps: [...OWN, mount(writeFile(`${place}/file`, ''), place, '', MS_BIND, '')],
  }),
  'mount/already-there': ({ place }) => {
    const sysfs = mount('sysfs', place, 'sysfs', 0, '')
    return { code: 'EBUSY', steps: [...OWN, sysfs, sysfs] }
  },
  'mount/device-in-user-namespace': ({ place }) => ({
    as: USER,
    code: 'EPERM',
    steps: [mount('/dev/null', place, 'ext4', 0, '')],
  }),
  'mount/nodev': ({ place }) => ({
    code: 'EACCES',
    steps: [
      ...OWN,
      tmpfs(place, MS_NODEV),
      step('mknod', `${place}/disk`, 0o060600, 0xfe00),
      mount(`${place}/disk`, place, 'ext4', 0, ''),
    ],
  }),
  'mount/option': ({ place }) => ({ code: 'EINVAL', steps: [...OWN, mount('tmpfs', place, 'tmpfs', 0, 'bogus=1')] }),

  'mount/superblock': ({ place, blockDevice }) => ({
    code: 'EINVAL',
    steps: [...OWN, mount(blockDevice(), place, 'ext4', 0, '')],
  }),
  'mount/open-for-writing': async ({ place, mounted, start }) => {
    mounted(place, 0)
    await start(['sh', '-c', 'exec 3>"$0/file"; echo open; read x', place])
    return { code: 'EBUSY', steps: [mount('none', place, '', MS_REMOUNT | MS_RDONLY, '')] }
  },
  'mount/locked-flags': ({ place, mounted }) => {
    mounted(place, MS_NOSUID)
    return { as: USER, code: 'EPERM', steps: [mount('none', place, '', MS_REMOUNT | MS_BIND, '')] }
  },
}
// #endregion mount

export const umountInjections: Record<string, Inject> = {
  'umount2/not-a-mount-point': ({ place }) => ({ code: 'EINVAL', steps: [...OWN, step('umount2', place, 0)] }),
  'umount2/locked': () => ({ as: USER, code: 'EINVAL', steps: [step('umount2', '/proc', 0)] }),
  'umount2/mounts-below': ({ place }) => ({
    code: 'EBUSY',
    steps: [...OWN, tmpfs(place), dir(`${place}/below`), tmpfs(`${place}/below`), step('umount2', place, 0)],
  }),
  'umount2/in-use': ({ place }) => ({
    code: 'EBUSY',
    steps: [...OWN, tmpfs(place), step('chdir', place), step('umount2', place, 0)],
  }),
}

// #region overlay
export const overlayInjections: Record<string, Inject> = {
  'overlay/layer-missing': overlay('ENOENT', (place) => `lowerdir=${place}/nowhere`),
  'overlay/no-workdir': overlay('EINVAL', (place) => `lowerdir=${place}/lower,upperdir=${place}/upper`),
  'overlay/apart': overlay(
    'EINVAL',
    (place) => `lowerdir=${place}/lower,upperdir=${place}/upper,workdir=${place}/other/work`,
    (place) => [tmpfs(`${place}/other`), dir(`${place}/other/work`)],
  ),
  'overlay/upper-unfit': overlay(
    'EINVAL',
    (place) => `lowerdir=${place}/lower,upperdir=${place}/other/u,workdir=${place}/other/w`,
    (place) => [
      mount('overlay', `${place}/other`, 'overlay', 0, layers(place)),
      ...['u', 'w'].map((name) => dir(join(place, 'other', name))),
    ],
  ),
  'overlay/in-use': overlay(
    'EBUSY',
    (place) => `${layers(place)},index=on`,
    (place) => [mount('overlay', `${place}/other`, 'overlay', 0, `${layers(place)},index=on`)],
  ),
}
// #endregion overlay

const layers = (place: string): string => `lowerdir=${place}/lower,upperdir=${place}/upper,workdir=${place}/work`

/** Directories for an overlay in a tmpfs, and what comes before the one that is refused. */
function overlay(code: string, data: (place: string) => string, before: (place: string) => Draft[] = () => []): Inject {
  return ({ place }) => ({
    code,
    steps: [
      ...OWN,
      tmpfs(place),
      ...['lower', 'upper', 'work', 'merged', 'other'].map((name) => dir(join(place, name))),
      ...before(place),
      mount('overlay', `${place}/merged`, 'overlay', 0, data(place)),
    ],
  })
}
