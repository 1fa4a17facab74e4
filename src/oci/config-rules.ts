/**
 * What a `config.json` has to be, field by field: the runtime specification's schema, and what its prose and the kernel ask for besides (config.md).
 * What is about several fields at once is in together.ts.
 */
import {
  emptyOr,
  environment,
  given,
  id,
  int32,
  mappings,
  numbers,
  path,
  texts,
  uint32,
  uint64,
  within,
} from './checks.ts'
import { linux } from './linux-rules.ts'
import { each, flag, integer, list, object, oneOf, table, text, type Check, type Fields, type Rule } from './rule.ts'
import { TYPES } from './rlimits.ts'
import { IO_CLASSES, POLICIES, SCHEDULER_FLAGS } from './scheduling.ts'
import { HOOKS } from './spec.ts'

// #region process
/** semver.org: version 2.0.0, with what may follow the three numbers. */
const SEMVER =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$/

const version = text(
  [(value) => SEMVER.test(value), 'it is no version', 'Write it as 1.0.2'],
  [(value) => value.startsWith('1.'), 'only versions 1 are known here'],
)

const user = object({ uid: id, gid: id, umask: uint32(within(0, 0o777)), additionalGids: list(id) })

const rlimit = object(
  { type: text(), soft: uint64(), hard: uint64() },
  ['type', 'soft', 'hard'],
  [({ type }) => TYPES.some((known) => known === type), `the kernel has only ${TYPES.join(', ')}`],
  [({ soft, hard }) => (soft as bigint) <= (hard as bigint), 'soft is above hard'],
)

/** sched_setattr(2). */
const scheduler = object(
  {
    policy: oneOf(Object.keys(POLICIES)),
    nice: int32(within(-20, 19)),
    priority: int32(within(0, 99)),
    flags: list(oneOf(Object.keys(SCHEDULER_FLAGS))),
    runtime: uint64(),
    deadline: uint64(),
    period: uint64(),
  },
  ['policy'],
  [({ policy }) => policy !== 'SCHED_ISO', 'no kernel has SCHED_ISO'],
  [
    ({ policy, priority = 0 }) => (policy === 'SCHED_FIFO' || policy === 'SCHED_RR') === Number(priority) > 0,
    'SCHED_FIFO and SCHED_RR have a priority from 1 to 99, and the others none',
  ],
  [
    ({ policy, runtime = 0n, deadline = 0n, period = 0n }) =>
      (policy === 'SCHED_DEADLINE') === [runtime, deadline, period].some((time) => time !== 0n),
    'SCHED_DEADLINE has runtime, deadline and period, and the others none',
  ],
  [inOrder, 'runtime may not be above deadline, nor deadline above period'],
)

function inOrder({ runtime = 0n, deadline = 0n, period = 0n }: Fields): boolean {
  const times = [runtime, deadline, period === 0n ? deadline : period] as [bigint, bigint, bigint]
  return times[0] <= times[1] && times[1] <= times[2]
}

const process = object(
  {
    args: texts,
    env: environment,
    cwd: path,
    terminal: flag,
    consoleSize: object({ height: uint64(), width: uint64() }, ['height', 'width']),
    user,
    capabilities: object({
      bounding: texts,
      effective: texts,
      permitted: texts,
      inheritable: texts,
      ambient: texts,
    }),
    noNewPrivileges: flag,
    rlimits: list(
      rlimit,
      each(({ type }: Fields) => type, 'type'),
    ),
    apparmorProfile: text(),
    selinuxLabel: text(),
    oomScoreAdj: integer(-1000, 1000),
    scheduler,
    ioPriority: object({ class: oneOf(Object.keys(IO_CLASSES)), priority: int32(within(0, 7)) }, ['class']),
    execCPUAffinity: object({ initial: text(emptyOr(numbers)), final: text(emptyOr(numbers)) }),
  },
  ['cwd'],
)
// #endregion process

const mount = object(
  {
    destination: text(given),
    type: text(),
    source: text(),
    options: texts,
    uidMappings: mappings,
    gidMappings: mappings,
  },
  ['destination'],
  [
    ({ uidMappings = [], gidMappings = [] }) => isEmpty(uidMappings) === isEmpty(gidMappings),
    'of uidMappings and gidMappings it has only one',
  ],
)

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0

const hook = object({ path, args: texts, env: environment, timeout: integer(1, 2 ** 31 - 1) }, ['path'])

/** sethostname(2): 64 bytes. */
const name: Check<string> = [(value) => Buffer.byteLength(value) <= 64, 'it has more than 64 bytes']

// #region config
export const config: Rule = object(
  {
    ociVersion: version,
    root: object({ path: text(given), readonly: flag }, ['path']),
    hostname: text(name),
    domainname: text(name),
    process,
    mounts: list(mount),
    hooks: object(Object.fromEntries(HOOKS.map((when) => [when, list(hook)]))),
    annotations: table(text(), given),
    linux,
  },
  ['ociVersion', 'root'],
)
// #endregion config
