/** Walls about one process of a container, its first or a later one. */
import { containerDirectory } from '../box/container/command.ts'
import { containerKeyring } from '../box/container/keyring.ts'
import { containerProcess, type Creator } from '../box/container/process.ts'
import { labels } from '../box/labels.ts'
import type { Wall } from '../plan/plan.ts'

export const processWalls = (creator: Creator): Wall[] => [
  containerProcess(creator),
  ...(creator.keepsKeyring ? [] : [containerKeyring(creator)]),
  labels,
  containerDirectory,
]
