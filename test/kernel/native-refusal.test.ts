/** Plans that the launcher refuses before anything of them is played: what they would change is the host, for want of something. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as kernel from '../../src/kernel/constants.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, host, type Draft } from '../../src/plan/plan.ts'
import { planned, play, skipWithoutLauncher } from './native-world.ts'
import { World } from './world.ts'

const { CLONE_NEWNS } = kernel
const options = { skip: skipWithoutLauncher }
const run = box('execvpe', ['true', ['true'], []], 'the command')
const HARMFUL: Record<string, { steps: Draft[]; because: RegExp }> = {
  'it mounts in the host’s mount namespace': {
    steps: [box('mount', ['none', '/nowhere', 'tmpfs', 0, ''], ''), run],
    because: /an unshare is missing/,
  },
  'it unmounts there': { steps: [box('umount2', ['/nowhere', 0], ''), run], because: /an unshare is missing/ },
  'it pivots there': { steps: [box('pivot_root', ['/nowhere', '/'], ''), run], because: /an unshare is missing/ },
  'it names the host': {
    steps: [box('unshare', [CLONE_NEWNS], ''), box('sethostname', ['nowhere'], ''), run],
    because: /an unshare is missing/,
  },
  'it mounts though its unshare may fail': {
    steps: [
      box('unshare', [CLONE_NEWNS], '', { fine: ['EPERM'] }),
      box('mount', ['none', '/nowhere', 'tmpfs', 0, ''], ''),
      run,
    ],
    because: /an unshare is missing/,
  },
  'it joins a namespace of any kind, and mounts': {
    steps: [box('setns', ['/proc/self/ns/uts', 0], ''), box('mount', ['none', '/nowhere', 'tmpfs', 0, ''], ''), run],
    because: /an unshare is missing/,
  },
  'it sets a machine’s setting, and asks for what no flag gives': {
    steps: [box('unshare', [-1], ''), box('write', ['/proc/sys/kernel/core_pattern', '|/x'], ''), run],
    because: /an unshare is missing/,
  },
  'it sets a name in the host’s UTS namespace': {
    steps: [box('unshare', [CLONE_NEWNS], ''), box('write', ['/proc/sys/kernel/domainname', 'x'], ''), run],
    because: /an unshare is missing/,
  },
  'it sets up the host’s network': {
    steps: [box('unshare', [CLONE_NEWNS], ''), box('netlink', [0, '', 0], ''), run],
    because: /an unshare is missing/,
  },
  'it opens a mount of the host’s itself, and no copy': {
    steps: [
      host('open_tree', [0, '/', 0], ''),
      host('mount_setattr', [0, 0, kernel.MOUNT_ATTR_RDONLY, 0, ''], ''),
      run,
    ],
    because: /an unshare is missing/,
  },
  'the box opens a mount of the host’s itself': {
    steps: [box('open_tree', [0, '/', 0], ''), box('mount_setattr', [0, 0, kernel.MOUNT_ATTR_RDONLY, 0, ''], ''), run],
    because: /an unshare is missing/,
  },
  'it asks for somebody to play a step, and nobody listens': {
    steps: [host('ask', ['cni', '{}'], ''), run],
    because: /only boxwright can play/,
  },
  'it has more steps than there may be': {
    steps: [...Array.from({ length: 16_384 }, () => box('chdir', ['/'], '')), run],
    because: /too many/,
  },
  'it mounts in the host lane': {
    steps: [host('unshare', [CLONE_NEWNS], ''), host('mount', ['none', '/nowhere', 'tmpfs', 0, ''], ''), run],
    because: /not known in its lane/,
  },
  'it never becomes a command': { steps: [box('chdir', ['/'], '')], because: /become the command/ },
  'it becomes two': { steps: [run, run], because: /become the command/ },
  'it has no steps': { steps: [], because: /no steps/ },
}

for (const [what, { steps, because }] of Object.entries(HARMFUL))
  test(`the launcher refuses a plan when ${what}`, options, async () => {
    await using world = new World()
    const { status, text } = play(world, encode(planned(...steps)))
    assert.equal(status, 125)
    assert.match(text, because)
  })

test('a plan of as many steps as there may be is played to its end', options, async () => {
  await using world = new World()
  const steps = planned(...Array.from({ length: 4095 }, () => box('chdir', ['/'], '')), run)
  assert.equal(play(world, encode(steps)).status, 0)
})

/** What is wrong with these shows only when they are played. */
const FAILING: Record<string, { steps: Draft[]; because: RegExp }> = {
  'a slot is beyond the last': {
    steps: [host('open_tree', [64, '/', kernel.OPEN_TREE_CLONE], '')],
    because: /step 1, open_tree: Bad file/,
  },
  'a slot is used twice': {
    steps: [
      host('open_tree', [5, '/', kernel.OPEN_TREE_CLONE], ''),
      host('open_tree', [5, '/', kernel.OPEN_TREE_CLONE], ''),
    ],
    because: /step 2, open_tree: Bad file/,
  },
  'a slot has nothing in it': { steps: [box('fchdir', [7], '')], because: /step 1, fchdir: Bad file/ },
  'a namespace is asked for after the birth': {
    steps: [box('chdir', ['/'], ''), host('unshare', [CLONE_NEWNS], '')],
    because: /step 2, unshare: Invalid argument/,
  },
  'a birth is wished for in two cgroups': {
    steps: [host('clone_into_cgroup', ['/'], ''), host('clone_into_cgroup', ['/'], '')],
    because: /step 2, clone_into_cgroup: Invalid argument/,
  },
  'a birth is wished for in what is no cgroup': {
    steps: [host('clone_into_cgroup', ['/'], '')],
    because: /step 1, clone_into_cgroup: /,
  },
  'a pipe in the image has no reader': {
    steps: [box('mknod', ['/tmp/{box}pipe', 0o010600, 0], ''), box('write', ['/tmp/{box}pipe', 'x'], '')],
    because: /step 2, write: No such device/,
  },
  'a message is longer than it is': {
    steps: [host('netlink', [0, 'ff'.repeat(20), 0], '')],
    because: /step 1, netlink: Bad message/,
  },
}

