/** What the judge looks for after lesson 6: root in the box, who is somebody else outside, and whose files are its own. */
import { release } from 'node:os'
import type { Check, Finding } from '../../src/workshop/judge/check.ts'
import type { BoxFacts, Facts } from '../../src/workshop/judge/facts.ts'

const LESSON = 6

// #region checks
export const usersChecks: Check[] = [
  {
    id: 'somebody',
    lesson: LESSON,
    title: 'the command is root in its user namespace',
    needs: 'user',
    expected: () => 'its user and its group are mapped, and are 0 in there',
    look: ({ box }) => box && lookAtNumbers(box),
    hints: [
      'Nobody has told your user namespace who is who. Where is that written, by whom, and when? Who is the process afterwards?',
      'man 7 user_namespaces, "User and group ID mappings: uid_map and gid_map". Look for: "may be written to once to define the mapping of user IDs in the new user namespace". And then man 2 setuid.',
      "+    host('write', [`/proc/${BOX}/uid_map`, '0 524288 65536'], 'who is who'),\n+    host('write', [`/proc/${BOX}/gid_map`, '0 524288 65536'], 'and groups'),\n+    box('setgid', [0], 'root, in here'),\n+    box('setuid', [0], 'root, in here'),",
    ],
    why: 'a line in uid_map gave the number 0 a meaning in there, and setuid(2) made the process number 0.',
  },
  {
    id: 'outside',
    lesson: LESSON,
    title: 'and nobody of importance outside',
    needs: 'somebody',
    expected: () =>
      'Uid and Gid in /proc/PID/status, read from the host, are not 0',
    unseen: ({ host }) => withoutRoot(host.users.namespaced),
    look: ({ box }) =>
      box?.rights.uid === 0 || box?.rights.gid === 0
        ? {
            found: `it is user ${box.rights.uid} and group ${box.rights.gid}: root of the host`,
            cause:
              'The second number of the line is who it is outside: files of the host’s root are its own still',
          }
        : undefined,
    hints: [
      'A map has three numbers. Which of them is the one that the owner of a file is compared with?',
      'man 7 user_namespaces. Look for: "The start of the range of user IDs to which the user IDs specified by field one map."',
      "-    host('write', [`/proc/${BOX}/uid_map`, '0 0 65536'], …),\n+    host('write', [`/proc/${BOX}/uid_map`, '0 524288 65536'], …),",
    ],
    why: 'the kernel compares numbers of its own, and 0 in there is another one than 0 here: /proc/PID/status says which.',
  },
  {
    id: 'strangers',
    lesson: LESSON,
    title: 'no user of the host is anybody in it',
    needs: 'outside',
    expected: () =>
      'no number below 65536 in the second column of uid_map and gid_map',
    unseen: ({ host }) => withoutRoot(host.users.namespaced),
    look: ({ box }) => {
      const known = rangesOf(box).filter(({ outside }) => outside < 65_536)
      return known[0]
        ? {
            found: `${known[0].kind} ${known[0].inside} is ${known[0].outside} outside`,
            cause:
              'That is where the host’s own users are: root in the box may become each of them',
          }
        : undefined
    },
    hints: [
      'Root in the box may call setuid with any number that is mapped. Who is number 1000 of your machine?',
      'man 5 subuid. Look for: "a range of subordinate user ids that user is allowed to use".',
      "-    '0 524288 1\\n1 1 65535'\n+    '0 524288 65536'",
    ],
    why: 'the range begins where no user of the host is, and is nobody else’s: what escaped as one of them would be nobody here.',
  },
  {
    id: 'numbers',
    lesson: LESSON,
    title: 'there are other users in it',
    needs: 'somebody',
    expected: ({ host }) =>
      `${wanted(host)} numbers from 0 on, in both of the maps`,
    look: ({ box, host }) => {
      const counts = ['uid_map', 'gid_map'].map((kind) => countOf(box, kind))
      return Math.min(...counts) < wanted(host)
        ? {
            found: counts.join(' and '),
            cause:
              'Files of anybody else, and setuid(2) to anybody else, have no number in there',
          }
        : undefined
    },
    hints: [
      'A web server in the box wants to be www-data, number 33. What does setuid say to a number that has no meaning?',
      'man 7 user_namespaces. Look for: "The length of the range of user IDs that is mapped between the two user namespaces."',
      "-    '0 524288 1'\n+    '0 524288 65536'",
    ],
    why: 'sixteen bits of numbers were mapped, as many as old programs know.',
  },
  {
    id: 'groups',
    lesson: LESSON,
    title: 'it is in no group of the host’s',
    needs: 'somebody',
    expected: () => 'Groups in /proc/PID/status is empty',
    unseen: ({ host }) =>
      host.groups.length === 0
        ? 'you are in no other group yourself'
        : withoutRoot(host.users.namespaced),
    look: ({ box }) =>
      box?.rights.groups.length === 0
        ? undefined
        : {
            found: `it is in ${box?.rights.groups.join(', ')}`,
            cause:
              'A process keeps the groups that it was born with: setgid(2) changes one of them',
          },
    hints: [
      'You are in groups besides your own: id(1) lists them. Who is in them after a clone?',
      'man 7 credentials. Look for: "A child process created by fork(2) inherits copies of its parent\'s user and groups IDs."',
      "+    box('setgroups', [[]], 'no groups from before'),",
    ],
    why: 'setgroups(2) with an empty list left all of them, as who is root in there may, once gid_map is written.',
  },
  {
    id: 'own-root',
    lesson: LESSON,
    title: 'its root belongs to its own root',
    needs: 'outside',
    expected: ({ box }) =>
      `the owner of its / as it is mounted there is ${box?.rights.uid}`,
    unseen: ({ host }) =>
      withoutRoot(host.users.namespaced) ?? tooOld(release()),
    look: ({ box }) =>
      box?.rights.rootOwner === box?.rights.uid
        ? undefined
        : {
            found: `it is ${box?.rights.rootOwner}`,
            cause:
              'Its files are those of the host’s root, who is nobody in there: it can’t so much as make a file in /',
          },
    hints: [
      'The files are root’s, and root in there is somebody else. Who may change that for one mount alone, and leave the disk as it is?',
      'man 2 mount_setattr, "ID-mapped mounts". Look for: "Creating an ID-mapped mount makes it possible to change the ownership of all files located under a mount."',
      "+    host('mount_setattr', [0, AT_RECURSIVE, MOUNT_ATTR_IDMAP, 0, `/proc/${BOX}/ns/user`], …),",
    ],
    why: 'an id-mapped mount shows the files with other owners than they have on the disk.',
  },
]
// #endregion checks

