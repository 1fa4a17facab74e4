/** The words of mount(8) as the two things that mount(2) takes: flags for the kernel, and data for the file system. */
import * as constants from '../kernel/constants.ts'

const FLAGS: Record<string, number> = {
  ro: constants.MS_RDONLY,
  nosuid: constants.MS_NOSUID,
  nodev: constants.MS_NODEV,
  noexec: constants.MS_NOEXEC,
  remount: constants.MS_REMOUNT,
  bind: constants.MS_BIND,
  rbind: constants.MS_BIND | constants.MS_REC,
  relatime: constants.MS_RELATIME,
  strictatime: constants.MS_STRICTATIME,
}

export function mountOptions(options: readonly string[]): { flags: number; data: string } {
  const flags = options.reduce((all, option) => all | (FLAGS[option] ?? 0), 0)
  const data = options.filter((option) => !Object.hasOwn(FLAGS, option)).join(',')
  return { flags, data }
}
