/** Another runtime beside ours: both make the box for real, and nothing of either is left. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { boxesOf } from '../../src/workshop/stage.ts'
import { stages } from '../pure/workshop.ts'
import { programNamed } from '../../src/workshop/compare/peer.ts'
import { skipWithoutRoot, until, World } from './world.ts'

/** In a user namespace another runtime is not root any more when it looks for the image. */
function openWorld(): World {
  const world = new World()
  fs.chmodSync(world.images, 0o755)
  return world
}

interface Told {
  peer: string
  stage: { lesson: number }
  theirs: Numbers
  ours: Numbers
  rows: { sign: string; theirs?: { text: string }; ours?: { text: string }; why?: string }[]
}

interface Numbers {
  calls: number
  made: number
  processes: number
}

const missing = ['runc', 'crun', 'strace'].filter((name) => !isThere(name))
const without = (...names: string[]): string | false => {
  const lacking = names.filter((name) => missing.includes(name))
  return skipWithoutRoot || (lacking.length > 0 && `this machine has no ${lacking.join(' and no ')}`)
}

for (const peer of ['runc', 'crun'])
  test(
    `every difference from ${peer} has its reason when it makes the box of any stage`,
    { skip: without(peer, 'strace') },
    async (t) => {
      await using world = openWorld()
      const [before, nothing] = [world.inventory(), fs.statSync('/dev/null')]
      for (const stage of [undefined, ...boxesOf(stages).map(({ lesson }) => String(lesson))]) {
        const words = ['compare', peer, '--json', ...(stage === undefined ? [] : ['--stage', stage])]
        const { status, stdout, stderr } = await world.run(words)
        assert.deepEqual([status, stderr], [0, ''])
        const { rows, theirs, ours } = JSON.parse(stdout) as Told
        assert.deepEqual(
          rows.filter(({ sign, why }) => sign !== ' ' && why === undefined),
          [],
          `stage ${stage ?? 'last'}`,
        )
        assert.ok(theirs.made > ours.made && ours.made > 5 && theirs.calls > theirs.made)
        if (stage === undefined)
          t.diagnostic(`${theirs.calls} and ${ours.calls} calls, ${theirs.made} and ${ours.made} of them for the box`)
      }
      assert.deepEqual(world.left(before), [])
      assert.equal(fs.statSync('/dev/null').uid, nothing.uid) // crun gives its standard streams to the box's root
      assert.deepEqual(fs.readdirSync(world.state), [])
    },
  )

test(
  'a comparison fits 80 columns, and tells the same twice, when it is made twice',
  { skip: without('crun', 'strace') },
  async () => {
    await using world = openWorld()
    const [once, again] = [await world.run(['compare', 'crun']), await world.run(['compare', 'crun'])]
    assert.equal(once.status, 0)
    assert.deepEqual(
      once.stdout.split('\n').filter((line) => line.length > 80),
      [],
    )
    const rows = ({ stdout }: { stdout: string }): string => stdout.replace(/^ {2}(calls|processes) .*$/gm, '')
    assert.equal(rows(again), rows(once))
    assert.match(once.stdout, /^ {2}host {2}mkdir\(\/sys\/fs\/cgroup\S*\/boxwright-ID, 0755\)$/m)
    assert.match(once.stdout, /^ {2}box {3}execve\(\S+\/true\)$/m)
  },
)

test(
  'nothing is left of either box when a comparison is killed at any moment',
  { skip: without('runc', 'strace') },
  async () => {
    await using world = openWorld()
    world.base()
    const before = world.inventory()
    for (const patience of [150, 250, 350, 450, 600]) {
      const opened = world.open(['compare', 'runc'])
      await sleep(patience)
      opened.signal('SIGKILL')
      await opened.ended
      await until('the host to be as it was', async () => {
        await world.run(['sweep'])
        return world.left(before).length === 0
      })
    }
    assert.equal((await world.run(['compare', 'runc'])).status, 0)
    assert.deepEqual(fs.readdirSync(world.state), [])
  },
)

test('a comparison says what to install when a program is missing', { skip: without('runc') }, async () => {
  await using world = openWorld()
  const { status, stderr } = await world.run(['compare', 'runc'], { env: { PATH: world.newPlace() } })
  assert.match(
    stderr,
    /^boxwright: Cannot compare: there is no strace on this machine\n {2}.*apt-get install strace\)\n$/,
  )
  assert.equal(status, 125)
})

test(
  'a comparison says which directory is closed to another runtime when it is no root any more',
  { skip: without('crun', 'strace') },
  async () => {
    await using world = openWorld()
    fs.chmodSync(world.images, 0o700)
    const { status, stderr } = await world.run(['compare', 'crun', '--stage', '6'])
    assert.equal(
      stderr.replaceAll(world.images, 'DIR'),
      'boxwright: Cannot compare with crun: "DIR" is closed to others, and in its user namespace crun is one of them\n  Open it: chmod o+x DIR\n',
    )
    assert.equal(status, 125)
  },
)

test('a comparison says what there is when it is asked for another runtime', async () => {
  await using world = openWorld()
  const { status, stderr } = await world.run(['compare', 'docker'])
  assert.match(stderr, /^boxwright: Cannot compare with "docker": .*\n {2}There are: runc, crun\n$/)
  assert.equal(status, 125)
})

function isThere(name: string): boolean {
  try {
    return programNamed(name) !== ''
  } catch {
    return false
  }
}
