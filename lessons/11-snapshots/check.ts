/** What the judge looks for after lesson 11: boxes that stand on one copy of an image, and what is kept of each. overlayfs.rst. */
import type { Check, Finding } from '../../src/workshop/judge/check.ts'
import type { Facts, StandingFacts } from '../../src/workshop/judge/facts.ts'

const LESSON = 11

// #region checks
export const snapshotsChecks: Check[] = [
  {
    id: 'stands',
    lesson: LESSON,
    title: 'a box stands on a snapshot, and may write',
    expected: () =>
      'import, prepare and commit end with 0; the box sees the image’s files, and what it has written',
    look: ({ standing, end }) => {
      const { one, names, words, failed } = standing ?? NOTHING
      const early = failed.filter((what) => EARLY.includes(what))
      const seen = one?.files[names.kept] === words.base
      const written = one?.files[names.first] === words.first
      if (seen && written && early.length === 0) return undefined
      return {
        found: `${early.length > 0 ? `“${early[0]}” failed` : 'the box does not see them'}${said(end)}`,
        cause:
          'What is to be mounted was refused, or is not what the box was to stand on. An upper and a work directory belong together, on one file system',
      }
    },
    hints: [
      'Who makes the directories that a mount names? When?',
      'Documentation/filesystems/overlayfs.rst, Directories. Look for workdir, which "needs to be an empty directory on the same filesystem as upperdir."',
      "   make: (place, kind) => {\n     mkdirSync(added(place))\n+    if (kind === 'active') mkdirSync(work(place))",
    ],
    why: 'overlayfs showed the box the image’s directory below, and one of the box’s own above it.',
  },
  {
    id: 'untouched',
    lesson: LESSON,
    title: 'what it stands on stays as it was',
    needs: 'stands',
    expected: () =>
      'a box has written a file, changed one and removed one: the files of the snapshots below it are the same',
    look: (facts) =>
      of(facts, ({ touched }) =>
        touched.length === 0
          ? undefined
          : {
              found: `changed: ${touched.join(', ')}`,
              cause:
                'The box had the parent’s own directory for its root. Whoever else stands on it sees all that this one does',
            },
      ),
    hints: [
      'A hundred boxes stand on that directory. Who of them may write to it?',
      'Documentation/filesystems/overlayfs.rst. Look for: "Where both upper and lower objects are directories, a merged directory is formed." And: "The lower filesystem does not need to be writable."',
      "-  return [bind(added(parent), 'rw')]\n+  return [{ type: 'overlay', source: 'overlay', options: [`lowerdir=…`, `upperdir=${added(place)}`, `workdir=${work(place)}`] }]",
    ],
    why: 'a file that was written had been copied up first, and of one that was removed there is a mark in the upper directory.',
  },
  {
    id: 'apart',
    lesson: LESSON,
    title: 'two boxes do not see each other’s changes',
    needs: 'stands',
    expected: () =>
      'at the same time, on the same snapshot: what one has changed is unchanged for the other',
    look: (facts) => of(facts, lookAtOther),
    hints: [
      'Where does what a box writes go? Is that place named after the box, or after what it stands on?',
      'Documentation/filesystems/overlayfs.rst, Sharing and copying layers. Look for: "Lower layers may be shared among several overlay mounts and that is indeed a very common practice."',
      '-  `upperdir=${added(parents[0])}`,\n+  `upperdir=${added(place)}`,',
    ],
    why: 'the lower directories are the same for both, and each has an upper one of its own.',
  },
  {
    id: 'order',
    lesson: LESSON,
    title: 'the nearest layer is seen first',
    needs: 'stands',
    expected: () =>
      'of a file that two layers have, the box sees what the upper one says; of one that a single layer has, that',
    look: (facts) =>
      of(facts, ({ boxes: { b }, names, words }) => {
        if (b?.files[names.first] !== words.first)
          return {
            found: 'the box lacks a file of a layer in the middle',
            cause: 'Not all parents are named, or not by their own directories',
          }
        return b.files[names.order] === words.second
          ? undefined
          : {
              found: `it sees what the ${b.files[names.order] === words.base ? 'lowest' : 'middle'} one says`,
              cause:
                'The list of lower directories is the wrong way round. Or only one of them is named',
            }
      }),
    hints: [
      'Three layers have a file of one name. Which one wins, and where does that one stand in the list?',
      'Documentation/filesystems/overlayfs.rst, Multiple lower layers. Look for: "The specified lower directories will be stacked beginning from the rightmost one and going left."',
      "-  `lowerdir=${parents.map(added).reverse().join(':')}`,\n+  `lowerdir=${parents.map(added).join(':')}`,",
    ],
    why: 'lowerdir names the nearest first: the kernel stacks them from the right to the left.',
  },
  {
    id: 'work',
    lesson: LESSON,
    title: 'each has a work directory of its own',
    needs: 'apart',
    expected: () =>
      'workdir in /proc/PID/mountinfo: two boxes, two directories',
    look: (facts) =>
      of(facts, ({ boxes: { a, b } }) =>
        a?.work === undefined || a.work !== b?.work
          ? undefined
          : {
              found: 'both have the same',
              cause:
                'The kernel puts files together there before they get their name. Two mounts that clear up in it take away what the other has begun',
            },
      ),
    hints: [
      'What does overlayfs need another directory for? Who clears it up?',
      'Documentation/filesystems/overlayfs.rst, Sharing and copying layers. Look for: "Using an upper layer path and/or a workdir path that are already used by another overlay mount is not allowed".',
      '-  `workdir=${work(parents[0])}`,\n+  `workdir=${work(place)}`,',
    ],
    why: 'a file that is copied up is put together in the box’s own work directory, and renamed into place when it is whole.',
  },
  {
    id: 'copy',
    lesson: LESSON,
    title: 'there is one copy of what they have in common',
    needs: 'stands',
    expected: ({ standing }) =>
      `two more snapshots add less to the disk than ${kilobytes((standing?.disk.image ?? 0) / 4)}, a quarter of the image`,
    look: (facts) =>
      of(facts, ({ disk }) =>
        disk.added < disk.image / 4
          ? undefined
          : {
              found: `they added ${kilobytes(disk.added)}; the image has ${kilobytes(disk.image)}`,
              cause:
                'Files were copied when the snapshot was made, and not when somebody wrote to them',
            },
      ),
    hints: [
      'How much of an image does a box write to? Copy that.',
      'Documentation/filesystems/overlayfs.rst, Non-directories. Look for: "the file is first copied from the lower filesystem to the upper filesystem (copy_up)."',
      '   make: (place, kind, [parent]) => {\n-    copy(added(parent), added(place))\n+    mkdirSync(added(place))',
    ],
    why: 'a new snapshot is two empty directories. What is in the image is there once.',
  },
  {
    id: 'change',
    lesson: LESSON,
    title: 'what is committed is the change, and nothing else',
    needs: 'apart',
    expected: ({ standing }) =>
      `in the snapshot’s directory just ${Object.keys(changed(standing ?? NOTHING)).join(', ')}; and a box on it sees them so`,
    look: (facts) => of(facts, lookAtChange),
    hints: [
      'A file that is removed has to be missing, though it is there in a layer below. How would you write that down?',
      'Documentation/filesystems/overlayfs.rst, whiteouts and opaque directories. Look for: "A whiteout is created as a character device with 0/0 device number".',
      '-  `upperdir=${somewhereElse}`,\n+  `upperdir=${added(place)}`,   // what is committed is what was written',
    ],
    why: 'the upper directory is the layer: two files, and a mark for the one that was removed.',
  },
  {
    id: 'gone',
    lesson: LESSON,
    title: 'nothing is mounted outside of the boxes',
    needs: 'stands',
    expected: () => 'no mount on the host, while they live and afterwards',
    look: (facts) =>
      of(facts, ({ leaked }) => {
        const all = [...leaked, ...facts.left.mounts, ...facts.left.processes]
        return all.length === 0
          ? undefined
          : {
              found: all.slice(0, 3).join(', '),
              cause:
                'The layers were laid together on the host, and somebody has to take that away again',
            }
      }),
    hints: [
      'Who unmounts it if your program is killed?',
      'man 7 namespaces. Look for: "a namespace is automatically torn down when the last process in the namespace terminates or leaves the namespace."',
      "   // what is mounted is a step of the box's own\n+  box('mount', ['none', '/', '', MS_REC | MS_PRIVATE, ''], …),\n+  box('mount', ['overlay', root, 'overlay', 0, data], …),",
    ],
    why: 'the mount is in the box’s own namespace, and is gone with its last process.',
  },
]
// #endregion checks

