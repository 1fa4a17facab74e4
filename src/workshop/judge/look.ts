/** Looks at the command from outside, while it waits at its gate: proc(5). */
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { CLONE_NEWUTS } from '../../kernel/constants.ts'
import { environmentOf, namespaceOf, pidsOf, statusField, type Namespace } from '../../kernel/proc.ts'
import { readUsers } from '../../kernel/users.ts'
import { BOX_MARK } from '../../oci/defaults.ts'
import type { Arena } from './arena.ts'
import type { Asked } from './asked.ts'
import type { BoxFacts, HostFacts, RightsFacts } from './facts.ts'
import { identity } from './identity.ts'
import { lookAtMounts } from './look-mounts.ts'
import { lookAtNetwork } from './look-network.ts'
import { lookAtShares } from './look-shares.ts'
import { within } from './within.ts'

const KINDS: Namespace[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts']

// #region look
export async function lookAtBox(pid: number, { lesson, rootfs }: Asked, arena: Arena): Promise<BoxFacts> {
  const name = environmentOf(pid).find((entry) => entry.startsWith(`${BOX_MARK}=`))
  return {
    pid,
    ...(name !== undefined && { name: name.slice(BOX_MARK.length + 1) }),
    root: identity(`/proc/${pid}/root`),
    rootfs: identity(rootfs),
    parent: identity(dirname(rootfs)),
    cwd: { path: readlinkSync(`/proc/${pid}/cwd`), inside: isInside(pid) },
    argv: readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1),
    namespaces: namespacesOf(pid),
    pids: pidsOf(pid),
    hostname: within(pid, 'uts', CLONE_NEWUTS, hostname),
    rights: rightsOf(pid),
    ...(lesson >= 3 && { mounts: await lookAtMounts(pid, rootfs, arena) }),
    ...(lesson >= 4 && { shares: lookAtShares(pid) }),
    ...(lesson >= 7 && { network: lookAtNetwork(pid) }),
  }
}
// #endregion look

export const lookAtHost = ({ hostname }: Arena): HostFacts => ({
  root: identity('/'),
  hostname,
  hostnameAfter: hostname,
  namespaces: namespacesOf('self'),
  users: readUsers(),
  groups: numbersIn('self', 'Groups'),
})

const namespacesOf = (pid: number | 'self'): Record<Namespace, number> =>
  Object.fromEntries(KINDS.map((kind) => [kind, namespaceOf(pid, kind)])) as Record<Namespace, number>

const rightsOf = (pid: number): RightsFacts => ({
  maps: ['uid_map', 'gid_map'].flatMap((file) => linesOf(`/proc/${pid}/${file}`).map((line) => `${file} ${line}`)),
  uid: numbersIn(pid, 'Uid')[0] ?? 0,
  gid: numbersIn(pid, 'Gid')[0] ?? 0,
  groups: numbersIn(pid, 'Groups'),
  rootOwner: statSync(`/proc/${pid}/root`).uid,
  capabilities: setOf(pid, 'CapPrm') | setOf(pid, 'CapEff'),
  bounding: setOf(pid, 'CapBnd'),
  carried: setOf(pid, 'CapInh') | setOf(pid, 'CapAmb'),
  noNewPrivileges: statusField(pid, 'NoNewPrivs') === '1',
  seccomp: Number(statusField(pid, 'Seccomp')),
})

const numbersIn = (pid: number | 'self', field: string): number[] =>
  statusField(pid, field).split(/\s+/).filter(Boolean).map(Number)

const setOf = (pid: number, field: string): bigint => BigInt(`0x${statusField(pid, field)}`)

const linesOf = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.trim().replace(/\s+/g, ' '))
    .filter(Boolean)

/** Upwards from its working directory: does the way to the top lead through its root? The text of the link does not tell. */
function isInside(pid: number): boolean {
  const root = identity(`/proc/${pid}/root`)
  for (let path = `/proc/${pid}/cwd`; ; path += '/..') {
    if (identity(path) === root) return true
    if (identity(path) === identity(`${path}/..`)) return false
  }
}
