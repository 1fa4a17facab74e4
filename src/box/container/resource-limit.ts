/** A wish of `linux.resources` as what it comes to: a line written to a file of a controller's. */
import { join } from 'node:path'
import type { Site } from '../../kernel/cgroup-sites.ts'
import { host, type Draft } from '../../plan/plan.ts'

export interface Limit {
  controller: string
  file: string
  value: string
  /** The wish's name below `linux.resources`. */
  field: string
  /** Another that the same line grants. */
  also?: string
  /** Error codes with which nothing is lost. */
  fine?: readonly string[]
}

// #region limit
export function limit(
  controller: string,
  file: string,
  value: string | bigint | number | undefined,
  field: string,
  fine: readonly string[] = [],
): Limit[] {
  if (value === undefined) return []
  return [
    {
      controller,
      file,
      value: String(value),
      field,
      ...(fine.length > 0 && { fine }),
    },
  ]
}

/** 0 is what a file holds whose writer had nothing to say. */
export const unlessZero = <Value extends bigint | number>(
  value: Value | undefined,
): Value | undefined =>
  value === undefined || Number(value) === 0 ? undefined : value
// #endregion limit

export const written = (
  { file, value, field, fine }: Limit,
  { directory }: Site,
): Draft =>
  host(
    'write',
    [join(directory, file), value],
    `linux.resources.${field}`,
    fine ? { fine } : {},
  )
