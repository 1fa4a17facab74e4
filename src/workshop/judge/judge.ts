/**
 * The judge. It starts the program, believes nothing that it prints, and asks the kernel. Everything that can be written down beforehand is drawn anew at each
 * trial, so a script that prints the right words has no word to print.
 */
import { grade, type Check, type Grade } from './check.ts'
import type { Arena } from './arena.ts'
import type { Program } from './program.ts'
import { trial } from './trial.ts'

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
