/** Version 1's weights in version 2's words. Each formula carries both ends of one scale to the other's; what lies between is a choice. */
import type { Resources } from '../../oci/resources.ts'

// #region shares
/**
 * 2…262144 → 1…10000. runC's since 1.3.2, and crun's since 1.23: a curve, since the defaults, 1024 and 100, should meet. It was a straight line
 * before, `1 + (shares − 2) × 9999 / 262142`, which made 39 of 1024: a container with the default had less than half of its neighbours' share.
 */
export function weightOfShares(shares: bigint): bigint {
  if (shares <= 2n) return 1n
  if (shares >= 262_144n) return 10_000n
  const l = Math.log2(Number(shares))
  return BigInt(Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34)))
}
// #endregion shares

/** 10…1000 → 1…10000, a straight line, as runC and crun have it: `io.weight`. BFQ's own file, `io.bfq.weight`, takes version 1's numbers as they are. */
export const weightOfBlkio = (weight: number): number =>
  1 + Math.floor(((Math.max(weight, 10) - 10) * 9999) / 990)

// #region swap
/**
 * What version 1 limits together, memory and swap, version 2 limits apart. @returns nothing when nothing is to be written. Memory without a
 * limit, and not a word about swap, means both: so version 1 would have it.
 */
export function swapAlone(
  limit: bigint | undefined,
  both: bigint | undefined,
): bigint | undefined {
  if (!both) return limit === -1n ? -1n : undefined
  return both < 0n || !limit || limit < 0n ? both : both - limit
}
// #endregion swap

const HUNDREDTH = 10_000n

// #region percent
/** systemd thinks in percent of a processor: what is not a whole one is rounded up, or the container could not have all that it asks for. */
export function perSecondOf(quota: bigint, period: bigint): bigint {
  const exact = (quota * 1_000_000n) / (period || 100_000n)
  return ((exact + HUNDREDTH - 1n) / HUNDREDTH) * HUNDREDTH
}

/** The same, in the period's terms: what is then written to the cgroup is what systemd has written. */
export function roundedQuota(resources: Resources): Resources {
  const { quota = 0n, period = 0n } = resources.cpu ?? {}
  if (quota <= 0n) return resources
  return {
    ...resources,
    cpu: {
      ...resources.cpu,
      quota: (perSecondOf(quota, period) * (period || 100_000n)) / 1_000_000n,
    },
  }
}
// #endregion percent
