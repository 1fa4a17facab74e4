/** Where the host's mounts are shared, as systemd shares them, what is mounted in a box must not appear outside. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BOXWRIGHT, skipWithoutRoot, World } from './world.ts'

const LOOK_BEFORE_AND_AFTER = 'cat /proc/self/mountinfo; "$@" >/dev/null || exit; echo; cat /proc/self/mountinfo'
const program = [
  ...['unshare', '--mount', '--propagation', 'shared', 'sh', '-c', LOOK_BEFORE_AND_AFTER, 'sh'],
  ...[process.execPath, BOXWRIGHT],
]

for (const stage of [1, 2, 3, 4, 5, 6, 7, 8])
  test(
    `no mount is left on a host that shares its mounts when stage ${stage} runs`,
    { skip: skipWithoutRoot },
    async () => {
      await using world = new World()
      const { status, stdout, stderr } = await world.run(['stage', String(stage), 'run', 'true'], { program })
      assert.deepEqual([stderr, status], ['', 0])
      const [before, after] = stdout.trim().split('\n\n')
      assert.equal(after, before)
    },
  )
