/** What became of an attack. The third verdict is said aloud, so that nobody takes it for a wall. */

/** `unseen`: this machine, or this stage, has nothing that the attack could be made on. */
export type Verdict = 'open' | 'closed' | 'unseen'

export interface Outcome {
  verdict: Verdict
  /** Why it is unseen. */
  reason?: string
  /** What the kernel refused to the attacker, in the attacker's words: they prove nothing. */
  refused?: string
}

/** Thrown by an attack that finds nothing to attack. */
export class Unseen extends Error {
  override readonly name = 'Unseen'
}
