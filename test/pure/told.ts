/** Steps as lines that say everything but the reason, so that a table can hold them: `host mkdir(/x, 0755) fine EEXIST undo rmdir(/x)`. */
import type { Draft, Step, Undo } from '../../src/plan/plan.ts'
import { symbolic } from '../../src/plan/symbols.ts'

export const told = (steps: readonly (Draft | Step)[]): string[] =>
  steps.map((step) => `${step.lane} ${symbolic(step as Step)}${fine(step)}${undone(step)}`)

const fine = ({ fine }: Pick<Draft, 'fine'>): string => (fine ? ` fine ${fine.join(' ')}` : '')

const undone = ({ undo }: Pick<Draft, 'undo'>): string =>
  undo ? ` undo ${symbolic(undo)}${fine(undo)}${shared(undo)}` : ''

const shared = ({ shared }: Undo): string => (shared ? ' shared' : '')
