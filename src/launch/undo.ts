/** Takes away again what a step has left on the host. Node has every call that it takes. */
import { attempt, callsOfNode } from '../kernel/calls-of-node.ts'
import type { Undo } from '../plan/plan.ts'
import { playerOf } from './ask.ts'

// #region undo
/** @returns an errno: 0 when the kernel did it. */
export function undo({ call, args }: Undo): number {
  if (call === 'ask') return playerOf(args[0]).undo(args[1])
  return attempt(callsOfNode[call] as (...args: unknown[]) => void, args)
}
// #endregion undo
