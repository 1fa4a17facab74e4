/** What the Linux part of a `config.json` has to be: config-linux.md, and what the kernel asks for besides. */
import {
  absolute,
  emptyOr,
  fileName,
  given,
  id,
  int64,
  major,
  mappings,
  minor,
  numbers,
  path,
  texts,
  uint32,
} from './checks.ts'
import { resources } from './resource-rules.ts'
import { each, flag, list, object, oneOf, table, text, type Check, type Fields, type Rule } from './rule.ts'
import { MEMORY_FLAGS, MEMORY_MODES, PERSONALITIES } from './scheduling.ts'
import { seccomp } from './seccomp-rules.ts'
import { NAMESPACES, PROPAGATIONS } from './spec.ts'

const namespace = object({ type: oneOf(NAMESPACES), path: text(emptyOr(absolute)) }, ['type'])

/** time_namespaces(7). */
const offset = object({
  secs: int64(),
  nanosecs: uint32([(value) => value < 1e9, 'a second has no more than 999999999']),
})

/** mknod(2): a fifo has no numbers, and everything else has two. */
const device = object(
  {
    type: oneOf(['c', 'b', 'u', 'p']),
    path,
    major,
    minor,
    fileMode: uint32([(value) => value <= 0o777, 'it has bits beyond 511, which is 0777']),
    uid: id,
    gid: id,
  },
  ['type', 'path'],
  [
    ({ type, major, minor }) => type === 'p' || (major !== undefined && minor !== undefined),
    'major and minor are missing',
  ],
)

/** `dev_valid_name` in the kernel's net/core/dev.c; `%d` is a number that the kernel finds. */
const interfaceName: Check<string> = [
  (value) => /^[^\s/:]{1,15}$/.test(value) && !['.', '..'].includes(value),
  'an interface has a name of 1 to 15 characters, without "/", ":" and spaces',
]

const policy = object(
  {
    mode: oneOf(Object.keys(MEMORY_MODES)),
    nodes: text(emptyOr(numbers)),
    flags: list(oneOf(Object.keys(MEMORY_FLAGS))),
  },
  ['mode'],
  [
    ({ mode, nodes }) => !['MPOL_DEFAULT', 'MPOL_LOCAL'].includes(mode as string) || !nodes,
    'MPOL_DEFAULT and MPOL_LOCAL are about no nodes',
  ],
  [
    ({ mode, nodes }) => ['MPOL_DEFAULT', 'MPOL_LOCAL', 'MPOL_PREFERRED'].includes(mode as string) || Boolean(nodes),
    'its mode needs nodes',
  ],
  [
    ({ flags = [] }) =>
      !['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'].every((flag) => (flags as string[]).includes(flag)),
    'nodes are static or relative, not both',
  ],
)

const intelRdt = object({
  closID: text(emptyOr(fileName)),
  schemata: texts,
  l3CacheSchema: text(),
  memBwSchema: text([(value) => /^MB:[^\n]*$/.test(value), 'it is one line that begins with "MB:"']),
  enableMonitoring: flag,
})

/** Below the root of a hierarchy, and never above it. systemd's form is `slice:prefix:name`. */
const cgroupsPath = text(
  [(value) => !value.split('/').includes('..'), 'it has ".." in it'],
  emptyOr([
    (value) => value.split('/').some((part) => !['', '.'].includes(part)),
    'it is the cgroup of the whole machine',
  ]),
)

// #region linux
export const linux: Rule = object({
  namespaces: list(
    namespace,
    each(({ type }: Fields) => type, 'type'),
  ),
  uidMappings: mappings,
  gidMappings: mappings,
  timeOffsets: object({ monotonic: offset, boottime: offset }),
  devices: list(device),
  netDevices: table(object({ name: text(emptyOr(interfaceName)) }), interfaceName),
  cgroupsPath,
  resources,
  rootfsPropagation: oneOf(PROPAGATIONS),
  seccomp,
  maskedPaths: list(path),
  readonlyPaths: list(path),
  sysctl: table(text(), given),
  mountLabel: text(),
  intelRdt,
  memoryPolicy: policy,
  personality: object(
    {
      domain: oneOf(Object.keys(PERSONALITIES)),
      flags: list(text(), [(flags) => flags.length === 0, 'the specification has none yet']),
    },
    ['domain'],
  ),
})
// #endregion linux
