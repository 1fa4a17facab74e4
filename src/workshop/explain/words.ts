/** What explain knows of a failure, for whoever has a line or two to say it in. */
import { parseMountInfo } from '../../kernel/mountinfo.ts'
import type { StepFailed } from '../../launch/launcher.ts'
import { bestOf, callOf, explain } from './explain.ts'
import { lookBelow } from './place.ts'
import { readScene, type Scene } from './scene.ts'

// #region words
/** @returns what is so and, on a second line, what to do; nothing when it is not known. */
// ts-unused-exports:disable-next-line
export const wordsOf = ({ step, code }: StepFailed, pid: number, rootfs: string): string | undefined =>
  step.call === 'access'
    ? wordsFor('execve', [step.args[0], [step.args[0]], step.args[1]], code, readScene(pid, rootfs))
    : wordsFor(step.call, step.args, code, readScene(pid, rootfs))

/** Of a command whose process has gone already: by its root file system alone, without what was mounted in it. */
// ts-unused-exports:disable-next-line
export const wordsOfCommand = (args: readonly unknown[], code: string, rootfs: string): string | undefined =>
  wordsFor('execve', args, code, below(rootfs))
// #endregion words

function wordsFor(call: string, args: readonly unknown[], code: string, scene: Scene): string | undefined {
  const best = bestOf(explain({ call: callOf(call), args, scene }, code))
  return best && `${best.fact}\n  ${best.remedy}`
}

const below = (rootfs: string): Scene => {
  const scene = readScene()
  return {
    ...scene,
    root: rootfs,
    mounts: parseMountInfo(''),
    look: (path) => lookBelow(rootfs, path, scene.mounts),
    onHost: (path) => `${rootfs}${path}`,
  }
}
