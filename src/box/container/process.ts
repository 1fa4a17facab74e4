/**
 * Lesson 13. What a process is to the kernel besides its walls: how soon it is killed when memory is short, when it gets a processor, a disk, memory of
 * which node, and how much of everything. Who has rights in a user namespace alone may raise none of it: then the host does, from outside.
 */
import * as constants from '../../kernel/constants.ts'
import type { Capability } from '../../kernel/capabilities.ts'
import type { Self } from '../../kernel/self.ts'
import { NotAConfig } from '../../oci/rule.ts'
import * as scheduling from '../../oci/scheduling.ts'
import type { Rlimit } from '../../oci/rlimits.ts'
import type { Spec } from '../../oci/spec.ts'
import { box, BOX, host, type Draft, type Wall } from '../../plan/plan.ts'
import { listener } from './seccomp.ts'
import { may } from './rights.ts'
import { memoryPolicy } from './memory-policy.ts'
import type { Told } from '../hooks.ts'
import { isNamespaced } from '../whose.ts'

/** Who makes a container, and what it is called. */
export interface Creator extends Told {
  self: Self
  /** Ours is the container's. */
  keepsKeyring?: boolean | undefined
}

// #region process
export const containerProcess = (creator: Creator): Wall => ({
  name: 'container-process',
  lesson: 13,
  steps: (spec, machine) => {
    const inside = !isNamespaced(spec, machine)
    const by = { ...creator, mayRaise: !machine.users.namespaced }
    const raised = raisedIn(spec, by)
    return [
      ...memory(spec, by),
      ...(inside ? [] : outside(spec, by, raised)),
      ...listener(spec, creator),
      ...(inside ? scheduled(spec, by, box, '0') : []),
      ...persona(spec),
      ...memoryPolicy(spec, creator.self),
      ...limits(spec, inside ? [] : raised),
    ]
  },
})

const outside = (spec: Spec, by: By, raised: readonly Rlimit[]): Draft[] => [
  ...scheduled(spec, by, host, BOX),
  ...raised.map(({ type, soft, hard }) =>
    host(
      'prlimit',
      [BOX, constants[type], exact(soft), exact(hard)],
      'more than anybody in a user namespace could ask for',
    ),
  ),
]
// #endregion process

/** `mayRaise`: we are in the first user namespace, where capabilities are about the machine. */
interface By extends Creator {
  mayRaise: boolean
}

const has = ({ self, mayRaise }: By, ...names: Capability[]): boolean =>
  mayRaise && names.some((name) => may(self, name))

// #region memory
/** Whoever it is, the file says how soon: proc_pid_oom_score_adj(5). It is inherited, so the usual one need not be written. */
function memory({ process: { oomScoreAdj } }: Spec, by: By): Draft[] {
  const { self } = by
  if (oomScoreAdj === undefined || oomScoreAdj === self.oomScoreAdj) return []
  if (oomScoreAdj < Math.min(0, self.oomScoreAdj))
    need(by, 'process.oomScoreAdj', `is ${oomScoreAdj}, less than our own`, [
      'CAP_SYS_RESOURCE',
    ])
  return [
    host(
      'write',
      [`/proc/${BOX}/oom_score_adj`, String(oomScoreAdj)],
      'how soon it goes when memory is short',
    ),
  ]
}
// #endregion memory

// #region scheduled
type Lane = typeof box

function scheduled(spec: Spec, by: By, lane: Lane, who: string): Draft[] {
  const { scheduler, ioPriority } = spec.process
  if (scheduler) refuseScheduler(scheduler, by)
  if (ioPriority?.class === 'IOPRIO_CLASS_RT')
    need(by, 'process.ioPriority.class', 'is IOPRIO_CLASS_RT', [
      'CAP_SYS_NICE',
      'CAP_SYS_ADMIN',
    ])
  return [
    ...(scheduler
      ? [lane('sched_setattr', attributes(scheduler, who), WHEN)]
      : []),
    ...(ioPriority
      ? [
          lane(
            'ioprio_set',
            [constants.IOPRIO_WHO_PROCESS, who, priority(ioPriority)],
            'and when a disk',
          ),
        ]
      : []),
  ]
}

