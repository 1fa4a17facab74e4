/** The native launcher: what it refuses, what its command gets, what it does not trust. All of it looked at from outside. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { isAlive, processId, statusField } from '../../src/kernel/proc.ts'
import { encode } from '../../src/plan/encode.ts'
import { box } from '../../src/plan/plan.ts'
import { seeded } from '../pure/random.ts'
import { monitorOf, planned, play, skipWithoutLauncher, stepsOf } from './native-world.ts'
import { asleep, until, World } from './world.ts'

const options = { skip: skipWithoutLauncher }

test('a plan is refused, and nothing of it played, when it ends too early', options, async () => {
  await using world = new World()
  const bytes = encode(stepsOf(world.base(), 'echo', 'played'))
  assert.deepEqual(play(world, bytes), { status: 0, signal: null, text: 'played\n' })
  for (let length = 0; length < bytes.length; length += 1) {
    const { status, text } = play(world, bytes.subarray(0, length))
    assert.equal(status, 125, `${length} of ${bytes.length} bytes`)
    assert.match(text, /^launch: cannot play this plan: /)
  }
})

test('the launcher ends by itself, and by no signal, when any byte of a plan is another', options, async (t) => {
  await using world = new World()
  const random = seeded(t)
  const bytes = encode(stepsOf(world.base(), 'true'))
  for (let n = 0; n < 600; n += 1) {
    const other = Buffer.from(bytes)
    for (let change = random.below(3); change >= 0; change -= 1)
      other[random.below(other.length)] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
    const { signal, text } = play(world, other, { uid: 65_534 })
    assert.equal(signal, null, `${other.toString('hex')}\n${text}`)
  }
})

test(
  'the command has what a shell would have given it when the native launcher has made its box',
  options,
  async () => {
    await using world = new World()
    const { pid } = await world.start(['stage', '5', 'run', 'sleep', '1000'])
    await asleep(pid)
    assert.deepEqual(fs.readdirSync(`/proc/${pid}/fd`), ['0', '1', '2'])
    assert.deepEqual(
      ['SigBlk', 'SigIgn', 'Umask', 'CapEff'].map((field) => Number(`0x${statusField(pid, field)}`)),
      [0, 0, Number(`0x${statusField('self', 'Umask')}`), 0],
    )
    assert.match(fs.readFileSync(`/proc/${pid}/limits`, 'utf8'), /^Max open files +1024 /m)
    assert.equal(fs.readFileSync(`/proc/${pid}/uid_map`, 'utf8'), '')
  },
)

test('the monitor is one thread of a program that nobody can write to when a box runs', options, async (t) => {
  await using world = new World()
  const { pid } = await world.start(['stage', '5', 'run', 'sleep', '1000'])
  const monitor = await monitorOf(pid)
  assert.equal(statusField(monitor, 'Threads'), '1')
  assert.match(fs.readlinkSync(`/proc/${monitor}/exe`), /^\/memfd:launch/)
  assert.throws(() => fs.openSync(`/proc/${monitor}/exe`, 'r+'), /EPERM|ETXTBSY/)
  t.diagnostic(`resident: ${statusField(monitor, 'VmRSS')}`)
  const own = ['RssAnon', 'RssShmem'].reduce((sum, field) => sum + parseInt(statusField(monitor, field), 10), 0)
  assert.ok(own <= 500, `${own} kB of the launcher’s own are in memory`)
})

test(
  'a command that starts the launcher again has the copy in hand, not the file, when it looks',
  options,
  async () => {
    await using world = new World()
    const { status, stderr } = await world.run(['stage', '5', 'run', '/proc/self/exe'])
    assert.equal(status, 125)
    assert.match(stderr, /^launch: cannot play this plan: none was named\. Usage: launch /)
  },
)

for (const victim of ['monitor', 'launcher', 'box'] as const)
  test(`nothing is left of a box when its ${victim} is killed`, options, async () => {
    await using world = new World()
    const before = world.inventory()
    const { pid, launcher, ended } = await world.start(['stage', '5', 'run', 'sleep', '1000'])
    const monitor = await monitorOf(pid)
    const identity = processId(pid)
    process.kill({ monitor, launcher, box: pid }[victim], 'SIGKILL')
    assert.equal((await ended).status, 137)
    await until('the box to be gone', () => !isAlive(identity))
    await world.run(['sweep'])
    assert.deepEqual(world.left(before), [])
  })

/** Links that whoever made the image has put there. Followed on the host, they would lead out. */
const LINKS = {
  proc: 'an absolute one to a directory of the host',
  dev: 'one that goes up',
  sys: 'one that leads nowhere',
}

for (const name of ['proc', 'dev', 'sys'] as const)
  test(`nothing is mounted outside of the box when /${name} is a link: ${LINKS[name]}`, options, async () => {
    await using world = new World()
    const [rootfs, outside] = [world.copyOfBase(), world.newPlace()]
    fs.rmSync(join(rootfs, name), { recursive: true })
    fs.symlinkSync({ proc: outside, dev: '../../../../../../tmp', sys: '/no/such' }[name], join(rootfs, name))
    const before = [fs.readFileSync('/proc/self/mountinfo', 'utf8'), fs.readdirSync(outside)]
    const { signal } = play(world, encode(stepsOf(rootfs, 'true')))
    assert.equal(signal, null)
    assert.deepEqual([fs.readFileSync('/proc/self/mountinfo', 'utf8'), fs.readdirSync(outside)], before)
  })

test('a step that the kernel refuses is named with its error when no Node is there to be told', options, async () => {
  await using world = new World()
  const steps = planned(box('chdir', ['/no/such/directory'], ''), box('execvpe', ['true', ['true'], []], ''))
  assert.deepEqual(play(world, encode(steps)), {
    status: 125,
    signal: null,
    text: 'launch: step 1, chdir: No such file or directory\n',
  })
})

test(
  'the exit status is the command’s own, and 128 + n for a signal, when a plan is played from a file',
  options,
  async () => {
    await using world = new World()
    const status = (script: string): number | null =>
      play(world, encode(stepsOf(world.base(), 'sh', '-c', script))).status
    assert.deepEqual([status('exit 0'), status('exit 7')], [0, 7])
    const alone = planned(box('execvpe', ['sh', ['sh', '-c', 'kill -TERM $$'], ['PATH=/usr/bin:/bin']], ''))
    assert.equal(play(world, encode(alone)).status, 143)
  },
)
