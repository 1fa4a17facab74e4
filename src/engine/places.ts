/**
 * What the runtime has made in a container's root file system, so that something could be mounted there: whoever wants to know what the container has
 * written does not mean that. What others have put there since stays.
 */
import { lstatSync, readFileSync, readlinkSync, type BigIntStats } from 'node:fs'
import { join } from 'node:path'
import { followed } from '../kernel/in-root.ts'
import { bytesOf, clean, parentOf, type Name } from '../layer/names.ts'
import type { Found } from '../layer/walk.ts'
import { readJson } from '../oci/json.ts'
import type { Spec } from '../oci/spec.ts'
import type { Writing } from '../snapshot/driver.ts'

// #region places
/** @param bundle of the container. @returns whether something in its root file system is there for mounts alone. */
export function madeToMountOn(bundle: string, { directory, below, lower }: Writing): (found: Found) => boolean {
  const { mounts, process } = readJson(readFileSync(join(bundle, 'config.json'), 'utf8')) as Spec
  const trees = below ?? (lower === undefined ? [] : [lower])
  const places = new Set(mounts.flatMap(({ destination }) => leadsTo([directory, ...trees], destination)))
  const ways = new Set([...places].flatMap(waysTo))
  const cwd = nameOf(process.cwd)
  const wanted = new Set([cwd, ...waysTo(cwd)])
  return ({ name, kind, stats }) => {
    if (!(places.has(name) || ways.has(name))) return false
    const before = firstOf(trees, name)
    if (before) return kind === 'directory' && isAlike(before, stats)
    return !wanted.has(name) && (kind === 'directory' ? isAsMade(stats) : places.has(name) && stats.size === 0n)
  }
}
// #endregion places

const nameOf = (path: string): Name => clean(Buffer.from(path).toString('latin1'))

/** The directories on the way, without the root. */
const waysTo = (name: Name): Name[] => (parentOf(name) === '' ? [] : [...waysTo(parentOf(name)), parentOf(name)])

/** Where a path leads in trees that lie over each other, the nearest first. */
const leadsTo = (trees: readonly string[], path: string): Name[] => {
  const names = followed(Buffer.from(path).toString('latin1'), (place) => targetOf(trees, place.join('/')))
  return names ? [names.join('/')] : []
}

function targetOf(trees: readonly string[], name: Name): string | undefined {
  const tree = trees.find((one) => lstatSync(pathIn(one, name), { throwIfNoEntry: false }))
  if (tree === undefined || !lstatSync(pathIn(tree, name)).isSymbolicLink()) return undefined
  return readlinkSync(pathIn(tree, name), 'latin1')
}

const pathIn = (tree: string, name: Name): Buffer => Buffer.concat([Buffer.from(`${tree}/`), bytesOf(name)])

/** As the layers below have it; nothing where they have none, or say that it has gone. */
function firstOf(trees: readonly string[], name: Name): BigIntStats | undefined {
  for (const tree of trees) {
    const stats = lstatSync(pathIn(tree, name), { bigint: true, throwIfNoEntry: false })
    if (stats) return stats.isCharacterDevice() && stats.rdev === 0n ? undefined : stats
  }
  return undefined
}

/** But for the time: something has been made in it. */
const isAlike = (before: BigIntStats, { mode, uid, gid }: BigIntStats): boolean =>
  before.mode === mode && before.uid === uid && before.gid === gid

/** A tmpfs's place is for all, any other is root's. */
const isAsMade = ({ mode, uid, gid }: BigIntStats): boolean =>
  uid === 0n && gid === 0n && [0o755n, 0o1777n].includes(mode & 0o7777n)
