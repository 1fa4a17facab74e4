/** Sizes and times as people read them. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

// #region quantities
/** `1234567` → `1.23MB`, as Docker writes it. */
export function inBytes(size: number): string {
  let [value, unit] = [size, 0]
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1000
  return `${unit === 0 ? value : value.toPrecision(3).replace(/\.?0+$/, '')}${UNITS[unit]}`
}

const SPANS: readonly (readonly [seconds: number, name: string])[] = [
  [31_536_000, 'year'],
  [2_592_000, 'month'],
  [604_800, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
]

export function ago(then: Date, now = new Date()): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - then.getTime()) / 1000))
  const [span, name] = SPANS.find(([least]) => seconds >= least) ?? [1, 'second']
  const count = Math.floor(seconds / span)
  return `${count} ${name}${count === 1 ? '' : 's'} ago`
}
// #endregion quantities
