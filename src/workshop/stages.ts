/** What `boxwright stage N` chooses from. The stages themselves are the lessons'; the command hands them in. */
import { Complaint } from './complaint.ts'
import type { Stage } from './stage.ts'

export function stageNumbered(stages: readonly Stage[], number: string | number | undefined): Stage {
  const found = stages.find(({ lesson, name }) => String(lesson) === String(number) || name === number)
  if (found) return found
  const known = stages.map(({ lesson, name }) => `${lesson} (${name})`).join(', ')
  throw new Complaint(`Cannot find stage "${number ?? ''}": there is none of that number\n  There are: ${known}`)
}
