/** The shape of what `events` tells, which is runC's: its names go with its users. */
import type { Count } from '../kernel/cgroup-numbers.ts'

export interface Stats {
  cpu: { usage: Usage; throttling: Record<'periods' | 'throttledPeriods' | 'throttledTime', Count>; psi?: Pressure }
  cpuset: object
  memory: Memory
  pids: { current: Count; limit: Count }
  blkio: Partial<Record<BlkioName, BlkioEntry[]>> & { psi?: Pressure }
  hugetlb: Record<string, { usage: Count; max: Count; failcnt: Count }>
  intel_rdt: object
  network_interfaces: null
}

/** Nanoseconds. */
export interface Usage {
  total: Count
  percpu?: Count[]
  percpu_kernel?: Count[]
  percpu_user?: Count[]
  kernel: Count
  user: Count
}

export interface Memory {
  cache: Count
  usage: MemoryEntry
  swap: MemoryEntry
  kernel: MemoryEntry
  kernelTCP: MemoryEntry
  raw: Record<string, Count>
  psi?: Pressure
}

export type MemoryEntry = Record<'limit' | 'usage' | 'max' | 'failcnt', Count>

/** Which share of the time somebody, or everybody, had to wait: the kernel's Documentation/accounting/psi.rst. */
export type Pressure = Record<string, Record<string, number>>

export type BlkioName = 'ioServiceBytesRecursive' | 'ioServicedRecursive'

export interface BlkioEntry {
  major: number
  minor: number
  op: string
  value: Count
}
