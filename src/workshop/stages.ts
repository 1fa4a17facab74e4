/** What `boxwright stage N` chooses from. The stages themselves are the lessons'; the command hands them in. */
import { Complaint } from './complaint.ts'
import { boxesOf, type Stage } from './stage.ts'

export function stageNumbered(stages: readonly Stage[], number: string | number | undefined): Stage {
  const found = stages.find(({ lesson, name }) => String(lesson) === String(number) || name === number)
  if (found) return found
  const known = stages.map(({ lesson, name }) => `${lesson} (${name})`).join(', ')
  throw new Complaint(`Cannot find stage "${number ?? ''}": there is none of that number\n  There are: ${known}`)
}

/** The same, for whatever gives a stage a root file system and a command, and wants a box. */
export function boxNumbered(stages: readonly Stage[], number: string | number | undefined): Stage {
  const stage = stageNumbered(stages, number)
  if (boxesOf([stage]).length > 0) return stage
  const why = stage.exercise === 'keeper' ? 'its boxes stand on snapshots in a store' : 'its containers are bundles'
  const others = boxesOf(stages).map(({ lesson }) => lesson)
  throw new Complaint(
    `Cannot take stage ${stage.lesson} for this: ${why}\n  Take one that is given a root file system: ${others.join(', ')}`,
  )
}
