/** What the judge looks for after lesson 5: a command that may nothing, whoever it was before. */
import type { Check } from '../../src/workshop/judge/check.ts'

const LESSON = 5

// #region checks
export const threadsChecks: Check[] = [
  {
    id: 'user',
    lesson: LESSON,
    title: 'it has a user namespace of its own',
    needs: 'root',
    expected: ({ host }) =>
      `/proc/PID/ns/user is not user:[${host.namespaces.user}], which is the host's`,
    look: ({ box, host }) =>
      box?.namespaces.user === host.namespaces.user
        ? {
            found: `it is user:[${host.namespaces.user}]: the host's`,
            cause:
              'Nobody has called unshare(2) or clone(2) with CLONE_NEWUSER for this process: its rights are rights on the host',
          }
        : undefined,
    hints: [
      'May root in the box remount /sys? In whose name does the kernel look up what root may do?',
      'man 7 user_namespaces, "Capabilities". Look for: "that process has no capabilities in the parent (in the case of clone(2)) or previous (in the case of unshare(2) and setns(2)) user namespace".',
      "-    box('unshare', [CLONE_NEWUTS], …),\n+    box('unshare', [CLONE_NEWUSER], …),",
    ],
    why: 'its rights, whatever they are, are rights in a user namespace that owns nothing. /proc/PID/ns/user of the two differ.',
  },
  {
    id: 'nobody',
    lesson: LESSON,
    until: LESSON,
    title: 'no number of the host is mapped in it',
    needs: 'user',
    expected: () => '/proc/PID/uid_map and gid_map are empty',
    look: ({ box }) =>
      box?.rights.maps.length === 0
        ? undefined
        : {
            found: `it has ${box?.rights.maps.join('; ')}`,
            cause:
              'A number was mapped: then the process is somebody in there, and root in there has all capabilities in there',
          },
    hints: [
      'Who is a process whose number has no meaning in its user namespace? What does id(1) say?',
      'man 7 user_namespaces, "Unmapped user and group IDs". Look for: "In most such cases, an unmapped user ID is converted to the overflow user ID (group ID)".',
      "-    box('write', ['/proc/self/uid_map', …], …),",
    ],
    why: 'nobody has written to uid_map. Lesson 6 does.',
  },
  {
    id: 'rights',
    lesson: LESSON,
    until: LESSON,
    title: 'the command has no capability',
    needs: 'nobody',
    expected: () => 'CapPrm and CapEff in /proc/PID/status are 0',
    look: ({ box }) =>
      box?.rights.capabilities === 0n
        ? undefined
        : {
            found: `it has ${box?.rights.capabilities.toString(16)}`,
            cause:
              'The new user namespace gives all capabilities in it, and execve(2) takes them from whoever is not root there: something came after it',
          },
    hints: [
      'A process that has just made a user namespace has every capability in it. When does it lose them?',
      'man 7 user_namespaces, "Capabilities". Look for: "unless the process has a user ID of 0 within the namespace, or the executable file has a nonempty inheritable capabilities mask, the process will lose all capabilities."',
      "     box('unshare', [CLONE_NEWUSER], …),\n     box('execvpe', …),   // and nothing between the two",
    ],
    why: 'execve(2) took them: the process is not root in its own user namespace, since nobody is.',
  },
]
// #endregion checks
