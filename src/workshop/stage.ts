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
  /** What is judged at its lesson, when that is no wall in a box. */
  exercise?: Exercise
}

/**
 * A program that is given verbs, each its lesson's: `unpack LAYOUT TARGET`; `pull REFERENCE LAYOUT`; `prepare STORE KEY` and `run STORE KEY COMMAND` of one
 * that keeps snapshots; runC's.
 */
export type Exercise = 'unpacker' | 'puller' | 'keeper' | 'runtime'

/** Those that take a root file system and a command, and make a box of them. */
export const boxesOf = (stages: readonly Stage[]): Stage[] =>
  stages.filter(({ exercise }) => exercise !== 'keeper' && exercise !== 'runtime')

/** Of these, those whose lesson has built a wall: what an attack finds at the others it has found before. */
export const wallBuildersOf = (stages: readonly Stage[]): Stage[] =>
  boxesOf(stages).filter(({ lesson, walls }) => walls.some((wall) => wall.lesson === lesson))

/** The name of the lesson's directory: `03-mounts`. */
export const directoryOf = ({ lesson, name }: Stage): string => `${String(lesson).padStart(2, '0')}-${name}`

/** The stage with another wall in the place of the reference's of that name. @throws Complaint when it has none of that name. */
export const withWall = (stage: Stage, wall: Wall): Stage => ({
  ...stage,
  walls: putInto(stage.walls, wall, stage.lesson),
})

export function putInto(walls: readonly Wall[], wall: Wall, stage: number): Wall[] {
  if (walls.some(({ name }) => name === wall.name))
    return walls.map((other) => (other.name === wall.name ? wall : other))
  const names = walls.map(({ name }) => name).join(', ')
  throw new Complaint(
    `Cannot put the wall "${wall.name}" into stage ${stage}: it has none of that name\n  It has: ${names}`,
  )
}
