/**
 * The mounts of a box. What a process sees of them ends at its root, so a witness of ours is sent into the box's mount namespace, where it stands
 * at the namespace's own root and sees them all.
 */
import { readlinkSync, statSync } from 'node:fs'
import { CLONE_FS, CLONE_NEWNS } from '../../kernel/constants.ts'
import { hasCode } from '../../kernel/error-code.ts'
import { readMountInfo, type MountEntry } from '../../kernel/mountinfo.ts'
import { namespaceOf } from '../../kernel/proc.ts'
import { birth } from '../../launch/birth.ts'
import { box } from '../../plan/plan.ts'
import type { Arena } from './arena.ts'
import type { DeviceFacts, MountFacts } from './facts.ts'
import { identity } from './identity.ts'

/** runtime-spec config-linux.md §default-devices, the master of the pseudo-terminals, and shared memory. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'shm']

export async function lookAtMounts(pid: number, rootfs: string, { directory, known }: Arena): Promise<MountFacts> {
  const inBox = `/proc/${pid}/root`
  const outside = readMountInfo()
  const [table, whole] = [readMountInfo(pid), await bearWitness(pid)]
  return {
    table,
    pivoted: whole.root === identity(rootfs) || isOnTop(whole.table, table),
    oldRoot: oldRootIn([...table, ...(whole.root === identity('/') ? [] : whole.table)], outside),
    leaked: outside.filter(({ id }) => !known.has(id)).map(({ mountPoint }) => mountPoint.replace(directory, '…')),
    procOf: procOf(inBox),
    devices: Object.fromEntries(DEVICES.map((name) => [name, deviceAt(`${inBox}/dev/${name}`)])),
    hosts: ['/proc', '/dev', '/dev/pts', '/dev/shm', '/sys'].filter((path) => isHosts(inBox, path)),
  }
}

const rootMount = (table: readonly MountEntry[]): MountEntry | undefined =>
  table.find(({ mountPoint }) => mountPoint === '/')

/** After pivot_root(".", ".") the old root lies on top of the new one until it is taken away, and hides it from our witness. */
function isOnTop(whole: readonly MountEntry[], ofBox: readonly MountEntry[]): boolean {
  const top = rootMount(whole)
  return ofBox.some(({ id, mountPoint }) => mountPoint === '/' && id === top?.parent)
}

function oldRootIn(table: readonly MountEntry[], outside: readonly MountEntry[]): string | undefined {
  const host = rootMount(outside)
  return table.find(({ device, root }) => device === host?.device && root === host.root)?.mountPoint
}

// #region witness
/** setns(2): a process that shares its root with a thread may not change it with the mount namespace, so it unshares that first. */
async function bearWitness(pid: number): Promise<{ table: MountEntry[]; root: string }> {
  const witness = birth()
  try {
    const why = 'see what the box has mounted'
    await witness.play([
      { ...box('unshare', [CLONE_FS], why), lesson: 3 },
      { ...box('setns', [`/proc/${pid}/ns/mnt`, CLONE_NEWNS], why), lesson: 3 },
    ])
    if (namespaceOf(witness.pid, 'mnt') !== namespaceOf(pid, 'mnt'))
      throw new Error(`Cannot see the mounts of process ${pid}: setns into its namespace was refused`)
    return { table: readMountInfo(witness.pid), root: identity(`/proc/${witness.pid}/root`) }
  } finally {
    process.kill(witness.pid, 'SIGKILL')
    await witness.ended
  }
}
// #endregion witness

/** Number 1 of the host is not always ours to look at, even for root. */
function procOf(inBox: string): MountFacts['procOf'] {
  try {
    return Number(/\d+/.exec(readlinkSync(`${inBox}/proc/1/ns/pid`))?.[0])
  } catch (error) {
    return hasCode(error, 'ENOENT') ? 'none' : 'not to be read'
  }
}

/** Links that lead to an absolute path would lead into our own root: these lead nowhere, or to a neighbour. */
function deviceAt(path: string): DeviceFacts | undefined {
  try {
    const stat = statSync(path)
    const kind = stat.isCharacterDevice() ? 'device' : 'something else'
    return { kind, numbers: `${stat.rdev >> 8}:${stat.rdev & 0xff}`, mode: stat.mode & 0o7777 }
  } catch {
    return undefined
  }
}

/** The same file system is mounted on the host at the same place. */
function isHosts(inBox: string, path: string): boolean {
  try {
    return statSync(`${inBox}${path}`).dev === statSync(path).dev
  } catch {
    return false // one of them has none
  }
}