/** All that has to be done for the first box. */
const EARLY = [
  'import base',
  'prepare for-first',
  'run for-first',
  'commit first',
]

const NOTHING: StandingFacts = {
  names: { kept: '', order: '', first: '', changed: '', gone: '', mine: '' },
  words: { base: '', first: '', second: '', mine: '' },
  ...{ failed: ['import base'], leaked: [], touched: [], change: {} },
  ...{
    one: undefined,
    child: undefined,
    boxes: { a: undefined, b: undefined },
  },
  disk: { image: 0, added: 0 },
}

const of = (
  { standing }: Facts,
  look: (standing: StandingFacts) => Finding | undefined,
): Finding | undefined => look(standing ?? NOTHING)

const said = ({ stderr }: Facts['end']): string =>
  stderr.trim() ? `\n${stderr.trim().split('\n').slice(0, 3).join('\n')}` : ''

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`

function lookAtOther({
  boxes: { a, b },
  names,
  words,
}: StandingFacts): Finding | undefined {
  if (a?.files[names.mine] !== words.mine || a.files[names.gone] !== undefined)
    return {
      found: 'the first does not see what it has changed itself',
      cause: 'What was written went to another place than is looked at first',
    }
  const cause = 'Both write to one directory'
  if (b?.files[names.mine] !== undefined)
    return { found: 'the second sees a file that the first has made', cause }
  if (b?.files[names.changed] !== words.base)
    return { found: 'the second sees what the first has written', cause }
  return b.files[names.gone] === words.base
    ? undefined
    : { found: 'the second lacks a file that the first has removed', cause }
}

const changed = ({ names, words }: StandingFacts): Record<string, string> => ({
  [names.mine]: words.mine,
  [names.changed]: words.mine,
  [names.gone]: 'gone',
})

function lookAtChange(standing: StandingFacts): Finding | undefined {
  const { change, child, names, words } = standing
  const wanted = changed(standing)
  const more = Object.keys(change).filter((path) => !(path in wanted))
  const missing = Object.keys(wanted).filter((p) => change[p] !== wanted[p])
  if (missing.length > 0)
    return {
      found: `it lacks ${missing.join(', ')}`,
      cause: 'What the box has written was not what was committed',
    }
  if (more.length > 0)
    return {
      found: `it has ${more.length} more: ${more.slice(0, 3).join(', ')}, …`,
      cause: 'A whole tree was kept, or what was made besides',
    }
  return child?.files[names.mine] === words.mine &&
    child.files[names.gone] === undefined
    ? undefined
    : {
        found: 'a box that stands on it does not see the change',
        cause: 'The committed snapshot is not among the lower directories',
      }
}
