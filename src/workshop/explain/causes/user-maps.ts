/** Writing /proc/PID/uid_map and gid_map: the rules of user_namespaces(7), "User and group ID mappings". */
import { text, type Attempt, type Cause, type Verdict } from '../cause.ts'
import type { Scene } from '../scene.ts'

interface Map {
  kind: 'uid' | 'gid'
  /** Whose map is written. */
  pid: string
  lines: number[][]
}

const RULES = 'user_namespaces(7): '

// #region maps
export const userMapCauses: Cause[] = [
  {
    name: 'user-map/form',
    calls: ['write'],
    codes: ['EINVAL'],
    precondition: 'Each line has three numbers, the last above 0, and no ranges overlap',
    man: `${RULES}The three fields must be valid numbers, and the last field must be greater than 0.`,
    args: 2,
    probe: ofMap(({ lines }, attempt) => {
      const bad = lines.find((line) => line.length !== 3 || line.some(Number.isNaN) || !(Number(line[2]) > 0))
      if (!bad && !overlap(lines, 0) && !overlap(lines, 1)) return 'so'
      return {
        fact: `"${text(attempt, 1).trim()}" is not a map: a line has an ID inside, an ID outside and how many, and no ranges overlap`,
        remedy: 'Write one line for each range: "0 1000 1"',
      }
    }),
  },
  {
    name: 'user-map/twice',
    calls: ['write'],
    codes: ['EPERM'],
    precondition: 'The map has not been written yet',
    man: `${RULES}An attempt to write more than once to a uid_map file in a user namespace fails with the error EPERM.`,
    args: 1,
    probe: ofMap(({ pid, kind }, { scene }) => {
      const written = scene.read(`/proc/${pid}/${kind}_map`)?.trim()
      if (!written) return 'so'
      return {
        fact: `/proc/${pid}/${kind}_map has been written: "${written.replace(/\s+/g, ' ')}"`,
        remedy: 'A map is written once: write all of it at the first time, in one write',
      }
    }),
  },
  {
    name: 'user-map/no-rights-inside',
    calls: ['write'],
    codes: ['EPERM'],
    precondition: 'Who writes has CAP_SETUID, or CAP_SETGID, in the user namespace whose map it is',
    man: `${RULES}The writing process must have the CAP_SETUID (CAP_SETGID) capability in the user namespace of the process pid.`,
    args: 1,
    probe: ofMap(({ pid, kind }, { scene }) => {
      if (!isInside(scene, pid)) return 'unknown'
      if (((scene.capabilities >> (kind === 'uid' ? 7n : 6n)) & 1n) === 1n) return 'so'
      return {
        fact: `process ${scene.pid} is in it and has no rights there: whoever has no user ID loses them with execve`,
        remedy: 'Write the map from outside, or before execve: unshare --map-root-user does',
      }
    }),
  },
  {
    name: 'user-map/setgroups',
    calls: ['write'],
    codes: ['EPERM'],
    precondition:
      'Before anyone without rights outside writes a gid_map, setgroups(2) has been denied in the namespace',
    man: `${RULES}use of the setgroups(2) system call must first be denied by writing "deny" to the /proc/pid/setgroups file`,
    args: 1,
    probe: ofMap(({ pid, kind }, attempt) => {
      if (kind === 'uid') return 'apart'
      if (isPrivilegedOutside(attempt, pid)) return 'so'
      if (attempt.scene.read(`/proc/${pid}/setgroups`)?.trim() !== 'allow') return 'so'
      return { fact: `/proc/${pid}/setgroups says "allow"`, remedy: `First: echo deny > /proc/${pid}/setgroups` }
    }),
  },
  {
    name: 'user-map/not-own-id',
    calls: ['write'],
    codes: ['EPERM'],
    precondition: 'Without rights outside a process maps one ID: its own',
    man: `${RULES}The data written to uid_map (gid_map) must consist of a single line that maps the writing process's effective user ID`,
    args: 2,
    probe: ofMap(({ pid, kind, lines }, attempt) => {
      if (isPrivilegedOutside(attempt, pid)) return 'so'
      const { uid } = attempt.scene
      const [[, outside, count] = []] = lines
      if (lines.length === 1 && count === 1 && (kind === 'gid' || outside === uid)) return 'so'
      return {
        fact: `"${text(attempt, 1).trim()}" maps more than the one ID of process ${attempt.scene.pid}, ${uid}, which has no CAP_SETUID outside`,
        remedy: `Map that one alone: "0 ${uid} 1". For more, newuidmap(1) writes what /etc/subuid allows`,
      }
    }),
  },
]
// #endregion maps

function ofMap(look: (map: Map, attempt: Attempt) => Verdict): Cause['probe'] {
  return (attempt) => {
    const [, named, kind] = /^\/proc\/(self|\d+)\/(uid|gid)_map$/.exec(text(attempt, 0)) ?? []
    if (named === undefined) return 'apart'
    const lines = text(attempt, 1).split('\n').filter(Boolean)
    const pid = named === 'self' ? String(attempt.scene.pid) : named
    const numbers = lines.map((line) => line.trim().split(/\s+/).map(Number))
    return look({ pid, kind: kind === 'gid' ? 'gid' : 'uid', lines: numbers }, attempt)
  }
}

/** Two ranges, of which the one begins in the other. */
const overlap = (lines: number[][], field: 0 | 1): boolean =>
  lines.some((one, n) =>
    lines.some((other, m) => {
      const distance = Number(other[field]) - Number(one[field])
      return n !== m && distance >= 0 && distance < Number(one[2])
    }),
  )

/** CAP_SETUID, from outside: who is in the namespace has no rights in the one above it. */
const isPrivilegedOutside = ({ scene }: Attempt, pid: string): boolean =>
  !isInside(scene, pid) && ((scene.capabilities >> 7n) & 1n) === 1n

function isInside(scene: Scene, pid: string): boolean {
  const target = scene.look(`/proc/${pid}/ns/user`)
  return target.found && target.inode === scene.namespaces.user
}
