/**
 * The judge. It starts the program, believes nothing that it prints, and asks the kernel. Everything that can be written down beforehand is drawn anew at each
 * trial, so a script that prints the right words has no word to print.
 */
import { grade, type Check, type Grade } from './check.ts'
import type { Arena } from './arena.ts'
import type { Exercise } from '../stage.ts'
import type { Facts } from './facts.ts'
import { lifeTrial } from './life.ts'
import type { Program } from './program.ts'
import { pullTrial } from './pulling.ts'
import { standingTrial } from './standing.ts'
import type { Tool } from './tool.ts'
import { trial } from './trial.ts'
import { unpackTrial } from './unpacking.ts'

// #region judge
/** @param checks of this lesson and all before it. */
export async function judge(
  program: Program,
  checks: readonly Check[],
  lesson: number,
  arena: Arena,
): Promise<Grade[]> {
  const facts = await trial(program, lesson, arena)
  return grade(
    checks.filter((check) => check.lesson <= lesson && lesson <= (check.until ?? lesson)),
    facts,
  )
}
// #endregion judge

const TRIALS: Record<Exercise, (tool: Tool, arena: Arena) => Promise<Facts>> = {
  unpacker: unpackTrial,
  puller: pullTrial,
  keeper: standingTrial,
  runtime: lifeTrial,
}

/** A tool is judged by its own lesson alone: it makes no box, or boxes that have what others ask for. */
export async function judgeTool(
  tool: Tool,
  exercise: Exercise,
  checks: readonly Check[],
  arena: Arena,
): Promise<Grade[]> {
  const facts = await TRIALS[exercise](tool, arena)
  return grade(
    checks.filter(({ lesson }) => lesson === facts.asked.lesson),
    facts,
  )
}
