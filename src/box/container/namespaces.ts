/**
 * Lesson 13. All eight namespaces, each new or somebody else's. What is somebody else's is joined first: with a user namespace of its own the box has
 * no say over what belongs to the host any more. namespaces(7), setns(2).
 */
import * as constants from '../../kernel/constants.ts'
import { linkUp, LOOPBACK } from '../../kernel/rtnetlink.ts'
import type { Namespace, NamespaceType, Spec } from '../../oci/spec.ts'
import { box, host, type Draft, type Wall } from '../../plan/plan.ts'
import { clocks } from './clocks.ts'
import type { Around } from './surroundings.ts'
import { becomesRoot, mapped } from './users.ts'

/** The flag, and the name in /proc/PID/ns. */
const KINDS: Record<NamespaceType, [flag: number, file: string]> = {
  user: [constants.CLONE_NEWUSER, 'user'],
  pid: [constants.CLONE_NEWPID, 'pid'],
  network: [constants.CLONE_NEWNET, 'net'],
  ipc: [constants.CLONE_NEWIPC, 'ipc'],
  uts: [constants.CLONE_NEWUTS, 'uts'],
  cgroup: [constants.CLONE_NEWCGROUP, 'cgroup'],
  time: [constants.CLONE_NEWTIME, 'time'],
  mount: [constants.CLONE_NEWNS, 'mnt'],
}

// #region namespaces
export const containerNamespaces = (around: Around): Wall => ({
  name: 'container-namespaces',
  lesson: 13,
  steps: (spec) => {
    spec.linux.namespaces.forEach((one, n) => refuseOther(one, n, around))
    return [
      ...joined(spec),
      ...born(spec),
      ...mapped(spec, around),
      ...clocks(spec),
      ...becomesRoot(spec, around),
      ...unshared(spec),
      ...named(spec),
    ]
  },
})
// #endregion namespaces

/** @throws Error when what is at the path is another thing than it is said to be. */
function refuseOther(
  { type, path }: Namespace,
  n: number,
  { namespaces }: Around,
): void {
  const found = path === undefined ? KINDS[type][1] : namespaces[path]
  if (found === KINDS[type][1]) return
  throw new Error(
    `Cannot join the ${type} namespace "${path}" (linux.namespaces[${n}].path): ${
      found ? `it is a namespace of another kind, ${found}` : 'it is none'
    }\n  Name one such as /proc/PID/ns/${KINDS[type][1]}, or leave the path out for a new one`,
  )
}

const isNew = ({ linux }: Spec, wanted: NamespaceType): boolean =>
  linux.namespaces.some(({ type, path }) => type === wanted && !path)

// #region joined
/** Mounts last: they change what a path leads to. */
const joined = ({ linux: { namespaces } }: Spec): Draft[] => {
  const before = namespaces.some(({ type }) => type === 'user')
  return (Object.keys(KINDS) as NamespaceType[]).flatMap((kind) => {
    const path = namespaces.find(({ type }) => type === kind)?.path
    const lane = before || kind === 'pid' ? host : box
    return path === undefined
      ? []
      : [lane('setns', [path, KINDS[kind][0]], `the ${kind} namespace there`)]
  })
}
// #endregion joined

// #region born
/** Only these two have to be there before the box is. */
const born = (spec: Spec): Draft[] => [
  ...(isNew(spec, 'user')
    ? [host('unshare', [KINDS.user[0]], 'born in a user namespace of its own')]
    : []),
  ...(isNew(spec, 'pid')
    ? [host('unshare', [KINDS.pid[0]], 'the next child is PID 1')]
    : []),
]

/** All others then belong to its user namespace. */
function unshared(spec: Spec): Draft[] {
  const rest = (['network', 'ipc', 'uts', 'cgroup', 'mount'] as const).filter(
    (kind) => isNew(spec, kind),
  )
  const flags = rest.reduce((all, kind) => all | KINDS[kind][0], 0)
  return [
    ...(flags > 0 ? [box('unshare', [flags], 'names of its own')] : []),
    ...(rest.includes('network') ? [loopback] : []),
  ]
}

const loopback = box(
  'netlink',
  [constants.NETLINK_ROUTE, linkUp(LOOPBACK).toString('hex'), 0],
  'a network with lo alone, and that is down: set it up',
)
// #endregion born

const named = ({ hostname, domainname = '' }: Spec): Draft[] => [
  ...(hostname ? [box('sethostname', [hostname], 'its name')] : []),
  ...(domainname ? [box('setdomainname', [domainname], 'and of what')] : []),
]
