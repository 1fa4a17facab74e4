/** Lesson 8. Limits of the oldest kind: each process has its own, and its children begin with them: getrlimit(2). */
import * as constants from '../kernel/constants.ts'
import type { Rlimit } from '../oci/rlimits.ts'
import { box, type Draft, type Wall } from '../plan/plan.ts'

// #region rlimits
export const rlimits: Wall = {
  name: 'rlimits',
  lesson: 8,
  steps: ({ process }) => (process.rlimits ?? []).map(limit),
}

const limit = ({ type, soft, hard }: Rlimit): Draft =>
  box(
    'setrlimit',
    [constants[type], Number(soft), Number(hard)],
    'where it is warned, and the most that it may ask for',
  )
// #endregion rlimits
