/**
 * What a process cannot say itself: it had no memory; or its own filter has ended it on the way to its command, or has refused the command, and then the words about it. From
 * outside that looks like a command that has begun: the fifo has come to its end. So the filter is asked what it answers: seccomp(2).
 */
import { readEvents } from '../kernel/cgroup-events.ts'
import { countIn, having } from '../kernel/cgroup-numbers.ts'
import { neverBegan } from '../kernel/ending.ts'
import { exitStatusOf } from '../kernel/proc.ts'
import type { Seccomp, SeccompAction } from '../oci/seccomp.ts'
import { specIn } from './bundle.ts'
import type { Container } from './container.ts'
import { Failure } from './launch.ts'

/** What is called between the filter and the command, whatever that is: native/lanes.c, native/programs.c. */
const CALLS = ['rt_sigprocmask', 'getcwd', 'execve'] as const

/** What ends the process by SIGSYS. */
const ENDS: readonly SeccompAction[] = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_TRAP',
]

// #region silenced
/** @throws Failure when it has been let go, and has ended without a word before it became its command. */
export function refuseUnbegun(container: Container): void {
  const { first } = container
  const isUnbegun = first && neverBegan(first)
  if (isUnbegun === false) return
  const silence = whySilent(container, 'start') ?? (isUnbegun ? killed(container) : undefined)
  if (silence) throw silence
}

/** @returns why it could not speak; nothing when it could have. */
export const whySilent = (container: Container, deed: Deed): Failure | undefined =>
  starved(container, deed) ?? silenced(container)

type Deed = 'make' | 'start' | 'exec in'

function silenced({ state: { id, config, bundle } }: Container): Failure | undefined {
  if (!(config as Config).linux?.seccomp) return undefined // as of many: the rest of the configuration need not be read again
  const { seccomp } = specIn(config, bundle, id).linux
  const fact = seccomp && factOf(seccomp)
  if (fact === undefined) return undefined
  return new Failure(
    `Cannot start container "${id}": ${fact}\n  Let the filter allow what it takes to become a command: rt_sigprocmask, getcwd, execve, and write and exit_group to say what is wrong`,
  )
}

/** @returns that the kernel has ended its process for want of memory, if it has; nothing otherwise. The launcher itself needs some. */
export function starved({ state: { id, cgroups } }: Container, deed: Deed): Failure | undefined {
  if (readEvents(cgroups).oomKills === 0) return undefined
  return new Failure(
    `Cannot ${deed} container "${id}": it is out of memory, and the kernel has killed its process (SIGKILL) before that became its command: ${limitOf(cgroups)}\n  Ask for some megabytes more`,
  )
}

/** As the kernel keeps it: somebody may have changed what was asked for. */
function limitOf(cgroups: readonly string[]): string {
  const limits = ['memory.max', 'memory.limit_in_bytes'].flatMap((file) => {
    const directory = having(cgroups, file)
    return directory === undefined ? [] : [Number(countIn(directory, file))]
  })
  const bytes = Math.min(...limits)
  return bytes < MOST_BYTES ? `linux.resources.memory.limit is ${bytes}` : 'a cgroup above its own has a limit'
}

/** Where there is no limit, version 1 says nearly the most that a signed number of 64 bits can hold. */
const MOST_BYTES = 2 ** 62

const killed = ({ state: { id, pid } }: Container): Failure =>
  new Failure(
    `Cannot start container "${id}": its process was killed before it became its command, and ended with status ${exitStatusOf(pid)}\n  Delete it, and create it again: boxwright-runc delete ${id}`,
  )

/** @returns what has kept the process from its command; nothing when nothing has, or it depends on arguments. */
function factOf(profile: Seccomp): string | undefined {
  const deadly = CALLS.find((call) => ENDS.includes(answerTo(profile, call) ?? 'SCMP_ACT_ALLOW'))
  if (deadly)
    return `SIGSYS has ended its process before it became its command: linux.seccomp answers ${deadly} with ${answerTo(profile, deadly)}`
  return answerTo(profile, 'execve') === 'SCMP_ACT_ERRNO'
    ? 'its process has ended before it became its command: linux.seccomp refuses execve, and let it say nothing'
    : undefined
}

/** @returns nothing when the arguments decide. */
function answerTo({ defaultAction, syscalls = [] }: Seccomp, call: string): SeccompAction | undefined {
  const rules = syscalls.filter(({ names }) => names.includes(call))
  if (rules.some(({ args = [] }) => args.length > 0)) return undefined
  return rules[0]?.action ?? defaultAction
}
// #endregion silenced

/** As it was read; it has been found right when the container was made. */
interface Config {
  linux?: { seccomp?: unknown }
}