for (const [what, { steps, because }] of Object.entries(FAILING))
  test(`the launcher names the step, and ends by no signal, when ${what}`, options, async () => {
    await using world = new World()
    const { status, signal, text } = play(world, encode(planned(...steps, run)))
    fs.rmSync('/tmp/{box}pipe', { force: true })
    assert.deepEqual([status, signal], [125, null], text)
    assert.match(text, because)
  })

test('every token becomes the box’s number when a text has many, and a list has some', options, async () => {
  await using world = new World()
  const [text, list] = ['text', 'list'].map((name) => join(world.newPlace(), name)) as [string, string]
  for (const file of [text, list]) fs.writeFileSync(file, '')
  const many = `${'{box}'.repeat(100_000)}{box`
  const script = ['sh', '-c', `echo "$*" >${list}`, 'sh', '{box}-{box}', 'no']
  const steps = planned(
    box('chdir', ['/'], ''),
    host('write', [text, many], ''),
    host('run', ['/bin/sh', script, [], '', 0], ''),
    run,
  )
  assert.deepEqual(play(world, encode(steps)), { status: 0, signal: null, text: '' })
  const [, number] = /^(\d+)-\1 no\n$/.exec(fs.readFileSync(list, 'utf8')) ?? []
  assert.ok(number !== undefined)
  assert.equal(fs.readFileSync(text, 'utf8'), `${number.repeat(100_000)}{box`)
})

test('options that are none are refused', options, async () => {
  await using world = new World()
  for (const words of [['-r', 'x'], ['-r', '-1'], ['-r', '99999999999'], ['-p', ''], ['-x']])
    assert.match(play(world, encode(planned(run)), { options: words }).text, /Usage/)
  assert.match(play(world, encode(planned(run)), { options: ['-r', '77'] }).text, /Bad file/)
})
