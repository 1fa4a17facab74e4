/** Every stage runs, and leaves nothing, where cgroups are pure v2. What each of them does is for the tests in test/kernel. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { World } from '../kernel/world.ts'
import { skipElsewhere } from './tree.ts'

const skip = { skip: skipElsewhere }

for (const stage of ['1', '2', '3', '4', '5', '6', '7', '8'])
  test(`stage ${stage} runs a command and leaves the host unchanged when cgroups are pure v2`, skip, async () => {
    await using world = new World()
    const { status, stdout, stderr } = await world.run([
      'stage',
      stage,
      'run',
      '--receipt',
      'sh',
      '-c',
      'echo out; exit 7',
    ])
    assert.deepEqual([status, stdout], [7, 'out\n'])
    assert.equal(stderr, 'boxwright: host unchanged: mounts, cgroups, interfaces, processes\n')
  })

test('the doctor finds that every limit can be set when cgroups are pure v2', skip, async () => {
  await using world = new World()
  const { status, stdout } = await world.run(['doctor'])
  assert.equal(status, 0)
  assert.match(stdout, /cgroups +v2: /)
  for (const limit of ['memory limit', 'process limit', 'processor limit', 'processor choice', 'limits in view'])
    assert.match(stdout, new RegExp(`yes +${limit} `))
})
