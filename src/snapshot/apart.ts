/** A program that has a root file system of layers in a mount namespace of its own: nobody else sees it, and nothing is left when it has ended. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assembled } from '../box/container/layers.ts'
import { AT_RECURSIVE, CLONE_NEWNS, MS_PRIVATE, MS_REC, MS_SLAVE, OPEN_TREE_CLONE } from '../kernel/constants.ts'
import { built } from '../launch/addon.ts'
import type { RootMount } from '../oci/root-mount.ts'
import { encode } from '../plan/encode.ts'
import { box, host, type Draft, type Plan } from '../plan/plan.ts'

// #region plan
export function inMounts(mounts: readonly RootMount[], place: string, argv: string[], env: string[]): Plan {
  const root = assembled(mounts, place)
  const steps: Draft[] = [
    host('unshare', [CLONE_NEWNS], 'its mounts are seen by nobody else'),
    box('mount', ['none', '/', '', MS_SLAVE | MS_REC, ''], 'and come out to nobody'),
    ...root.steps,
    box(
      'open_tree_attr',
      [0, root.at, OPEN_TREE_CLONE | AT_RECURSIVE, root.set, 0, MS_PRIVATE],
      'the root file system',
    ),
    box('move_mount', [0, place], 'here it is'),
    box('execvpe', [argv[0] ?? '', argv, env], 'at work in it'),
  ]
  return steps.map((step) => ({ ...step, lesson: 11 }))
}
// #endregion plan

// #region apart
export interface Apart extends Disposable {
  /** Where the root file system is, for that program. */
  root: string
  /** @returns the words that start a program with it there. */
  words(argv: string[], env?: string[]): string[]
}

export function openApart(mounts: readonly RootMount[]): Apart {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-apart-'))
  const [root, plan] = [join(directory, 'root'), join(directory, 'plan')]
  mkdirSync(root)
  return {
    root,
    words: (argv, env = []) => {
      writeFileSync(plan, encode(inMounts(mounts, root, argv, env)), { mode: 0o600 })
      return [built('launch'), plan]
    },
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  }
}
// #endregion apart
