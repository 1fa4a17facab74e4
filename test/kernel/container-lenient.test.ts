/** Cgroups that are not ours: whether a container goes on without is what `--rootless` says, and of itself only who is not root does so. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contained, skipWithoutRuntime, type Config } from './container-world.ts'
import { World, type Ran } from './world.ts'

const skip = { skip: skipWithoutRuntime }

/** Hierarchies that can only be read, in a mount namespace of the runtime's own; and a word of the command line before all others. */
const underReadOnly = (word: string): string[] => [
  ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c'],
  `for each in $(awk '$3 ~ /^cgroup/ { print $2 }' /proc/self/mounts); do mount -o remount,bind,ro "$each"; done
runtime=$1; shift; exec "$runtime" ${word} "$@"`,
  'sh',
]

const tried = (world: World, word: string, change?: (config: Config) => void): Promise<Ran> =>
  contained(world, 'echo here', change, { under: underReadOnly(word) })

for (const word of ['', '--rootless=auto', '--rootless=false'])
  test(`root’s container is refused when cgroups are not ours and it is said ${word || 'nothing'}`, skip, async () => {
    await using world = new World()
    const { status, stdout, stderr } = await tried(world, word)
    assert.deepEqual([status, stdout], [1, ''])
    assert.match(stderr, /into cgroup .* is not ours to write; Go on without it \(--rootless=true/)
  })

test('root’s container goes on without cgroups that are not ours when it is said --rootless=true', skip, async () => {
  await using world = new World()
  const { status, stdout, stderr } = await tried(world, '--rootless=true')
  assert.deepEqual([status, stdout, stderr], [0, 'here\n', ''])
})

test('a container is refused with --rootless=true, too, when a path was asked for, or a limit', skip, async () => {
  await using world = new World()
  const path = await tried(world, '--rootless=true', ({ linux }) => void (linux.cgroupsPath = '/boxwright-asked'))
  assert.match(path.stderr, /into cgroup .*boxwright-asked.* is not ours to write/)
  const limit = await tried(world, '--rootless=true', ({ linux }) => void (linux.resources = { pids: { limit: 5n } }))
  assert.match(limit.stderr, /Cannot set linux\.resources\.pids\.limit/)
})
