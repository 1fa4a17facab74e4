/** What the two generations of cgroups have in common, seen from a plan. */
import type { Cgroups, Controller } from '../kernel/cgroups.ts'
import type { Resources } from '../oci/resources.ts'
import { host, type Draft } from '../plan/plan.ts'

/** What one box is to have, and of which cgroups. */
export interface Share {
  /** Below the root of each hierarchy. */
  path: string
  wanted: readonly Controller[]
  resources: Resources
  cgroups: Cgroups
}

export interface CgroupDriver {
  /** Directories to make, and what must be so above them first. None when this generation has no part in the box. */
  make(share: Share): Draft[]
  limits(share: Share): Draft[]
  /** The `cgroup.procs` files that the box's process walks in by. */
  doors(share: Share): string[]
}

/** A step that writes one limit. */
export const limit = (file: string, value: string | bigint, why: string, fine: string[] = []): Draft =>
  host('write', [file, String(value)], why, fine.length ? { fine } : {})
