/** A switch of the kernel's that does no harm: how many seconds a file server has to give back a lease. It is put back. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Attack } from './attack.ts'

const SWITCH = 'fs/lease-break-time'

// #region sysctl
export const hostSysctl: Attack = {
  name: 'host-sysctl',
  story: 'set a switch of the host’s kernel, next to core_pattern',
  closedBy: 6,
  attempt: (ground) => {
    const before = read()
    const value = String(Number(before) + 1)
    write(before) // can the host itself?
    ground.atEnd(() => write(before))
    return {
      args: ground.program('host-sysctl', SWITCH, value),
      succeeded: () => read() === value,
    }
  },
}
// #endregion sysctl

const write = (value: string): void =>
  writeFileSync(`/proc/sys/${SWITCH}`, value)

const read = (): string => readFileSync(`/proc/sys/${SWITCH}`, 'utf8').trim()
