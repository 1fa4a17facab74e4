/** What a container may use: runtime-spec config-linux.md §control-groups. 64-bit values are bigint: 2^63 bytes is a limit that people do write. */
export interface Resources {
  memory?: Memory
  cpu?: Cpu
  /** -1 is no limit. */
  pids?: { limit: bigint }
  devices?: readonly DeviceRule[]
  blockIO?: BlockIO
  hugepageLimits?: readonly { pageSize: string; limit: bigint }[]
  network?: { classID?: number; priorities?: readonly { name: string; priority: number }[] }
  /** By device, such as `mlx5_1`. */
  rdma?: Readonly<Record<string, { hcaHandles?: number; hcaObjects?: number }>>
  /** Files of cgroup version 2 and what is written to them. */
  unified?: Readonly<Record<string, string>>
}

/** Bytes; -1 is no limit. `swap` is memory and swap together. */
export interface Memory {
  limit?: bigint
  reservation?: bigint
  swap?: bigint
  /** Limits that kernels have no more. */
  kernel?: bigint
  kernelTCP?: bigint
  /** 0 to 100. */
  swappiness?: number
  disableOOMKiller?: boolean
  useHierarchy?: boolean
  /** Rather than be killed for it: a limit below what is in use already is refused. */
  checkBeforeUpdate?: boolean
}

/** May run `quota` microseconds in each `period` of them. */
export interface Cpu {
  shares?: bigint
  quota?: bigint
  period?: bigint
  burst?: bigint
  realtimeRuntime?: bigint
  realtimePeriod?: bigint
  cpus?: string
  mems?: string
  /** 1: only when nobody else wants to. */
  idle?: number
}

export interface BlockIO {
  weight?: number
  leafWeight?: number
  weightDevice?: readonly Weight[]
  throttleReadBpsDevice?: readonly Throttle[]
  throttleWriteBpsDevice?: readonly Throttle[]
  throttleReadIOPSDevice?: readonly Throttle[]
  throttleWriteIOPSDevice?: readonly Throttle[]
}

/** Of one block device. */
export interface Weight {
  major: number
  minor: number
  weight?: number
  leafWeight?: number
}

/** Bytes, or operations, a second from or to one block device. */
export interface Throttle {
  major: number
  minor: number
  rate: bigint
}

/** For each kind of access the last rule that is about it decides. A number that is left out stands for any. */
export interface DeviceRule {
  allow: boolean
  /** a: all, b: block devices, c: character devices. */
  type?: 'a' | 'b' | 'c'
  major?: number
  minor?: number
  /** r: read, w: write, m: mknod(2). */
  access?: string
}
