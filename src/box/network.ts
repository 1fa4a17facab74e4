/** Lesson 7. A network of its own: interfaces, addresses, routes, ports. network_namespaces(7). */
import { CLONE_NEWNET } from '../kernel/constants.ts'
import { box, type Wall } from '../plan/plan.ts'

// #region network
export const network: Wall = {
  name: 'network',
  lesson: 7,
  steps: () => [box('unshare', [CLONE_NEWNET], 'a network of its own')],
}
// #endregion network
