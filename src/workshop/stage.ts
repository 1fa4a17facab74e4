/** A stage: the program as it stands after a lesson. A list of walls, and a launcher to run them. */
import type { Launcher } from '../launch/launcher.ts'
import type { NamespaceType } from '../oci/spec.ts'
import type { Wall } from '../plan/plan.ts'
import { Complaint } from './complaint.ts'

export interface Stage {
  lesson: number
  name: string
  /** What the lesson adds, in a line. */
  idea: string
  walls: readonly Wall[]
  launch: Launcher
  /** Kinds of namespaces that the stage asks for, beside those of lesson 2. */
  namespaces?: readonly NamespaceType[]
}

/** The name of the lesson's directory: `03-mounts`. */
export const directoryOf = ({ lesson, name }: Stage): string => `${String(lesson).padStart(2, '0')}-${name}`

/** The stage with another wall in the place of the reference's of that name. @throws Complaint when it has none of that name. */
export function withWall(stage: Stage, wall: Wall): Stage {
  if (stage.walls.some(({ name }) => name === wall.name))
    return { ...stage, walls: stage.walls.map((other) => (other.name === wall.name ? wall : other)) }
  const names = stage.walls.map(({ name }) => name).join(', ')
  throw new Complaint(
    `Cannot put the wall "${wall.name}" into stage ${stage.lesson}: it has none of that name\n  It has: ${names}`,
  )
}
