/** `Range: bytes=100-199`: RFC 9110 §14.2. */

export interface Part {
  /** The first byte. */
  start: number
  /** Behind the last one. */
  end: number
}

// #region range
/** @returns which part is wanted; nothing when it is all of it; `'none'` when there is no such part. Several parts at once are all of it. */
export function parseRange(header: string | undefined, size: number): Part | undefined | 'none' {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') return last === '0' || size === 0 ? 'none' : { start: Math.max(size - Number(last), 0), end: size }
  const [start, end] = [Number(first), last === '' ? size : Math.min(Number(last) + 1, size)]
  return start >= size || start >= end ? 'none' : { start, end }
}
// #endregion range
