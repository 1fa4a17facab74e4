/** mount(2) does five different things by its flags. */
import * as constants from '../../../kernel/constants.ts'
import { has, number, text, type Attempt, type Verdict } from '../cause.ts'
import type { Place } from '../place.ts'

const { MS_BIND, MS_MOVE, MS_REMOUNT, MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE } = constants

export const PROPAGATION = [MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE]

/** Which of the five it is: mount(2), in the order in which the kernel asks. */
export function actionOf(attempt: Attempt): 'remount' | 'propagation' | 'bind' | 'move' | 'new' {
  const flags = number(attempt, 3)
  if (has(flags, MS_REMOUNT)) return 'remount'
  if (has(flags, MS_BIND)) return 'bind'
  if (PROPAGATION.some((bit) => has(flags, bit))) return 'propagation'
  return has(flags, MS_MOVE) ? 'move' : 'new'
}

export const source = (attempt: Attempt): Place => attempt.scene.look(text(attempt, 0))
export const target = (attempt: Attempt): Place => attempt.scene.look(text(attempt, 1))
export const type = (attempt: Attempt): string => text(attempt, 2)

/** Only for the one thing that mount(2) does: `only('bind', …)`. */
export const only =
  (action: ReturnType<typeof actionOf>, look: (attempt: Attempt) => Verdict) =>
  (attempt: Attempt): Verdict =>
    actionOf(attempt) === action ? look(attempt) : 'apart'
