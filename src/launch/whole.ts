/**
 * The whole way in one call, from a spec to an exit status, for a process that stays: the launcher is read once, and no other program is started
 * than it. No FFI is loaded for it.
 */
import type { Machine } from '../kernel/machine.ts'
import type { Spec } from '../oci/spec.ts'
import { plan, type Wall } from '../plan/plan.ts'
import type { Box, Outcome } from './launcher.ts'
import { nativeOfMany } from './native.ts'

// #region whole
/** @param box a name that no other box has just now. @param machine its facts, read once. @throws StepFailed when the kernel has refused a step; nothing is left of the box then. */
export const runBox = (
  spec: Spec,
  walls: readonly Wall[],
  box: Omit<Box, 'rootfs'>,
  machine: Machine,
): Promise<Outcome> => nativeOfMany(plan(spec, walls, machine), { ...box, rootfs: spec.root.path })
// #endregion whole
