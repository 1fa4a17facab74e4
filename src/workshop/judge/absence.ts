/** Words for a command that never came to its gate: what the program said, and what that may mean. */
import type { End } from './facts.ts'

/** The first lines of what it said on standard error, which is all there is to go by. */
export function said({ status, stderr }: End): string {
  const lines = stderr.trim().split('\n')
  const words = lines
    .filter((line) => !line.includes('boxwright explain')) // its record is gone with the arena
    .slice(0, 3)
    .join('\n')
  const end = status === undefined ? 'it had to be ended' : `the program ended with status ${status}`
  return words ? `${end} before its command ran, and said:\n${words}` : `${end}, and its command never ran`
}

interface Cause {
  when: (end: End) => boolean
  cause: string
}

/** The first that fits. */
const CAUSES: Cause[] = [
  {
    when: ({ status }) => status === undefined,
    cause: 'It waits for something that does not come',
  },
  {
    when: ({ stderr }) => /pivot_root.*(EINVAL|Invalid argument)/.test(stderr),
    cause:
      'pivot_root(2) gives EINVAL when the new root is not a mount point, and when it, or the root before, is a shared mount',
  },
  {
    when: ({ stderr }) => /pivot_root.*(EBUSY|resource busy)/.test(stderr),
    cause: 'pivot_root(2) gives EBUSY when the new root is on the file system that is the root already: bind it first',
  },
  {
    when: ({ stderr }) => /mknod.*(EEXIST|File exists)/.test(stderr),
    cause: 'There are devices in /dev already: it is not the box’s own /dev, but the host’s',
  },
  {
    when: ({ stderr }) => /process was killed/.test(stderr),
    cause: 'Its memory limit is far too small: the kernel takes bytes, and reads 64 as 64 bytes',
  },
  {
    when: ({ stderr }) => /Cannot execute/.test(stderr),
    cause: 'The command was looked for in another root than the one asked for',
  },
  {
    when: ({ stderr }) => /no unshare comes before it/.test(stderr),
    cause: 'That step changes a whole namespace. Without one of its own, that is the host’s, and so it was refused',
  },
  {
    when: ({ stderr }) => /^boxwright: Cannot/m.test(stderr),
    cause: 'Boxwright would not play this plan, or the kernel refused a step: what it said is above',
  },
  {
    when: ({ status }) => status === 0,
    cause: 'It starts no command, or another one: it has to run what it is given, in ROOTFS',
  },
]

export const causeOfAbsence = (end: End): string =>
  CAUSES.find(({ when }) => when(end))?.cause ??
  'The program failed before it came so far, or its command was not in its root'
