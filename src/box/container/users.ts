/**
 * Lesson 13. Who is who in a user namespace. Root says so by writing two files; anybody else may give away one number, their own, and asks newuidmap(1)
 * and newgidmap(1) for those that subuid(5) lends them.
 */
import type { IdMapping, Spec } from '../../oci/spec.ts'
import { box, BOX, host, type Draft } from '../../plan/plan.ts'
import type { Around } from './surroundings.ts'

const usersOf = ({ linux }: Spec) =>
  linux.namespaces.find(({ type }) => type === 'user')

// #region mapped
export function mapped(spec: Spec, { maker }: Around): Draft[] {
  const users = usersOf(spec)
  if (!users || users.path !== undefined) return []
  const { uidMappings, gidMappings } = spec.linux
  const alone = isOwn(uidMappings, maker.uid) && isOwn(gidMappings, maker.gid)
  if (!maker.mayMount && !alone)
    return [lent('newuidmap', uidMappings), lent('newgidmap', gidMappings)]
  return [
    map('uid_map', lines(uidMappings), 'who is who'),
    ...(maker.mayMount ? [] : [map('setgroups', 'deny', keepsGroups)]),
    map('gid_map', lines(gidMappings), 'and groups'),
  ]
}

/** One number, and that is whoever asks. */
const isOwn = ([first, ...more]: readonly IdMapping[], id: number): boolean =>
  more.length === 0 && first?.size === 1 && first.hostID === id

const map = (file: string, text: string, why: string): Draft =>
  host('write', [`/proc/${BOX}/${file}`, text], why)

const keepsGroups = 'else nobody may write the next line who is not root'

/** `0 100000 65536`: first number inside, first outside, how many. */
export const lines = (mappings: readonly IdMapping[]): string =>
  mappings
    .map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}`)
    .join('\n')

const lent = (helper: string, mappings: readonly IdMapping[]): Draft =>
  host(
    'run',
    [
      `/usr/bin/${helper}`,
      [helper, BOX, ...lines(mappings).split(/\s/)],
      [],
      '',
      0,
    ],
    'it looks up what is lent to us',
  )
// #endregion mapped

// #region root
/** Born in a user namespace, it is nobody there yet. */
export function becomesRoot(spec: Spec, { maker }: Around): Draft[] {
  const users = usersOf(spec)
  if (users === undefined) return []
  // Whoever has made the namespace may have seen to it that groups are kept.
  const kept = users.path === undefined ? {} : { fine: ['EPERM'] }
  return [
    ...(maker.mayMount
      ? [box('setgroups', [[]], 'in none of those from before', kept)]
      : []),
    box('setgid', [0], 'root, in here'),
    box('setuid', [0], 'root, in here'),
  ]
}
// #endregion root
