/**
 * Lesson 11. The root file system is not a directory on the host but layers, which are laid over each other in the box's own mount namespace: with its
 * last process they are gone. Whoever keeps the layers says what is to be mounted; this says by which calls.
 */
import { posix } from 'node:path'
import type { RootMount } from '../../oci/root-mount.ts'
import { box, type Draft } from '../../plan/plan.ts'
import { wordsOf } from './options.ts'

export interface Assembled {
  steps: Draft[]
  /** Where the root is then; and what may not be done in it, for mount_setattr(2). */
  at: string
  set: number
}

// #region assembled
/** @param place a directory that the root may be mounted on. */
export function assembled(
  mounts: readonly RootMount[],
  place: string,
): Assembled {
  const root = mounts.find(({ target }) => target === undefined)
  if (!root) return { steps: [], at: place, set: 0 }
  const { set } = wordsOf(root.options).own
  if (root.type === 'bind') return { steps: [], at: root.source, set }
  const below = mounts.filter(({ target }) => target !== undefined)
  const { steps, at } = mounted(root, place)
  return { steps: [...below.flatMap(shown), ...steps], at, set }
}

const shown = ({ type, source, target = '', options }: RootMount): Draft[] => {
  const { flags, data } = wordsOf(options)
  return [box('mount', [source, target, type, flags, data], 'a layer')]
}
// #endregion assembled

// #region mounted
/** mount(2) takes a page of data, and hundreds of layers are more than that: then they are named from where the box stands. */
const PAGE = 4096

function mounted(
  { type, source, options }: RootMount,
  place: string,
): Pick<Assembled, 'steps' | 'at'> {
  const { flags, data } = wordsOf(options)
  if (data.length < PAGE)
    return {
      steps: [box('mount', [source, place, type, flags, data], LAID)],
      at: place,
    }
  const shelf = commonIn(data)
  const short = data.replaceAll(`${shelf}/`, '')
  if (short.length >= PAGE) throw tooMany(short)
  return {
    steps: [
      box(
        'chdir',
        [shelf],
        'stand where the layers are: their names are short',
      ),
      box('mount', [source, '.', type, flags, short], LAID),
    ],
    at: shelf,
  }
}

const LAID = 'layers, laid over each other'

/** The directory that all paths in a mount's data are below. */
function commonIn(data: string): string {
  const paths = data.split(/[,:=]/).filter((word) => word.startsWith('/'))
  return paths.reduce(
    (one, other) => {
      let shelf = one
      while (!other.startsWith(`${shelf}/`)) shelf = posix.dirname(shelf)
      return shelf
    },
    posix.dirname(paths[0] ?? '/'),
  )
}
// #endregion mounted

const tooMany = (data: string): Error =>
  new Error(
    `Cannot lay so many layers over each other: their names take ${data.length} bytes, and mount(2) takes ${PAGE - 1}\n  Make fewer of them: boxwright commit joins none, an image built anew does`,
  )
