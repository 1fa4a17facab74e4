/** mount(2)'s last argument belongs to the file system: its own options, and overlay's three directories. */
import { text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import type { Place } from '../place.ts'

const calls = ['mount'] as const

/** What each file system takes: tmpfs(5), proc(5), and the kernel's filesystems/*.rst. Others are not judged. */
const OPTIONS: Record<string, Record<string, RegExp>> = {
  tmpfs: {
    size: /^\d+[kmgt%]?$/i,
    nr_blocks: /^\d+[kmgt]?$/i,
    nr_inodes: /^\d+[kmgt]?$/i,
    mode: /^[0-7]+$/,
    uid: /^\d+$/,
    gid: /^\d+$/,
    huge: /^(never|always|within_size|advise)$/,
    mpol: /./,
    noswap: /^$/,
    inode32: /^$/,
    inode64: /^$/,
  },
  proc: { hidepid: /^([0124]|off|noaccess|invisible|ptraceable)$/, gid: /^\d+$/, subset: /^pid$/ },
  devpts: { uid: /^\d+$/, gid: /^\d+$/, mode: /^[0-7]+$/, ptmxmode: /^[0-7]+$/, newinstance: /^$/, max: /^\d+$/ },
  sysfs: {},
  cgroup2: {
    nsdelegate: /^$/,
    favordynmods: /^$/,
    memory_localevents: /^$/,
    memory_recursiveprot: /^$/,
    pids_localevents: /^$/,
  },
}

/** `size=64k,mode=755` → pairs. */
const pairs = (attempt: Attempt): [name: string, value: string][] =>
  text(attempt, 4)
    .split(',')
    .filter(Boolean)
    .map((word) => {
      const [name = '', ...value] = word.split('=')
      return [name, value.join('=')]
    })

const option = (attempt: Attempt, name: string): string | undefined => pairs(attempt).find(([one]) => one === name)?.[1]

const isOverlay = (attempt: Attempt): boolean => text(attempt, 2) === 'overlay'

interface Layers {
  upper: Place
  work: Place
}

/** overlay with a layer that can be written to: both directories, and both there. */
const ofLayers =
  (look: (layers: Layers, attempt: Attempt) => Verdict) =>
  (attempt: Attempt): Verdict => {
    const [upper, work] = [option(attempt, 'upperdir'), option(attempt, 'workdir')]
    if (!isOverlay(attempt) || upper === undefined || work === undefined) return 'apart'
    return look({ upper: attempt.scene.look(upper), work: attempt.scene.look(work) }, attempt)
  }

// #region data
export const mountDataCauses: Cause[] = [
  {
    name: 'mount/option',
    calls,
    codes: ['EINVAL'],
    precondition: 'The file system knows every option that it is given',
    man: 'mount(2): The data argument is interpreted by the different filesystems.',
    args: 5,
    probe: (attempt) => {
      const known = OPTIONS[text(attempt, 2)]
      if (!known) return text(attempt, 4) === '' ? 'apart' : 'unknown'
      const bad = pairs(attempt).find(([name, value]) => known[name]?.test(value) !== true)
      if (!bad) return 'so'
      const names = Object.keys(known).join(', ') || 'none'
      const fact = bad[0] in known ? `does not take "${bad[1]}" for ${bad[0]}` : `has no option "${bad[0]}"`
      return { fact: `${text(attempt, 2)} ${fact}`, remedy: `Its options are: ${names}` }
    },
  },
  {
    name: 'overlay/layer-missing',
    calls,
    codes: ['ENOENT'],
    precondition: 'Every directory that an overlay is made of is there',
    man: 'mount(2): A pathname was empty or had a nonexistent component.',
    args: 5,
    probe: (attempt) => {
      if (!isOverlay(attempt)) return 'apart'
      const directories = [
        ...(option(attempt, 'lowerdir')?.split(':') ?? []),
        option(attempt, 'upperdir'),
        option(attempt, 'workdir'),
      ]
      const missing = directories.filter(Boolean).find((path) => !attempt.scene.look(path ?? '').found)
      return missing === undefined
        ? 'so'
        : { fact: `there is no "${missing}"`, remedy: `Make it first: mkdir -p ${missing}` }
    },
  },
  {
    name: 'overlay/no-workdir',
    calls,
    codes: ['EINVAL'],
    precondition: 'An overlay that can be written to has upperdir and workdir, and all have lowerdir',
    man: 'overlayfs.rst: The "workdir" needs to be an empty directory on the same filesystem as upperdir.',
    args: 5,
    probe: (attempt) => {
      if (!isOverlay(attempt)) return 'apart'
      const [lower, upper, work] = ['lowerdir', 'upperdir', 'workdir'].map(
        (name) => option(attempt, name) !== undefined,
      )
      if (lower && upper === work) return 'so'
      const missing = !lower ? 'lowerdir' : upper ? 'workdir' : 'upperdir'
      return { fact: `there is no ${missing} among the options`, remedy: `Add it: ${missing}=DIRECTORY` }
    },
  },
  {
    name: 'overlay/apart',
    calls,
    codes: ['EINVAL'],
    precondition: 'Upper and work directory are in the same mount, and neither is in the other',
    man: 'overlayfs.rst: The "workdir" needs to be an empty directory on the same filesystem as upperdir.',
    args: 5,
    probe: ofLayers(({ upper, work }) => {
      if (!upper.found || !work.found) return 'unknown'
      const isNested = `${upper.path}/`.startsWith(`${work.path}/`) || `${work.path}/`.startsWith(`${upper.path}/`)
      if (upper.mount?.id === work.mount?.id && !isNested) return 'so'
      const how = isNested ? 'one is in the other' : 'they are in different mounts'
      return {
        fact: `upperdir "${upper.path}" and workdir "${work.path}": ${how}`,
        remedy: 'Put two directories side by side, in one file system',
      }
    }),
  },
  {
    name: 'overlay/upper-unfit',
    calls,
    codes: ['EINVAL'],
    precondition: 'The upper directory is on a file system that can hold an upper layer',
    man: 'overlayfs.rst: The upper filesystem will normally be writable and if it is it must support the creation of trusted.* and/or user.* extended attributes',
    args: 5,
    probe: ofLayers(({ upper }) => {
      if (!upper.found || !UNFIT.includes(upper.mount?.type ?? '')) return 'so'
      return {
        fact: `upperdir "${upper.path}" is on ${upper.mount?.type ?? ''}, which cannot hold one`,
        remedy: 'Put it on ext4, xfs, btrfs or tmpfs',
      }
    }),
  },
  {
    name: 'overlay/in-use',
    calls,
    codes: ['EBUSY'],
    precondition: 'No other overlay has that upperdir or workdir',
    man: 'overlayfs.rst: Using an upper layer path and/or a workdir path that are already used by another overlay mount is not allowed and may fail with EBUSY.',
    args: 5,
    probe: ofLayers((_, attempt) => {
      const ours = ['upperdir', 'workdir'].map((name) => `${name}=${option(attempt, name) ?? ''}`)
      const other = attempt.scene.mounts.find(
        ({ type, superOptions }) => type === 'overlay' && superOptions.some((word) => ours.includes(word)),
      )
      if (!other) return 'unknown'
      return {
        fact: `the overlay on ${other.mountPoint} has the same upperdir or workdir`,
        remedy: 'Give each overlay an upperdir and a workdir of its own',
      }
    }),
  },
]
// #endregion data

const UNFIT = ['overlay', 'vfat', 'exfat', 'nfs', 'nfs4', 'proc', 'sysfs', 'squashfs', 'ramfs', 'devpts', 'cgroup2']
