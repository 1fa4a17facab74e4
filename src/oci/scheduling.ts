/** Words of runtime-spec 1.3 for what the kernel has as numbers: when a process gets a processor, when a disk, and memory of which node. */

/** `<linux/sched.h>`, sched(7). SCHED_ISO has its number, and no kernel has it. */
export const POLICIES = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
} as const

/** `<linux/sched.h>`, sched_setattr(2). */
export const SCHEDULER_FLAGS = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
} as const

/** `<linux/ioprio.h>`, ioprio_set(2). */
export const IO_CLASSES = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 } as const

/** `<linux/mempolicy.h>`, set_mempolicy(2). */
export const MEMORY_MODES = {
  MPOL_DEFAULT: 0,
  MPOL_PREFERRED: 1,
  MPOL_BIND: 2,
  MPOL_INTERLEAVE: 3,
  MPOL_LOCAL: 4,
  MPOL_PREFERRED_MANY: 5,
  MPOL_WEIGHTED_INTERLEAVE: 6,
} as const

/** `<linux/mempolicy.h>`: in the same word as the mode. */
export const MEMORY_FLAGS = {
  MPOL_F_STATIC_NODES: 0x8000,
  MPOL_F_RELATIVE_NODES: 0x4000,
  MPOL_F_NUMA_BALANCING: 0x2000,
} as const

/** `<linux/personality.h>`, personality(2). */
export const PERSONALITIES = { LINUX: 0x0000, LINUX32: 0x0008 } as const
