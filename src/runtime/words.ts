/** Steps, for whoever reads what has been done or refused. */
import type { Plan, Step } from '../plan/plan.ts'
import { symbolic } from '../plan/symbols.ts'
import { whyOf } from './fields.ts'
import type { Settings } from './settings.ts'

export const inWords = (step: Step): string => `${symbolic(step)}${whyOf(step) ? ` (${whyOf(step)})` : ''}`

/** All that is to be done, before any of it is: the last line of a log is not what went wrong then. */
export function tellPlan({ debug }: Pick<Settings, 'debug'>, plan: Plan): void {
  plan.forEach((step, n) => debug?.(`step ${n + 1} of ${plan.length}, ${step.lane}: ${inWords(step)}`))
}
