/** Lesson 13. Owners seen by other numbers: an id-mapped mount, by numbers of its own or by those of the container. mount_setattr(2). */
import { AT_RECURSIVE, MOUNT_ATTR_IDMAP } from '../../kernel/constants.ts'
import type { Mount, Spec } from '../../oci/spec.ts'
import { host, type Draft } from '../../plan/plan.ts'
import { wordsOf } from './options.ts'
import type { Around } from './surroundings.ts'
import { lines } from './users.ts'

// #region idmap
export const isMapped = ({
  options,
  uidMappings,
  gidMappings,
}: Mount): boolean =>
  wordsOf(options).idmap !== undefined || !!uidMappings || !!gidMappings

/** Mapped by the host: only who rules over the file system may. @throws Error when there are no numbers, or nobody here may. */
export function mappedBy(
  mount: Mount,
  spec: Spec,
  { maker }: Around,
  slot: number,
): Draft[] {
  const { uidMappings, gidMappings } = mount
  if (!isMapped(mount)) return []
  const { linux } = spec
  const users = linux.namespaces.find(({ type }) => type === 'user')
  const { idmap } = wordsOf(mount.options)
  const flags = idmap === 'ridmap' ? AT_RECURSIVE : 0
  if (!maker.mayMount)
    throw complain(
      mount,
      spec,
      'only root may map the owners of files',
      'Leave idmap out',
    )
  if (!uidMappings && !gidMappings && users?.path !== undefined)
    return [
      host(
        'mount_setattr',
        [slot, flags, MOUNT_ATTR_IDMAP, 0, users.path],
        WHY,
      ),
    ]
  const uids = uidMappings ?? linux.uidMappings
  const gids = gidMappings ?? linux.gidMappings
  if (uids.length === 0 || gids.length === 0)
    throw complain(
      mount,
      spec,
      'there are no numbers for its owners',
      'Give it uidMappings and gidMappings',
    )
  return [host('idmap', [slot, flags, lines(uids), lines(gids)], WHY)]
}
// #endregion idmap

const WHY = "its owners by the box's numbers"

const complain = (
  mount: Mount,
  { mounts }: Spec,
  fact: string,
  remedy: string,
): Error =>
  new Error(
    `Cannot map "${mount.source}" at "${mount.destination}" (mounts[${mounts.indexOf(mount)}]): ${fact}\n  ${remedy}`,
  )
