/**
 * Lesson 2. A view of its own. A namespace holds one kind of name – host names, process numbers, mount points – and a process
 * sees the names of the namespaces that it is in: namespaces(7).
 */
import * as constants from '../kernel/constants.ts'
import type { NamespaceType } from '../oci/spec.ts'
import { box, host, type Draft, type Wall } from '../plan/plan.ts'

const { CLONE_NEWPID } = constants

const FLAGS = {
  mount: constants.CLONE_NEWNS,
  uts: constants.CLONE_NEWUTS,
  ipc: constants.CLONE_NEWIPC,
  cgroup: constants.CLONE_NEWCGROUP,
  pid: CLONE_NEWPID,
} satisfies Partial<Record<NamespaceType, number>>

type Kind = keyof typeof FLAGS

// #region namespaces
export const namespaces: Wall = {
  name: 'namespaces',
  lesson: 2,
  steps: ({ linux, hostname }) => {
    const wanted = linux.namespaces
      .map(({ type }) => type)
      .filter((type): type is Kind => type in FLAGS)
    const rest = flagsOf(wanted.filter((type) => type !== 'pid'))
    return [
      ...when(wanted.includes('pid'), forTheChild),
      ...when(rest > 0, box('unshare', [rest], 'names of its own')),
      ...when(wanted.includes('uts'), named(hostname)),
    ]
  },
}
// #endregion namespaces

// #region steps
/** A process never changes its own number: asked for before there is one. */
const forTheChild = host('unshare', [CLONE_NEWPID], 'the next child is PID 1')

const named = (hostname: string): Draft =>
  box('sethostname', [hostname], 'seen in this UTS namespace alone')
// #endregion steps

const when = (holds: boolean, step: Draft): Draft[] => (holds ? [step] : [])

const flagsOf = (types: readonly Kind[]): number =>
  types.reduce((flags, type) => flags | FLAGS[type], 0)
