/** What the judge looks for after lesson 8: what is left of root, and what it is shown. */
import { capabilityNames } from '../../src/kernel/capabilities.ts'
import type { MountEntry } from '../../src/kernel/mountinfo.ts'
import { HIDDEN, READ_ONLY, readSecurity } from '../../src/kernel/security.ts'
import type { Check, Finding } from '../../src/workshop/judge/check.ts'
import type { Facts } from '../../src/workshop/judge/facts.ts'

const LESSON = 8

/** Docker's fourteen, as /proc/PID/status writes them. */
const DOCKER = 0xa80425fbn

// #region checks
export const securityChecks: Check[] = [
  {
    id: 'bounding',
    lesson: LESSON,
    title: 'no program in it can get more than Docker gives',
    needs: 'root',
    expected: () => `CapBnd in /proc/PID/status within ${DOCKER.toString(16)}`,
    look: ({ box }) => {
      const more = beyond(box?.rights.bounding)
      return more.length === 0
        ? undefined
        : {
            found: `${more.length} more: ${listed(more)}`,
            cause:
              'capset(2) is for the program that calls it: execve(2) gives root everything again that is in the bounding set',
          }
    },
    hints: [
      'You took rights away, and the command is root. What does execve(2) do for root?',
      'man 7 capabilities. Look for: "The capability bounding set is a mechanism that can be used to limit the capabilities that are gained during execve(2)."',
      "+    box('capbset', [KEPT], 'the most that a program can ever get'),\n     box('capset', [KEPT, KEPT, 0], …),",
    ],
    why: 'each capability that is not to be had was dropped from the bounding set, and execve(2) never gives more than is in there.',
  },
  {
    id: 'kept',
    lesson: LESSON,
    title: 'nor has it more itself',
    needs: 'bounding',
    expected: () => 'CapPrm and CapEff within CapBnd',
    look: ({ box }) => {
      const more = beyond(box?.rights.capabilities)
      return more.length === 0
        ? undefined
        : {
            found: `${more.length} more: ${listed(more)}`,
            cause: 'The bounding set limits what is gained, and takes nothing',
          }
    },
    hints: [
      'Which of the sets is asked when a process makes a call?',
      'man 7 capabilities, "Thread capability sets". Look for: "This is a limiting superset for the effective capabilities that the thread may assume."',
      "     box('capbset', [KEPT], …),\n+    box('capset', [KEPT, KEPT, 0], 'what is left of root'),",
    ],
    why: 'capset(2) set permitted and effective to the same list.',
  },
  {
    id: 'inheritable',
    lesson: LESSON,
    title: 'it hands none on by itself',
    needs: 'root',
    expected: () => 'CapInh and CapAmb are 0',
    look: ({ box }) =>
      box?.rights.carried === 0n
        ? undefined
        : {
            found: `they have ${listed(capabilityNames(box?.rights.carried ?? 0n))}`,
            cause:
              'What is inheritable comes back with any file of the image that asks for it, whoever starts it (CVE-2022-24769)',
          },
    hints: [
      'capset takes three sets. What is the third one for, and who needs it?',
      'man 7 capabilities, "Thread capability sets". Look for: "inheritable capabilities are added to the permitted set when executing a program that has the corresponding bits set in the file inheritable set."',
      "-    box('capset', [KEPT, KEPT, KEPT], …),\n+    box('capset', [KEPT, KEPT, 0], …),",
    ],
    why: 'the inheritable set is empty: a file of the image can ask for what it likes.',
  },
  {
    id: 'no-new-privileges',
    lesson: LESSON,
    title: 'no program gives it what it has not got',
    needs: 'root',
    expected: () => 'NoNewPrivs in /proc/PID/status is 1',
    look: ({ box }) =>
      box?.rights.noNewPrivileges
        ? undefined
        : {
            found: 'it is 0',
            cause:
              'A file with the set-user-ID bit makes its starter root, wherever it came from',
          },
    hints: [
      'A user in the box starts a file that is root’s and has the set-user-ID bit. Who is it then?',
      'man 2 prctl, PR_SET_NO_NEW_PRIVS. Look for: "With no_new_privs set to 1, execve(2) promises not to grant privileges to do anything that could not have been done without the execve(2) call".',
      "+    box('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0], 'no program gives any of it back'),",
    ],
    why: 'the promise was asked for before the command, and nobody can take it back.',
  },
  {
    id: 'filter',
    lesson: LESSON,
    title: 'a filter stands before the kernel',
    needs: 'root',
    expected: () => 'Seccomp in /proc/PID/status is 2',
    look: ({ box }) =>
      box?.rights.seccomp === 2
        ? undefined
        : {
            found: `it is ${box?.rights.seccomp}`,
            cause: 'Nobody has called seccomp(2) for this process',
          },
    hints: [
      'How many system calls does your kernel have? How many of them does a shell need?',
      'man 2 seccomp. Look for: "either the calling thread must have the CAP_SYS_ADMIN capability in its user namespace, or the thread must already have the no_new_privs bit set."',
      "+    box('seccomp', [0, compileSeccomp(profile).toString('hex')], 'asked before each call'),",
    ],
    why: 'the kernel runs the filter before each of its calls, and of those of its children.',
  },
  {
    id: 'user-namespace',
    lesson: LESSON,
    title: 'its root cannot make itself root of more',
    needs: 'filter',
    expected: () => 'unshare(CLONE_NEWUSER) is refused in it',
    look: ({ rebel }) =>
      rebel?.free === false
        ? undefined
        : {
            found: 'a process of the box is in a user namespace of its own',
            cause:
              'In there it has every capability again, and the rest of the kernel to try them on (CVE-2022-0492). The filter lets unshare through',
          },
    hints: [
      'Who may call unshare(CLONE_NEWUSER), and what does he have then?',
      'man 7 user_namespaces. Look for: "a process that creates a new user namespace using unshare(2) or joins an existing user namespace using setns(2) gains a full set of capabilities in that namespace."',
      "-    defaultAction: 'SCMP_ACT_ALLOW', …\n+    defaultSeccomp(capabilities)   // which refuses unshare, setns, and clone with such flags",
    ],
    why: 'the filter refuses unshare and setns, and clone where a flag asks for a namespace.',
  },
  {
    id: 'hidden',
    lesson: LESSON,
    title: 'what the kernel shows of the machine is hidden',
    needs: 'pivot',
    expected: () => `something mounted over ${here(HIDDEN).join(', ')}`,
    unseen: () =>
      here(HIDDEN).length === 0 ? 'this kernel shows none of it' : undefined,
    look: ({ box }) => uncovered(box, HIDDEN, () => true),
    hints: [
      'No namespace has keys, timers or memory of its own. What does /proc show of them in the box?',
      'man 2 mount. Look for: "If mountflags includes MS_BIND (available since Linux 2.4), then perform a bind mount."',
      "+    box('mount', ['/dev/null', '/proc/keys', '', MS_BIND, ''], 'nothing to be read'),",
    ],
    why: 'something else is mounted over each of these.',
  },
  {
    id: 'to-read',
    lesson: LESSON,
    title: 'what sets the machine can be read only',
    needs: 'pivot',
    expected: () => `a read-only mount at ${here(READ_ONLY).join(', ')}`,
    look: ({ box }) =>
      uncovered(box, READ_ONLY, ({ options }) => options.includes('ro')),
    hints: [
      'Some files in /proc are switches of the whole machine. Which of them has a namespace?',
      'man 2 mount. Look for: "Since Linux 2.6.26, the MS_REMOUNT flag can be used with MS_BIND to modify only the per-mount-point flags."',
      "+    box('open_tree', [SLOT, '/proc/sys', OPEN_TREE_CLONE], …),\n+    box('mount_setattr', [SLOT, 0, MOUNT_ATTR_RDONLY, 0, ''], …),\n+    box('move_mount', [SLOT, '/proc/sys'], …),",
    ],
    why: 'a mount of each, made read-only, lies on top of it.',
  },
]
// #endregion checks

const beyond = (set = 0n): string[] => capabilityNames(set & ~DOCKER)

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`

const here = (paths: readonly string[]): string[] => {
  const { kinds } = readSecurity()
  return paths.filter((path) => path in kinds)
}

function uncovered(
  box: Facts['box'],
  paths: readonly string[],
  isGood: (mount: MountEntry) => boolean,
): Finding | undefined {
  const top = (path: string): MountEntry | undefined =>
    box?.mounts?.table.filter(({ mountPoint }) => mountPoint === path).at(-1)
  const bare = here(paths).filter((path) => {
    const mount = top(path)
    return mount === undefined || !isGood(mount)
  })
  return bare.length === 0
    ? undefined
    : {
        found: `${bare.length} are as /proc and /sys have them: ${listed(bare)}`,
        cause: 'These show, or set, the machine for whoever looks',
      }
}
