/** What the judge looks for after lesson 2: names of its own, each kind by the identity of the namespace that it comes from. */
import type { Check } from '../../src/workshop/judge/check.ts'
import type { Facts } from '../../src/workshop/judge/facts.ts'
import type { Namespace } from '../../src/kernel/proc.ts'

const LESSON = 2

// #region checks
export const namespacesChecks: Check[] = [
  {
    ...own('pid', 'a PID namespace', 'CLONE_NEWPID'),
    hints: [
      'A process never changes its own number. When does it get one, and so: who has to ask for the new namespace, and before what?',
      'man 2 unshare, CLONE_NEWPID. Look for: "The calling process is not moved into the new namespace. The first child created by the calling process will have the process ID 1".',
      "+    host('unshare', [CLONE_NEWPID], 'the next child is born in a new one'),",
    ],
    why: 'the launcher asked, and the next child was born in the new namespace. /proc/PID/ns/pid of the two differ.',
  },
  {
    id: 'pid-one',
    lesson: LESSON,
    title: 'the command is number 1 in it',
    needs: 'pid',
    expected: () => 'the last of NSpid in /proc/PID/status is 1',
    look: ({ box }) =>
      box?.pids.at(-1) === 1
        ? undefined
        : {
            found: `NSpid is ${box?.pids.join(' ') ?? ''}`,
            cause:
              'Another process of yours was born first, and is number 1: when that one ends, the kernel ends all others',
          },
    hints: [
      'Which process is born first after unshare(CLONE_NEWPID)? Is it the one that becomes the command?',
      'man 7 pid_namespaces, "The namespace init process". man 5 proc_pid_status: NSpid.',
      '+  exec "$@"        # become the command; do not start it as a child',
    ],
    why: 'it was the first child in the new namespace, and execve(2) keeps the number. As number 1 it takes all others with it when it ends.',
  },
  {
    ...own('uts', 'a UTS namespace', 'CLONE_NEWUTS'),
    hints: [
      'UTS is "UNIX time-sharing", the struct that uname(2) fills. Which call gives this process a copy of its own?',
      'man 2 unshare, CLONE_NEWUTS. Look for: "Unshare the UTS IPC namespace, so that the calling process has a private copy of the UTS namespace which is not shared with any other process."',
      "-    box('unshare', [CLONE_NEWNS], …),\n+    box('unshare', [CLONE_NEWNS | CLONE_NEWUTS | …], …),",
    ],
    why: 'unshare(2) in the box gave it a copy of the two names in there: host name and domain name.',
  },
  {
    id: 'hostname',
    lesson: LESSON,
    title: 'it has a host name of its own',
    needs: 'uts',
    expected: ({ host }) => `another name than "${host.hostname}"`,
    look: ({ box, host }) =>
      box?.hostname === host.hostname
        ? {
            found: `its host name is "${box.hostname}", as outside`,
            cause:
              'A new UTS namespace begins as a copy of the old: nobody has called sethostname(2) in it',
          }
        : undefined,
    hints: [
      'What is in a UTS namespace that has just been made?',
      'man 7 uts_namespaces. Look for: "the hostname and domain name of the new UTS namespace are copied from the corresponding values in the caller\'s UTS namespace."',
      "+    box('sethostname', [hostname], 'seen in this UTS namespace alone'),",
    ],
    why: "sethostname(2) writes into the UTS namespace of whoever calls it, and by then that was the box's.",
  },
  {
    id: 'hosts-name',
    lesson: LESSON,
    title: 'the host keeps its own',
    needs: 'uts',
    expected: ({ host }) => `the host is still called "${host.hostname}"`,
    look: ({ host }) =>
      host.hostname === host.hostnameAfter
        ? undefined
        : {
            found: `the host is called "${host.hostnameAfter}" now (the judge's arena; your machine is untouched)`,
            cause:
              'sethostname(2) was called before the new UTS namespace was there, or by the launcher outside of it',
          },
    hints: [
      'Whose name does sethostname change? In which namespace is the process that calls it, at that moment?',
      'man 2 sethostname; man 7 uts_namespaces.',
      "+    box('unshare', [… | CLONE_NEWUTS], …),\n     box('sethostname', [hostname], …),",
    ],
    why: 'the order of the two calls, both made by the process in the box.',
  },
  {
    ...own('ipc', 'an IPC namespace', 'CLONE_NEWIPC'),
    hints: [
      'What would a database in the box see of the shared memory of one on the host?',
      'man 7 ipc_namespaces. Look for: "Each IPC namespace has its own set of System V IPC identifiers and its own POSIX message queue filesystem."',
      "-    box('unshare', [CLONE_NEWNS | CLONE_NEWUTS], …),\n+    box('unshare', [CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC], …),",
    ],
    why: 'System V identifiers and POSIX queues are looked up in the namespace of whoever asks.',
  },
  {
    ...own('mnt', 'a mount namespace', 'CLONE_NEWNS'),
    hints: [
      'It was the first kind of namespace, when nobody thought of others: which flag is simply called "new namespace"?',
      'man 2 unshare, CLONE_NEWNS. Look for: "Unshare the mount namespace, so that the calling process has a private copy of its namespace".',
      "-    box('unshare', [CLONE_NEWUTS], …),\n+    box('unshare', [CLONE_NEWNS | CLONE_NEWUTS], …),",
    ],
    why: 'the box has a copy of the list of mounts. What is still missing is lesson 3: the copies tell each other what is mounted.',
  },
  {
    ...own('cgroup', 'a cgroup namespace', 'CLONE_NEWCGROUP'),
    unseen: ({ host }) =>
      Number.isNaN(host.namespaces.cgroup)
        ? 'this kernel has no cgroup namespaces'
        : undefined,
    hints: [
      'What does a process in the box read in /proc/self/cgroup, and whom does it concern?',
      'man 7 cgroup_namespaces. Look for: "Each cgroup namespace has its own set of cgroup root directories."',
      "-    box('unshare', [… | CLONE_NEWIPC], …),\n+    box('unshare', [… | CLONE_NEWIPC | CLONE_NEWCGROUP], …),",
    ],
    why: 'the cgroup in which the box was at that moment looks like the root of all from inside.',
  },
]
// #endregion checks

/** Namespaces are told apart by their inode: namespaces(7) §/proc/pid/ns. */
function own(
  kind: Namespace,
  what: string,
  flag: string,
): Pick<Check, 'id' | 'lesson' | 'title' | 'needs' | 'expected' | 'look'> {
  const numbers = ({ box, host }: Facts): [number | undefined, number] => [
    box?.namespaces[kind],
    host.namespaces[kind],
  ]
  return {
    id: kind,
    lesson: LESSON,
    title: `it has ${what} of its own`,
    needs: 'root',
    expected: (facts) =>
      `/proc/PID/ns/${kind} is not ${kind}:[${numbers(facts)[1]}], which is the host's`,
    look: (facts) => {
      const [box, host] = numbers(facts)
      return box === host
        ? {
            found: `it is ${kind}:[${host}]: the host's`,
            cause: causeOf(kind, flag),
          }
        : undefined
    },
  }
}

const causeOf = (kind: Namespace, flag: string): string =>
  kind === 'pid'
    ? 'CLONE_NEWPID was not asked for, or by the process itself, which keeps its number: it is for the next child'
    : `Nobody has called unshare(2) or clone(2) with ${flag} for this process`
