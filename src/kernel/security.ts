/** What this kernel has of further walls, and what it shows of itself to whoever has a /proc and a /sys. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { release } from 'node:os'

export interface Security {
  /** Landlock's version, 0 where there is none: landlock(7), "VERSIONS". */
  landlock: number
  /** The module that has labels for programs. */
  labels: 'apparmor' | 'selinux' | 'none'
  /** Of the paths below, those that are here. */
  kinds: Readonly<Record<string, 'file' | 'directory'>>
}

// #region shown
/** No namespace has its own of these: they show the machine, its hardware, its keys, its memory. Docker hides the same ones. */
export const HIDDEN = [
  ...['/proc/acpi', '/proc/asound', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/latency_stats'],
  ...['/proc/sched_debug', '/proc/scsi', '/proc/timer_list', '/proc/timer_stats'],
  ...['/sys/firmware', '/sys/devices/virtual/powercap'],
] as const

/** What is written to these changes the machine for all. */
export const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const
// #endregion shown

/** In which kernel each version came: landlock(7), and the kernel's userspace-api/landlock.rst. What is built without it is ENOSYS then. */
const VERSIONS: [kernel: number, version: number][] = [
  [6_015, 7],
  [6_012, 6],
  [6_010, 5],
  [6_007, 4],
  [6_002, 3],
  [5_019, 2],
  [5_013, 1],
]

export const readSecurity = (): Security => ({
  landlock: landlockOf(release()),
  labels: readLabels(),
  kinds: readKinds(),
})

export function landlockOf(kernel: string): number {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => parseInt(part, 10))
  return VERSIONS.find(([since]) => since <= major * 1000 + minor)?.[1] ?? 0
}

function readLabels(): Security['labels'] {
  if (existsSync('/sys/fs/selinux/enforce')) return 'selinux'
  const enabled = '/sys/module/apparmor/parameters/enabled'
  return existsSync(enabled) && readFileSync(enabled, 'utf8').startsWith('Y') ? 'apparmor' : 'none'
}

const readKinds = (): Security['kinds'] =>
  Object.fromEntries(
    [...HIDDEN, ...READ_ONLY].flatMap((path) => {
      const stats = statSync(path, { throwIfNoEntry: false })
      return stats ? [[path, stats.isDirectory() ? 'directory' : 'file']] : []
    }),
  )
