/** What the driver of spoiled documents tells the test. */

/** Where it is told: what a spoiled document runs may print as well. */
export const TOLD = 3

export interface Told {
  n: number
  text: string
  /** How it ended, or what was said. */
  refused?: string
  status?: number
  /** What should not be there. */
  faults: string[]
}
