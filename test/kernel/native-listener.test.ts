/** The descriptor of a filter, on its way to whoever answers for it: seccomp_unotify(2). */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileSeccomp } from '../../src/box/seccomp-filter.ts'
import { PR_SET_NO_NEW_PRIVS } from '../../src/kernel/constants.ts'
import { ARCHITECTURE, SYSCALLS } from '../../src/kernel/syscalls.ts'
import type { Seccomp } from '../../src/oci/seccomp.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, BOX, host, type Draft } from '../../src/plan/plan.ts'
import { planned, play, skipWithoutLauncher } from './native-world.ts'
import { listen, skipWithoutCompiler } from './listening.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutLauncher || skipWithoutCompiler }

const ask = (...names: string[]): Seccomp => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }],
})

const steps = (path: string, state: string, profile: Seccomp, script: string): Draft[] => [
  host('connect', [3, path], ''),
  host('memfd_create', [7, state], ''),
  box('prctl', [PR_SET_NO_NEW_PRIVS, 1, 0], ''),
  box('seccomp_listener', [0, compileSeccomp(profile).toString('hex'), 3, 7], ''),
  box('execvpe', ['sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin']], ''),
]

test(
  'a listener gets the descriptor and what it is told, and its answer is the call’s, when a filter asks',
  options,
  async () => {
    await using world = new World()
    using server = await listen(world, 1)
    const profile = ask('mkdir', 'mkdirat')
    const state = `{"pid":${BOX},"metadata":"${'x'.repeat(3000)}"}`
    const { text } = play(
      world,
      encode(planned(...steps(server.path, state, profile, 'mkdir /tmp/never; ls -l /proc/$$/fd'))),
    )
    assert.match(text, /mkdir.*not empty/i)
    assert.doesNotMatch(text, /seccomp| [3-9] ->/)
    const [told = '', number] = await server.ended()
    assert.match(told, /^\{"pid":\d+,"metadata":"x{3000}"\}$/)
    assert.ok([SYSCALLS[ARCHITECTURE].get('mkdir'), SYSCALLS[ARCHITECTURE].get('mkdirat')].includes(Number(number)))
  },
)

test(
  'a listener gets the descriptor even when the filter asks about every call by which it could be sent',
  options,
  async () => {
    await using world = new World()
    const calls = [
      'sendmsg',
      'sendto',
      'write',
      'close',
      'futex',
      'exit',
      'clone',
      'nanosleep',
      'sched_yield',
      'munmap',
    ]
    using server = await listen(world, 1)
    const { text } = play(world, encode(planned(...steps(server.path, '{}', ask(...calls), 'exit 0'))))
    const [told] = await server.ended()
    assert.equal(told, '{}', text)
  },
)

test(
  'the descriptor is sent when there is one processor, and the process gives it to nobody by itself',
  options,
  async () => {
    await using world = new World()
    using server = await listen(world, 0)
    const alone = [box('sched_setaffinity', ['0', [0]], ''), box('sched_setattr', ['0', 1, 0, 0, 1, 0, 0, 0], '')]
    const drafts = steps(server.path, '{}', ask('mkdir'), 'exit 7')
    assert.equal(play(world, encode(planned(...drafts.slice(0, 2), ...alone, ...drafts.slice(2)))).status, 7)
    assert.deepEqual(await server.ended(), ['{}'])
  },
)

test('a plan fails, and its command is not started, when nobody listens any more', options, async () => {
  await using world = new World()
  const path = join(world.directory, 'nobody')
  const made = join(world.directory, 'made')
  assert.match(
    play(world, encode(planned(...steps(path, '', ask('mkdir'), `: >${made}`)))).text,
    /step 1, connect: No such/,
  )
  using server = await listen(world, 0)
  server[Symbol.dispose]()
  await server.ended()
  const { text } = play(world, encode(planned(...steps(server.path, '{}', ask('mkdir'), `: >${made}`))))
  assert.match(text, /step 1, connect: Connection refused/)
  assert.equal(fs.existsSync(made), false)
})

const WRONG: Record<string, { args: [number, string, number, number]; because: RegExp }> = {
  'its socket is no slot': { args: [0, '', 9, 7], because: /seccomp_listener: Bad file/ },
  'its state is no slot': { args: [0, '', 3, 9], because: /seccomp_listener: Bad file/ },
  'its filter is none': { args: [0, 'ff', 3, 7], because: /seccomp_listener: Invalid/ },
  'its flags are none': { args: [1 << 20, '0600000000000000', 3, 7], because: /seccomp_listener: Invalid/ },
}

for (const [what, { args, because }] of Object.entries(WRONG))
  test(`the launcher names the step of a filter with a listener when ${what}`, options, async () => {
    await using world = new World()
    using server = await listen(world, 0)
    const wrong = box('seccomp_listener', args, '')
    const drafts = steps(server.path, '{}', ask('mkdir'), 'exit 0').map((draft) =>
      draft.call === wrong.call ? wrong : draft,
    )
    assert.match(play(world, encode(planned(...drafts))).text, because)
  })
