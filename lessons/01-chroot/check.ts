/** What the judge looks for after lesson 1: a process whose root is the directory that it was given, and that stands in it. */
import type { Check } from '../../src/workshop/judge/check.ts'
import { causeOfAbsence, said } from '../../src/workshop/judge/absence.ts'

const LESSON = 1

// #region checks
export const chrootChecks: Check[] = [
  {
    id: 'started',
    lesson: LESSON,
    title: 'the command runs, in a root of its own',
    expected: () =>
      'a process of the command, with another root than the host has',
    look: ({ box, host, end }) => {
      if (!box) return { found: said(end), cause: causeOfAbsence(end) }
      if (box.root !== host.root) return undefined
      return {
        found:
          'the command runs with the root of your machine: there is no box',
        cause:
          'Nothing has changed its root before it became the command: no chroot(2), no pivot_root(2)',
      }
    },
    hints: [
      'Which system call changes what a process means by a path that begins with / ? Who has to make it: the launcher, or the process that becomes the command?',
      'man 2 chroot, DESCRIPTION. Look for: "chroot() changes the root directory of the calling process to that specified in path."',
      "   steps: (spec) => [\n+    box('chroot', [spec.root.path], 'look for / here from now on'),",
    ],
    why: 'a process is started, and before execve(2) it changes what only it sees. execve keeps the root.',
  },
  {
    id: 'root',
    lesson: LESSON,
    title: 'its root is the root file system',
    needs: 'started',
    expected: ({ asked }) => `/proc/PID/root is ${asked.rootfs}`,
    look: ({ box }) => {
      if (!box || box.root === box.rootfs) return undefined
      return box.root === box.parent
        ? {
            found: 'its root is the directory above',
            cause: 'chroot(2) was given the parent: is the path cut short?',
          }
        : {
            found: 'its root is another directory',
            cause: 'chroot(2) was given another path than the one asked for',
          }
    },
    hints: [
      'What does a path that begins with / mean to the command, and what to you? In which field of the spec does the directory stand?',
      'proc_pid_root(5): "/proc/pid/root is a symbolic link that points to the process\'s root directory". For the spec: config.md of the OCI runtime specification, root.path.',
      "-    box('chroot', [dirname(spec.root.path)], …),\n+    box('chroot', [spec.root.path], 'look for / here from now on'),",
    ],
    why: 'the kernel keeps a root for each process, and a lookup that begins with / begins there. /proc/PID/root shows it, by device and inode, so no print-out can fake it.',
  },
  {
    id: 'cwd',
    lesson: LESSON,
    title: 'it stands inside its root',
    needs: 'root',
    expected: () => 'its working directory is its root, or below it',
    look: ({ box }) =>
      !box || box.cwd.inside
        ? undefined
        : {
            found: `it stands at "${box.cwd.path}" of the host: "ls ." shows your machine`,
            cause:
              'chroot(2) changes what / means, and leaves the working directory where it was: chdir(2) comes after it, not before, or not at all',
          },
    hints: [
      'chroot changes the meaning of /. What does it do about "." ? And what would "cd .." do in a process that stands outside its root?',
      "man 2 chroot, DESCRIPTION. Look for: \"This call does not change the current working directory, so that after the call '.' can be outside the tree rooted at '/'.\"",
      "     box('chroot', [spec.root.path], 'look for / here from now on'),\n+    box('chdir', ['/'], 'chroot leaves the working directory outside: step in'),",
    ],
    why: 'chdir("/") after chroot(2) makes "." a place below the new root. Before it, "/" would still be the host\'s.',
  },
  {
    id: 'arguments',
    lesson: LESSON,
    title: 'the command has its arguments',
    needs: 'root',
    expected: ({ asked }) => quoted(asked.args),
    look: ({ box, asked }) => {
      const given = box?.argv.slice(3) ?? []
      return JSON.stringify(given) === JSON.stringify(asked.args)
        ? undefined
        : {
            found: quoted(given),
            cause:
              'The words were joined and split again, or went through a shell: execve(2) takes them as a list',
          }
    },
    hints: [
      'How many strings does execve take? What becomes of a space in one of them if you join them first?',
      'man 2 execve, DESCRIPTION. Look for: "argv is an array of pointers to strings passed to the new program as its command-line arguments."',
      '-  system(words.join(\' \'))\n+  execvp(words[0], words)          # or "$@" in a shell, with the quotes',
    ],
    why: 'argv is a list from end to end. Nothing was joined, so nothing had to be quoted.',
  },
  {
    id: 'status',
    lesson: LESSON,
    title: 'its exit status is passed on',
    needs: 'root',
    expected: ({ asked }) =>
      `the program ends with ${asked.status}, as its command does`,
    look: ({ asked, end }) =>
      end.status === asked.status
        ? undefined
        : {
            found:
              end.status === undefined
                ? 'it did not end, and had to be ended'
                : `it ended with ${end.status}`,
            cause:
              'Whoever started the command has to wait for it, and to exit with what wait(2) says',
          },
    hints: [
      'Who learns how the command ended, and how does the shell that started your program learn it?',
      'man 2 wait. Look for: WEXITSTATUS. man 1 sh: "$?".',
      '+  const status = await ended\n+  process.exit(status)',
    ],
    why: 'a box is transparent: scripts that call the command can call the box in its place.',
  },
  {
    id: 'clean',
    lesson: LESSON,
    title: 'the host is as it was',
    needs: 'root',
    expected: () =>
      'no process, no mount, no cgroup of it is left when it has ended',
    look: ({ asked: { lesson }, left }) => {
      const found = [
        ...left.processes,
        ...(lesson < 3 ? left.mounts : []), // lessons 3 and 4 look closer at these
        ...(lesson < 4 ? left.cgroups : []),
      ]
      return found.length === 0
        ? undefined
        : {
            found: `left: ${found.slice(0, 3).join(', ')}`,
            cause: 'What is made has to be undone, on every way out',
          }
    },
    hints: [
      'What did your program make that does not end with its process?',
      'man 7 mount_namespaces: a mount in a namespace of its own goes when the last process of that namespace does. man 7 cgroups: a cgroup is removed by rmdir(2).',
      "+  undo: { call: 'rmdir', args: [directory] }",
    ],
    why: 'what was made belongs to the process or is written down with its undo, so the end of one is the end of both.',
  },
]
// #endregion checks

const quoted = (words: readonly string[]): string =>
  words.map((word) => JSON.stringify(word)).join(' ')
