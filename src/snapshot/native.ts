/** Lesson 11. The simplest way: a snapshot is a whole copy of its parent. Slow and large, and it works wherever there is a file system; where that can share blocks, a copy is neither. */
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Driver } from './driver.ts'
import { bind, likeIn } from './overlay.ts'
import { usageOf } from './usage.ts'

const whole = (place: string): string => join(place, 'fs')

// #region native
export const native: Driver = {
  name: 'native',
  make: (place, kind, [parent]) => {
    if (kind === 'view' && parent !== undefined) return
    fs.mkdirSync(whole(place))
    likeIn(undefined, whole(place))
    if (parent !== undefined) copy(whole(parent), whole(place))
  },
  mounts: (place, kind, [parent]) => [kind === 'view' ? bind(whole(parent ?? place), 'ro') : bind(whole(place), 'rw')],
  writes: (place, [parent]) => ({
    directory: whole(place),
    overlay: false,
    ...(parent !== undefined && { lower: whole(parent) }),
  }),
  usage: (place) => usageOf(whole(place)),
  probe: () =>
    Promise.resolve(isGnu(spawnSync('cp', ['--version']).stdout) ? undefined : 'there is no cp(1) of GNU coreutils'),
}

/** Owners, times to the nanosecond, links, holes, devices and extended attributes: cp(1) of GNU knows all that there is. */
export function copy(from: string, to: string): void {
  const { status, stderr } = spawnSync('cp', ['-a', '--reflink=auto', '--sparse=auto', `${from}/.`, to], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`Cannot copy "${from}": ${stderr.trim()}`)
}
// #endregion native

const isGnu = (version: Buffer | null): boolean => version?.includes('GNU coreutils') === true
