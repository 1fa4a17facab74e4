/**
 * Limits of a container that runs, changed all together or not at all. Some bound others, and what was there before decides in which order they can
 * be written: what is refused is tried again when the rest is in force. When nothing helps, everything is put back.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Placed } from '../box/container/limits.ts'
import { textOf } from '../kernel/cgroup-numbers.ts'

interface Line {
  file: string
  value: string
}

// #region apply
/** @throws Error naming the first field that its kernel refuses; all files are then as they were. */
export function applyLimits(limits: readonly Placed[]): void {
  const done: Line[] = []
  for (let left = limits; left.length > 0;) {
    const refused = left.filter((limit) => {
      const file = join(limit.site.directory, limit.file)
      const before = lineBefore(file, limit.value)
      const isDone = attempt({ file, value: limit.value }, limit.fine) === undefined
      if (isDone && before !== undefined) done.push({ file, value: before })
      return !isDone
    })
    if (refused.length === left.length) throw takeBack(done, refused[0])
    left = refused
  }
}
// #endregion apply

/** @returns the error code of what is refused. */
function attempt({ file, value }: Line, fine: readonly string[] = []): string | undefined {
  try {
    writeFileSync(file, value)
    return undefined
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException
    return fine.includes(code) ? undefined : code
  }
}

// #region take-back
/** Last things first; and again, as long as it gets anywhere. */
function takeBack(done: readonly Line[], refused: Placed | undefined): Error {
  const reason = refused ? reasonFor(refused) : new Error('Cannot update nothing')
  for (let left = [...done].reverse(), before = Infinity; left.length < before;) {
    before = left.length
    left = left.filter((line) => attempt(line) !== undefined)
  }
  return reason
}
// #endregion take-back

function reasonFor({ field, file, value, site }: Placed): Error {
  const path = join(site.directory, file)
  const code = attempt({ file: path, value }) ?? 'EAGAIN'
  const [usage, peak] = ['memory.usage_in_bytes', 'memory.max_usage_in_bytes'].map((name) =>
    textOf(site.directory, name)?.trim(),
  )
  const fact =
    code === 'EBUSY' && usage !== undefined
      ? `the container uses ${usage} bytes, and has used ${peak ?? usage}`
      : `the kernel says ${code} to "${path}"`
  return new Error(
    `Cannot set linux.resources.${field} to "${value}": ${fact}\n  Nothing has been changed: see what holds with cat ${path}`,
  )
}

const BY_KEY = /^(io\..*|blkio\..*_device|rdma\.max|misc\.max|net_prio\.ifpriomap)$/

/** What would put back what a line is about to change. A file of devices has a line for each: of one that has none, the one that means none. */
function lineBefore(file: string, value: string): string | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const text = readIfMay(file)
  if (text === undefined) return undefined
  if (name === 'memory.oom_control') return /oom_kill_disable (\d)/.exec(text)?.[1]
  if (!BY_KEY.test(name)) return text
  const [first = ''] = value.split(' ')
  const key = value === first ? 'default' : first
  const line = text.split('\n').find((one) => one.startsWith(`${key} `))
  return line ?? (value === first ? text : `${key} ${NONE[name] ?? '0'}`)
}

const NONE: Record<string, string> = {
  'io.max': 'rbps=max wbps=max riops=max wiops=max',
  'io.weight': 'default',
  'io.bfq.weight': 'default',
  'rdma.max': 'hca_handle=max hca_object=max',
}

function readIfMay(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined // there is none, or it can only be written
  }
}
