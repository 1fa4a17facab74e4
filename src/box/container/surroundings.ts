/**
 * Lesson 13. What a wall of the runtime is told beside the spec: where the container is to be built, and how whoever asks for it wants to have it
 * built. A spec that somebody else has written names files of the host's, and what those are decides which calls there are.
 */
import type { Asked, Surroundings } from '../../kernel/surroundings.ts'
import type { RootMount } from '../../oci/root-mount.ts'
import type { Spec } from '../../oci/spec.ts'

export interface Around extends Surroundings {
  /** The host's root stays where it is, and is covered: for a root file system that cannot be pivoted to, such as an initramfs. */
  noPivot?: boolean
  /** What the root is made of, where it is no directory yet. */
  layers?: readonly RootMount[]
}

// #region asked
/** What has to be looked at before a plan can be made. */
export const askedOf = ({ root, mounts, linux }: Spec): Asked => ({
  root: root.path,
  sources: mounts
    .filter(({ type }) => type === 'bind')
    .map(({ source }) => source),
  devices: linux.devices.map(({ path }) => path),
  namespaces: linux.namespaces.flatMap(({ path }) => path ?? []),
})
// #endregion asked

// #region lanes
/** Who may not mount outside can only have it done in the box's own user namespace. */
export const isOpenedOutside = ({ linux }: Spec, { maker }: Around): boolean =>
  maker.mayMount && linux.namespaces.some(({ type }) => type === 'user')

export const hasOwnMounts = ({ linux }: Spec): boolean =>
  linux.namespaces.some(({ type }) => type === 'mount')
// #endregion lanes

/** A step that knows which part of its spec it is for. */
export interface About {
  field?: string
}
