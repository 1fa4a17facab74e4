/** A stage: the program as it stands after a lesson. A list of walls, and a launcher to run them. */
import type { Launcher } from '../launch/launcher.ts'
import type { Wall } from '../plan/plan.ts'

export interface Stage {
  lesson: number
  name: string
  /** What the lesson adds, in a line. */
  idea: string
  walls: readonly Wall[]
  launch: Launcher
}
