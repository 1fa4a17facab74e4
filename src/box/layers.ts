/**
 * Lesson 11. The root file system is laid together from layers, in the box's own mount namespace: nobody else sees it, and with the last process of the
 * box it is gone. What is to be mounted is data, and comes from whoever keeps the layers.
 */
import { MS_BIND, MS_PRIVATE, MS_REC } from '../kernel/constants.ts'
import type { RootMount } from '../oci/root-mount.ts'
import { box, type Wall } from '../plan/plan.ts'
import { assembled } from './container/layers.ts'

// #region layers
/** Before the wall that makes the root a root. */
export const layers = (mounts: readonly RootMount[]): Wall => ({
  name: 'layers',
  lesson: 11,
  steps: ({ root }) => {
    const { steps, at } = assembled(mounts, root.path)
    return [
      box('mount', ['none', '/', '', MS_REC | MS_PRIVATE, ''], 'the layers are seen by nobody else'),
      ...steps,
      ...(at === root.path
        ? []
        : [box('mount', [at, root.path, '', MS_BIND | MS_REC, ''], 'the root is where it was to be')]),
    ]
  },
})
// #endregion layers
