/** A signal to a command that has blocked it: asked for in its time, it is the command's; blocked no more, it ends the box, as it would any other process. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { skipWithoutRoot, World } from './world.ts'

const skip = skipWithoutRoot || (spawnSync('cc', ['--version']).error !== undefined && 'there is no C compiler')

/** Before a process is PID 1, with it as the first child of a Node, and below a launcher in C. */
const STAGES = [1, 2, 5, 8]

for (const stage of STAGES)
  for (const [what, word, ends] of [
    ['is taken', 'asks', 7],
    ['ends the box', 'forgets', 143],
  ] as const)
    test(`a signal that is blocked ${what} when the command of stage ${stage} ${word}`, { skip }, async () => {
      await using world = new World()
      const rootfs = world.copyOfBase()
      const program = join(rootfs, 'bin/blocking')
      assert.equal(spawnSync('cc', ['-static', '-o', program, join(import.meta.dirname, 'blocking.c')]).status, 0)
      const box = await world.start(['stage', String(stage), 'run', '--rootfs', rootfs, 'blocking', word])
      await box.line(/blocked/)
      box.signal('SIGTERM')
      assert.equal((await box.ended).status, ends)
    })
