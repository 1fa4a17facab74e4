/** Who answers for networks is read where a container has one, and it is Node that speaks to them. */
import type { Shelf } from '../../engine/kept.ts'
import { goOnInNode } from './in-node.ts'

// #region networks
export async function answerForNetworks(): Promise<void> {
  goOnInNode()
  await import('../../network/answers.ts')
}

/** Before anything is done: one of them may have to be ended. */
export async function answerForKept(shelf: Shelf): Promise<void> {
  if (shelf.all().some(({ network }) => network !== undefined)) await answerForNetworks()
}
// #endregion networks
