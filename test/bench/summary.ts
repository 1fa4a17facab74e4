/** A row of measurements in a few numbers. Medians: the one run that was disturbed does not count. */

export interface Summary {
  least: number
  median: number
  /** Nine of ten runs took no longer. */
  most: number
}

/** @throws RangeError when nothing was measured. */
export function summary(times: readonly number[]): Summary {
  const sorted = [...times].sort((one, other) => one - other)
  return { least: at(sorted, 0), median: median(sorted), most: at(sorted, Math.ceil(sorted.length * 0.9) - 1) }
}

/** Between the two in the middle when there are two. */
export function median(times: readonly number[]): number {
  const sorted = [...times].sort((one, other) => one - other)
  const middle = (sorted.length - 1) / 2
  return (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle))) / 2
}

function at(sorted: readonly number[], index: number): number {
  const value = sorted[index]
  if (value === undefined) throw new RangeError('Cannot take the median of no measurement')
  return value
}
