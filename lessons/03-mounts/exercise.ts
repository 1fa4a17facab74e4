/**
 * Lesson 3, your wall: a file system of its own. It takes the place of lesson 1's, which still stands here: it hides the old root, and that is all.
 *
 *   boxwright stage 3 run --wall THIS_FILE ps       to try it
 *   boxwright attack second-chroot --stage 2        what is wrong with chroot
 *   boxwright check 3                               to have it judged
 */
import type { Mount } from '../../src/oci/spec.ts'
import { box, type Draft, type Wall } from '../../src/plan/plan.ts'

export const mounts: Wall = {
  name: 'mounts',
  lesson: 3,
  steps: ({ root, mounts }) => [
    // TODO 1: What is mounted here shows up on the host as well. Which mount(2) on / ends that, for / and all below it?
    // TODO 2: Put pivot_root in the place of chroot. It wants a mount point: how does a directory become one?
    // TODO 3: And then, where is the old root? Take it away.
    box('chroot', [root.path], 'hides the old root'),
    box('chdir', ['/'], 'and step in'),
    ...mounts.flatMap(fileSystem),
  ],
}

function fileSystem({ destination, type, source }: Mount): Draft[] {
  return [
    box('mkdir', [destination, 0o755], 'a place to mount it on', {
      fine: ['EEXIST'],
    }),
    // TODO 4: The options are left out: ro, nosuid, newinstance … Some are flags, some are data: src/box/mount-options.ts knows which.
    box('mount', [source, destination, type, 0, ''], `a ${type} of its own`),
  ]
}
