/** Many boxes, one after the other, each of which has to leave everything as it was: two rows of them, since a machine may have two processors. */
import * as fs from 'node:fs'
import { join } from 'node:path'
import { World } from './world.ts'

export interface Place {
  world: World
  /** A root file system in which a box has to make the directories that it mounts on. */
  rootfs: string
}

/** Each row has a world of its own. */
export async function inTwoWorlds<T>(
  tasks: readonly T[],
  perform: (task: T, place: Place) => Promise<void>,
): Promise<void> {
  const row = async (parity: number): Promise<void> => {
    await using world = new World()
    const place = { world, rootfs: withoutMountPoints(world) }
    for (const [n, task] of tasks.entries()) if (n % 2 === parity) await perform(task, place)
  }
  await Promise.all([row(0), row(1)])
}

export function withoutMountPoints(world: World): string {
  const rootfs = world.copyOfBase()
  for (const name of ['proc', 'dev', 'sys']) fs.rmdirSync(join(rootfs, name))
  return rootfs
}

export const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]

/** Says what could not be done, in words, and not where in the source. */
export const isClear = (words: string): boolean => words.startsWith('boxwright: Cannot ') && !/^\s+at /m.test(words)
