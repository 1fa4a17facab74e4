/** Whether a box is in a user namespace: its own, or one that we are in ourselves. Then some things have to be done in another way. */
import type { Machine } from '../kernel/machine.ts'
import type { Spec } from '../oci/spec.ts'

// #region whose
const asks = ({ linux }: Spec, kind: string): boolean =>
  linux.namespaces.some(({ type }) => type === kind)

export const hasOwnUsers = (spec: Spec): boolean => asks(spec, 'user')

export const isNamespaced = (spec: Spec, { users }: Machine): boolean =>
  hasOwnUsers(spec) || users.namespaced

export const hasOwnNetwork = (spec: Spec): boolean => asks(spec, 'network')

/** sysfs shows the devices of a network: only who may rule over that network may mount it. */
export const maySeeNetwork = (spec: Spec, machine: Machine): boolean =>
  !isNamespaced(spec, machine) || hasOwnNetwork(spec)

/** Numbers of users and groups that have a meaning in the box. */
export const idCount = (spec: Spec, { users }: Machine): number =>
  hasOwnUsers(spec)
    ? spec.linux.gidMappings.reduce((sum, { size }) => sum + size, 0)
    : users.count
// #endregion whose