const WHEN = 'when it gets a processor'
// #endregion scheduled

type Scheduler = NonNullable<Spec['process']['scheduler']>
type Attributes = Extract<Draft, { call: 'sched_setattr' }>['args']

const attributes = (scheduler: Scheduler, who: string): Attributes => [
  who,
  scheduling.POLICIES[scheduler.policy],
  (scheduler.flags ?? []).reduce(
    (all, flag) => all | scheduling.SCHEDULER_FLAGS[flag],
    0,
  ),
  scheduler.nice ?? 0,
  scheduler.priority ?? 0,
  exact(scheduler.runtime ?? 0n),
  exact(scheduler.deadline ?? 0n),
  exact(scheduler.period ?? 0n),
]

const priority = (asked: NonNullable<Spec['process']['ioPriority']>): number =>
  (scheduling.IO_CLASSES[asked.class] << constants.IOPRIO_CLASS_SHIFT) |
  asked.priority

/** sched(7): without CAP_SYS_NICE, up to RLIMIT_RTPRIO, and as nice as RLIMIT_NICE lets. */
function refuseScheduler(scheduler: Scheduler, by: By): void {
  const { policy, nice = 0, priority = 0 } = scheduler
  const limit = (number: number): number => Number(by.self.limits[number] ?? 0)
  const field = 'process.scheduler'
  const isRealTime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR'
  const isMore =
    policy === 'SCHED_DEADLINE' ||
    (isRealTime && priority > limit(constants.RLIMIT_RTPRIO))
  if (isMore) need(by, `${field}.policy`, `is ${policy}`, ['CAP_SYS_NICE'])
  if (nice < 0 && 20 - nice > limit(constants.RLIMIT_NICE))
    need(by, `${field}.nice`, `is ${nice}`, ['CAP_SYS_NICE'])
}

// #region limits
/** Those that are above our own: who has CAP_SYS_RESOURCE may give them all the same. -1 is no limit. */
const raisedIn = ({ process: { rlimits = [] } }: Spec, by: By): Rlimit[] =>
  rlimits.filter(({ type, hard }, n) => {
    const ours = by.self.limits[constants[type]] ?? -1n
    if (ours === -1n || (hard >= 0n && hard <= ours)) return false
    const fact = `is ${hard < 0n ? 'no limit' : hard} for ${type}, and ours is ${ours}`
    need(by, `process.rlimits[${n}].hard`, fact, ['CAP_SYS_RESOURCE'])
    return true
  })

const limits = (spec: Spec, raised: readonly Rlimit[]): Draft[] =>
  (spec.process.rlimits ?? [])
    .filter((limit) => !raised.includes(limit))
    .map(({ type, soft, hard }) =>
      box(
        'setrlimit',
        [constants[type], exact(soft), exact(hard)],
        'where it is warned, and the most that it may ask for',
      ),
    )

/** Above 2^53 a number would be another one. */
const exact = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value
// #endregion limits

const persona = ({ linux: { personality } }: Spec): Draft[] =>
  personality
    ? [
        box(
          'personality',
          [scheduling.PERSONALITIES[personality.domain]],
          'the machine that it takes this one for',
        ),
      ]
    : []

// #region need
/** @throws NotAConfig naming the right without which a value cannot be given. */
function need(
  by: By,
  field: string,
  fact: string,
  names: [Capability, ...Capability[]],
): void {
  if (has(by, ...names)) return
  throw new NotAConfig(
    field,
    `${fact}: that takes ${names.join(' or ')}, which ${by.mayRaise ? 'this machine does not give us' : 'does not count in a user namespace'}`,
    'Leave it out, or make the container with that capability',
  )
}
// #endregion need
