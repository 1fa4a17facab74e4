/** setns(2): why a namespace is not to be entered. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, text, type Attempt, type Cause } from '../cause.ts'
import { KINDS } from './unshare.ts'

/** The kind of a namespace that a path such as /proc/1/ns/uts names. */
const kindOf = (attempt: Attempt): string => text(attempt, 0).split('/').at(-1) ?? ''

const isOf = (attempt: Attempt, kind: string): boolean => attempt.args.length === 0 || kindOf(attempt) === kind

// #region setns
export const setnsCauses: Cause[] = [
  {
    name: 'setns/other-kind',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'The file is a namespace of the kind that is asked for',
    man: 'setns(2): fd refers to a namespace whose type does not match that specified in nstype.',
    args: 2,
    probe: (attempt) => {
      const wanted = KINDS.filter(([flag]) => has(number(attempt, 1), constants[flag]))
      if (wanted.length === 0 || wanted.some(([, name]) => name === kindOf(attempt))) return 'so'
      const flags = wanted.map(([flag]) => flag).join('|')
      return {
        fact: `"${text(attempt, 0)}" is no namespace of the kind ${flags}`,
        remedy: 'Name both alike, or give 0 as the kind to take any',
      }
    },
  },
  {
    name: 'setns/own-user-namespace',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'The process is not in that user namespace already',
    man: 'setns(2): The caller attempted to join the user namespace in which it is already a member.',
    args: 1,
    probe: (attempt) => {
      const { pid, namespaces } = attempt.scene
      const target = /^\/proc\/(self|\d+)\/ns\/user$/.exec(text(attempt, 0))?.[1]
      if (target === undefined) return kindOf(attempt) === 'user' ? 'unknown' : 'so'
      const same = target === 'self' || userNamespaceOf(attempt, target) === namespaces.user
      if (!same) return 'so'
      return { fact: `process ${pid} is in that user namespace already`, remedy: 'Leave the call out' }
    },
  },
  {
    name: 'setns/threads',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'A process that enters a user namespace has one thread',
    man: 'setns(2): The caller is multithreaded and tried to join a new user namespace.',
    probe: (attempt) => {
      const { pid, threads } = attempt.scene
      if (!isOf(attempt, 'user')) return 'apart'
      if (threads === 1) return 'so'
      return {
        fact: `process ${pid} has ${threads} threads`,
        remedy: 'Enter it in a program of one thread: nsenter(1); lesson 5',
      }
    },
  },
  {
    name: 'setns/shared-root',
    calls: ['setns'],
    codes: ['EINVAL'],
    precondition: 'A process that enters a mount namespace shares its root directory with no thread',
    man: "setns(2): A process can't join a new mount namespace if it is sharing filesystem-related attributes",
    probe: (attempt) => {
      const { pid, threads } = attempt.scene
      if (!isOf(attempt, 'mnt')) return 'apart'
      if (threads === 1) return 'so'
      return {
        fact: `process ${pid} has ${threads} threads, which share one root and one working directory`,
        remedy: 'Have root and working directory of its own first: unshare(CLONE_FS)',
      }
    },
  },
]
// #endregion setns

const userNamespaceOf = ({ scene }: Attempt, pid: string): number | undefined => {
  const place = scene.look(`/proc/${pid}/ns/user`)
  return place.found ? place.inode : undefined
}
