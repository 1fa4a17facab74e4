/** What the judge looks for after lesson 13: the life of a container, in five commands of a runtime. runtime-spec runtime.md §lifecycle. */
import type { Check } from '../../src/workshop/judge/check.ts'
import type { Facts, HookFacts } from '../../src/workshop/judge/facts.ts'

const LESSON = 13

// #region checks
export const ociChecks: Check[] = [
  {
    id: 'create',
    lesson: LESSON,
    title: 'create makes a box, and ends',
    expected: () =>
      'create ends with 0; a process has the bundle’s root, and mounts, numbers, queues, a name and a network of its own',
    look: ({ life }) => {
      const { status, pid, apart, stderr } = life?.created ?? NOTHING
      if (pid !== undefined && apart.length === 5 && status === 0)
        return undefined
      return {
        found:
          pid === undefined
            ? `create ended with ${status}, and no process has that root${words(stderr)}`
            : `create ended with ${status}; of its own it has ${apart.join(', ') || 'nothing'}`,
        cause:
          'A step of the plan was refused, or the process has ended with its launcher',
      }
    },
    hints: [
      'Who keeps the box when the program that made it has gone?',
      'man 7 fifo. Look for: "a process can open a FIFO in nonblocking mode", and at the end for what Linux does when it is opened for reading and writing.',
      "+  host('mknod', [path, S_IFIFO | 0o600, 0], …),\n+  host('open', [slot, path, O_RDWR], …),",
    ],
    why: 'all walls stand, and the process behind them waits in a read(2) that nothing has answered yet. Its launcher has let go of it, so the kernel gave it to whoever adopts orphans.',
  },
  {
    id: 'waits',
    lesson: LESSON,
    title: 'and the command does not run yet',
    needs: 'create',
    expected: () =>
      'between create and start the process is not the command of config.json',
    look: ({ life }) =>
      life?.created.isCommand
        ? {
            found: 'it is the command already',
            cause: 'Nothing in the plan waits before the last step',
          }
        : undefined,
    hints: [
      'Others want to do something between the two: give it a network, write down its number. What must not have happened by then?',
      'runtime-spec runtime.md, create: "process MUST NOT be run at this time". man 2 read: what a read of an empty fifo does.',
      "+  box('read', [WORD, ANSWERS], 'wait for start'),",
    ],
    why: 'whoever called create can look at the box, and do in it what the command must not be there for.',
  },
  {
    id: 'missing',
    lesson: LESSON,
    title: 'a command that is not there is refused by create',
    needs: 'create',
    expected: () =>
      'create ends with another status than 0, and nothing is left of the container',
    look: ({ life }) => {
      const { status, known, processes } = life?.missing ?? {
        status: 0,
        known: true,
        processes: 0,
      }
      return status !== 0 && !known && processes === 0
        ? undefined
        : {
            found:
              status === 0
                ? 'create ended with 0'
                : 'something is left of the container',
            cause:
              'execve(2) would be the first to notice, and it comes after start: then nobody listens who could say it',
          }
    },
    hints: [
      'When would a user want to hear that there is no such command: before the box runs, or after?',
      'man 2 access. Look for X_OK. In a plan: access(file, envp), which looks along PATH as execvpe does.',
      "+  box('access', [args[0] ?? '', env], 'there is such a command'),",
    ],
    why: 'it was looked for inside the box, with the rights of the command, and before anybody was told that all is ready.',
  },
  {
    id: 'start',
    lesson: LESSON,
    title: 'start lets that same process become the command',
    needs: 'waits',
    expected: ({ life }) =>
      `start ends with 0, and process ${life?.created.pid} runs the command`,
    look: ({ life }) => {
      const { status, pid, stderr } = life?.started ?? NOTHING
      return status === 0 && pid !== undefined && pid === life?.created.pid
        ? undefined
        : {
            found: `start ended with ${status}, and ${pid === undefined ? 'nobody' : `process ${pid}`} runs it${words(stderr)}`,
            cause:
              'Whoever starts writes a byte to the fifo of the container’s directory: the one that is read has to be that one',
          }
    },
    hints: [
      'Two programs, at two times, and a file between them. What does each of them open?',
      'man 7 fifo. Look for: "the FIFO must be opened on both ends".',
      '   directory = waitsIn(spec)\n   fifo(WORD, `${directory}/exec.fifo`)',
    ],
    why: 'execve(2) keeps the number: the one that create has written down is the one that the command has.',
  },
  {
    id: 'said',
    lesson: LESSON,
    title: 'state says what is so',
    needs: 'start',
    expected: ({ life }) =>
      `created, then running, of process ${life?.created.pid}`,
    look: ({ life }) => {
      const { created, running } = life?.said ?? {}
      const pid = life?.created.pid
      return created?.status === 'created' &&
        running?.status === 'running' &&
        created.pid === pid &&
        running.pid === pid
        ? undefined
        : {
            found: `${created?.status || 'nothing'} (${created?.pid}), then ${running?.status || 'nothing'} (${running?.pid})`,
            cause:
              'A fifo whose other end nobody holds has been left: as long as somebody does, the container waits',
          }
    },
    hints: [
      'How can another program know whether the box still waits?',
      'man 7 fifo. Look for ENXIO: opening for write only fails with it, if no one has opened the other end.',
      "+  host('open', [slot, path, O_RDWR], …),   // the box holds both ends, up to execve(2)",
    ],
    why: 'the box holds the fifo until it becomes the command, and then the kernel closes it: so a question to the kernel is enough.',
  },
  {
    id: 'once',
    lesson: LESSON,
    title: 'what makes no sense is refused',
    needs: 'start',
    expected: () =>
      'a second create of that name, a second start, a delete of what runs: each ends with another status than 0',
    look: ({ life }) => {
      const allowed = Object.entries(life?.refused ?? {})
        .filter(([, refused]) => !refused)
        .map(([verb]) => verb)
      return allowed.length === 0
        ? undefined
        : {
            found: `allowed: ${allowed.join(', ')}`,
            cause:
              'Each command has states in which it may be called, and looks whether the container is in one of them',
          }
    },
    hints: [
      'Two people type the same at the same moment. Who wins, and what does the other one hear?',
      'runtime-spec runtime.md, start and delete: "MUST generate an error". man 2 mkdir: EEXIST.',
      '   mkdirSync(`${root}/${id}`)   // whoever makes it first has it',
    ],
    why: 'a directory can be made once, and a fifo has a reader or has none.',
  },
  {
    id: 'hooks',
    lesson: LESSON,
    title: 'hooks are run when and where they are promised',
    needs: 'start',
    expected: () =>
      'createRuntime in our mounts and createContainer in the box’s, both by create; startContainer and poststart by start; poststop by delete; each told the container’s name',
    look: ({ life, asked }) => {
      const wrong = PROMISED.filter((one) => !isKept(one, life))
      return wrong.length === 0 && asked.lesson === LESSON
        ? undefined
        : {
            found: `not so: ${wrong.map(({ name }) => name).join(', ')}`,
            cause:
              'Before the threshold the plan has those of create, after it startContainer’s; the other two are run by start and delete',
          }
    },
    hints: [
      'A hook may want to put something into the box. Whose files does it see, and whose should it?',
      'runtime-spec config.md, POSIX-platform Hooks: the table at the end says for each in which namespace it is run, and when.',
      "+  boxHooks(told, 'startContainer'),   // after the threshold, before the command",
    ],
    why: 'a hook of the host’s lane runs among our mounts, one of the box’s lane in its: a plan has no third place.',
  },
  {
    id: 'gone',
    lesson: LESSON,
    title: 'kill ends it, and delete leaves nothing',
    needs: 'create',
    expected: () =>
      'no process has that root any more, and the container is not known',
    look: ({ life, left }) => {
      const still = [
        ...(life?.killed.ended ? [] : ['a process']),
        ...(life?.deleted.status === 0 ? [] : ['what delete could not take']),
        ...(life?.deleted.known ? ['its state'] : []),
        ...left.mounts,
        ...left.cgroups,
      ]
      return still.length === 0
        ? undefined
        : {
            found: `left: ${still.join(', ')}`,
            cause:
              'The kernel takes the mounts and the other processes with the first one; cgroups and the directory are ours to take',
          }
    },
    hints: [
      'What of a container is not a process?',
      'man 7 pid_namespaces. Look for: "the kernel terminates all of the processes in the namespace via a SIGKILL signal".',
      '   for (const directory of cgroups) removeCgroup(directory)\n   rmSync(directory, { recursive: true })',
    ],
    why: 'with PID 1 all others have ended, and with the last of them its mounts. What is left are directories.',
  },
]
// #endregion checks

const NOTHING = {
  status: 255,
  stderr: '',
  pid: undefined,
  apart: [] as string[],
  isCommand: false,
}

const words = (stderr: string): string =>
  stderr === '' ? '' : `: ${stderr.trim().split('\n').at(-1) ?? ''}`

interface Promise {
  name: string
  when: HookFacts['when']
  inBox?: boolean
}

// #region promised
const PROMISED: Promise[] = [
  { name: 'createRuntime', when: 'create', inBox: false },
  { name: 'createContainer', when: 'create', inBox: true },
  { name: 'startContainer', when: 'start' },
  { name: 'poststart', when: 'start' },
  { name: 'poststop', when: 'delete' },
]
// #endregion promised

function isKept({ name, when, inBox }: Promise, life: Facts['life']): boolean {
  const hook = life?.hooks.find((one) => one.name === name)
  if (hook?.when !== when || !hook.told?.id) return false
  return inBox === undefined || (hook.mnt === life?.created.mnt) === inBox
}
