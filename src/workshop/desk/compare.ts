/** Two plans side by side, for whoever wrote one of them: which steps are missing, too many, elsewhere, or made with other arguments. */
import { diff } from '../../plan/diff.ts'
import type { Plan, Step } from '../../plan/plan.ts'
import { symbolic } from '../../plan/symbols.ts'

export type Remark =
  | { kind: 'missing' | 'extra' | 'elsewhere'; step: Step }
  | { kind: 'other arguments' | 'other lane'; step: Step; reference: Step }

// #region compare
/** @returns nothing when the plans are the same, step by step. */
export function compare(mine: Plan, reference: Plan): Remark[] {
  const rows = diff(reference, mine)
  const missing = rows.filter(({ sign }) => sign === '-').map(({ step }) => step)
  return [
    ...rows.filter(({ sign }) => sign === '+').map(({ step }) => remark(step, missing)),
    ...missing.map((step) => ({ kind: 'missing' as const, step })),
  ]
}

/** What my step stands for in the reference is taken out of `missing`: the same step, else one of the same name. */
function remark(step: Step, missing: Step[]): Remark {
  const same = take(missing, (other) => symbolic(other) === symbolic(step))
  if (same) return same.lane === step.lane ? { kind: 'elsewhere', step } : { kind: 'other lane', step, reference: same }
  const alike = take(missing, (other) => isAlike(other, step))
  return alike ? { kind: 'other arguments', step, reference: alike } : { kind: 'extra', step }
}
// #endregion compare

/** The same call on the same thing: of two mounts, those with one target. */
function isAlike(one: Step, other: Step): boolean {
  const target = ({ call, args }: Step): unknown => args[call === 'mount' ? 1 : 0]
  return one.call === other.call && (one.args.length < 2 || target(one) === target(other) || one.call === 'unshare')
}

function take(steps: Step[], fits: (step: Step) => boolean): Step | undefined {
  const at = steps.findIndex(fits)
  return at < 0 ? undefined : steps.splice(at, 1)[0]
}
