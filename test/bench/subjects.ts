/** What is run: each stage, and the yardsticks beside it. All of them run `true`, so what is measured is the box and not what is in it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBase } from '../../src/image/base.ts'
import { calls } from '../../src/kernel/libc.ts'

/** Of the inline launcher: these are cut into parts. */
export const STAGES = ['1', '2', '3', '4'] as const

export type Command = readonly [program: string, ...args: string[]]

/** A base image and a run directory of our own, and gone afterwards. The second is in memory, as /run is on nearly every machine. */
export interface Place extends Disposable {
  directory: string
  rootfs: string
  env: NodeJS.ProcessEnv
}

export function openPlace(): Place {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-bench-'))
  const [images, run] = [join(directory, 'images'), join(directory, 'run')]
  mkdirSync(run)
  calls.mount('tmpfs', run, 'tmpfs', 0, 'mode=700')
  return {
    directory,
    rootfs: ensureBase(images).path,
    env: { ...process.env, BOXWRIGHT_IMAGES: images, BOXWRIGHT_RUN: run },
    [Symbol.dispose]: () => {
      calls.umount2(run, 0)
      rmSync(directory, { recursive: true })
    },
  }
}

const BOXWRIGHT = fileURLToPath(new URL('../../src/cli/boxwright.mjs', import.meta.url))

export const runIn = (stage: string, ...words: string[]): Command => [
  process.execPath,
  BOXWRIGHT,
  'stage',
  stage,
  'run',
  ...words,
]

export const PEER = 'unshare … chroot'

// #region yardsticks
/** By the name that the table gives them. */
export const yardsticks = ({ rootfs }: Place): Record<string, Command> => ({
  'true alone': ['true'],
  [PEER]: ['unshare', '--mount', '--uts', '--ipc', '--pid', '--fork', 'chroot', rootfs, 'true'],
  'Node alone': [process.execPath, '--eval', '0'],
  ...Object.fromEntries([...STAGES, '5', '8'].map((stage) => [`stage ${stage}`, runIn(stage, 'true')])),
})
// #endregion yardsticks

/** @returns milliseconds from the start of a process to its end. @throws Error when it did not do what is being measured. */
export function timed([program, ...args]: Command, { env }: Pick<Place, 'env'>): number {
  const start = process.hrtime.bigint()
  const { status, error } = spawnSync(program, args, { env, stdio: 'ignore' })
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6
  if (status !== 0)
    throw new Error(`Cannot measure "${program} ${args.join(' ')}": it ended with ${status}`, { cause: error })
  return elapsed
}
