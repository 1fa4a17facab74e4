/** From lesson 5 on a box is born in its cgroup: clone3(2), CLONE_INTO_CGROUP. Only version 2 has that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { join } from 'node:path'
import { namespaceOf, parentOf } from '../../src/kernel/proc.ts'
import { World } from '../kernel/world.ts'
import { members, ours, read, ROOT, skipElsewhere } from './tree.ts'

const skip = { skip: skipElsewhere }

for (const stage of ['6', '8'])
  test(
    `a box of stage ${stage} is in its cgroup, and its launcher is not, when it has been born there`,
    skip,
    async () => {
      await using world = new World()
      const before = ours()
      const explained = await world.run(['stage', stage, 'run', '--explain', 'true'])
      assert.match(explained.stdout, /clone_into_cgroup\(/)
      assert.doesNotMatch(explained.stdout, /cgroup\.procs/)
      const box = await world.start(['stage', stage, 'run', '--pids', '9', 'cat', '/proc/self/cgroup', '-'])
      const directory = join(ROOT, `boxwright-${box.id}`)
      assert.equal(await box.line(/^0::/), '0::/', 'its cgroup namespace begins there')
      assert.deepEqual(members(directory), [box.pid])
      assert.equal(read(directory, 'pids.current'), '1')
      assert.equal(read(directory, 'pids.max'), '9')
      assert.notEqual(read(`/proc/${parentOf(box.pid) ?? 0}/cgroup`), read(`/proc/${box.pid}/cgroup`))
      assert.notEqual(namespaceOf(box.pid, 'cgroup'), namespaceOf('self', 'cgroup'))
      box.stdin.end()
      assert.equal((await box.ended).status, 0)
      assert.deepEqual(ours(), before)
    },
  )

test('a box that cannot be born in its cgroup leaves nothing, and says which step it was', skip, async () => {
  await using world = new World()
  const before = ours()
  const { status, stderr } = await world.run(['stage', '6', 'run', '--pids', '0', 'true'])
  assert.equal(status, 125)
  assert.match(stderr, /clone_into_cgroup|pids/)
  assert.deepEqual(ours(), before)
})