const withoutRoot = (namespaced: boolean): string | undefined =>
  namespaced ? 'without root, root in it is you' : undefined

/** A tmpfs, in which boxes are judged, has them since Linux 6.3: mount_setattr(2). */
const tooOld = (version: string): string | undefined => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 6 || (major === 6 && minor >= 3)
    ? undefined
    : 'this kernel has no id-mapped tmpfs'
}

/** As many as there are, if they are fewer. */
const wanted = ({ users }: Facts['host']): number =>
  Math.min(65_536, users.count)

interface Range {
  kind: string
  inside: number
  outside: number
  count: number
}

const rangesOf = (box: BoxFacts | undefined): Range[] =>
  (box?.rights.maps ?? []).map((line) => {
    const [kind = '', ...numbers] = line.split(' ')
    const [inside = 0, outside = 0, count = 0] = numbers.map(Number)
    return { kind, inside, outside, count }
  })

const countOf = (box: BoxFacts | undefined, kind: string): number =>
  rangesOf(box)
    .filter((range) => range.kind === kind)
    .reduce((sum, { count }) => sum + count, 0)

function lookAtNumbers(box: BoxFacts): Finding | undefined {
  for (const [kind, number, what] of [
    ['uid_map', box.rights.uid, 'user'],
    ['gid_map', box.rights.gid, 'group'],
  ] as const) {
    const inside = numberIn(box, kind, number)
    if (inside === 0) continue
    return inside === undefined
      ? {
          found: `its ${what}, ${number} outside, has no number in there`,
          cause: `Either nobody has written ${kind}, or the process has not become one of those that are in it`,
        }
      : {
          found: `it is ${what} ${inside} in there`,
          cause: 'Whoever is not 0 loses its capabilities with execve(2)',
        }
  }
  return undefined
}

function numberIn(
  box: BoxFacts,
  kind: string,
  number: number,
): number | undefined {
  const range = rangesOf(box).find(
    ({ kind: its, outside, count }) =>
      its === kind && outside <= number && number < outside + count,
  )
  return range && range.inside + number - range.outside
}
