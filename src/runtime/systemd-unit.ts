/** systemd's names: which unit a container is, in which slice, and what cgroup that makes. systemd.slice(5), systemd.scope(5). */
import type { Unit } from '../kernel/cgroups.ts'

// #region unit
/**
 * runC's form of `linux.cgroupsPath` for systemd, `slice:prefix:name`; without a path it is a scope of runC's own choice.
 * @throws RangeError of any other form.
 */
export function unitOf(asked: string | undefined, id: string, rootless: boolean): Unit {
  const [slice = '', prefix = '', name = '', ...more] = asked ? asked.split(':') : ['', 'boxwright', id]
  if (name === '' || more.length > 0)
    throw new RangeError(
      `Cannot use linux.cgroupsPath "${asked}": expected cgroupsPath to be of format "slice:prefix:name" for systemd cgroups\n  Write it so, as system.slice:boxwright:${id}, or leave --systemd-cgroup out`,
    )
  const unit = name.endsWith('.slice') ? name : `${prefix}-${name}.scope`
  return { name: unit, slice: slice || (rootless ? 'user.slice' : 'system.slice') }
}

/** A slice's name has those that it is in: `a-b.slice` is in `a.slice`. @returns `/a.slice/a-b.slice`. @throws RangeError of what is no slice. */
export function expandSlice(slice: string): string {
  const [, stem = ''] = /^([^/]+)\.slice$/.exec(slice) ?? []
  const parts = stem.split('-')
  if (stem === '-') return '/'
  if (parts.some((part) => part === ''))
    throw new RangeError(
      `Cannot use slice "${slice}": invalid slice name\n  It ends with .slice, as system.slice, and each hyphen leads one level down`,
    )
  return parts.map((_, n) => `/${parts.slice(0, n + 1).join('-')}.slice`).join('')
}

/** The unit's cgroup, from the root of each hierarchy on. */
export const cgroupOf = ({ name, slice }: Unit): string => `${expandSlice(slice).replace(/\/$/, '')}/${name}`
// #endregion unit
