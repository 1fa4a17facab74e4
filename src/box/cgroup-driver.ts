/** What the two generations of cgroups have in common, seen from a plan. */
import type { Controller } from '../kernel/cgroups.ts'
import type { Machine } from '../kernel/machine.ts'
import type { Resources } from '../oci/spec.ts'
import { host, type Draft } from '../plan/plan.ts'

export interface CgroupDriver {
  /** Directories to make, and what must be so above them first. None when this generation has no part in the box. */
  make(path: string, wanted: readonly Controller[], machine: Machine): Draft[]
  limits(path: string, resources: Resources, wanted: readonly Controller[], machine: Machine): Draft[]
  /** The `cgroup.procs` files that the box's process walks in by. */
  doors(path: string, wanted: readonly Controller[], machine: Machine): string[]
}

/** A step that writes one limit. */
export const limit = (file: string, value: string | bigint, why: string, fine: string[] = []): Draft =>
  host('write', [file, String(value)], why, fine.length ? { fine } : {})
