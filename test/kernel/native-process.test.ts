/** What the launcher makes of a process, seen from outside: in /proc, by ionice(1), chrt(1) and taskset(1). */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as kernel from '../../src/kernel/constants.ts'
import { IO_CLASSES, MEMORY_MODES, PERSONALITIES, POLICIES } from '../../src/oci/scheduling.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, BOX, host, type Draft } from '../../src/plan/plan.ts'
import { lookAt, planned, play, skipWithoutLauncher } from './native-world.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutLauncher }

const shell = (script: string): Draft => box('execvpe', ['sh', ['sh', '-c', script], ['PATH=/usr/bin:/bin']], '')
const { IOPRIO_WHO_PROCESS, IOPRIO_CLASS_SHIFT } = kernel

const said = (program: string, ...args: string[]): string => spawnSync(program, args, { encoding: 'utf8' }).stdout
const MOST = 2 ** 48

const SEEN: Record<string, { steps: Draft[]; look: (pid: number) => unknown; is: unknown }> = {
  'a class and a priority for disks': {
    steps: [box('ioprio_set', [IOPRIO_WHO_PROCESS, '0', (IO_CLASSES.IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT) | 6], '')],
    look: (pid) => said('ionice', '-p', String(pid)),
    is: 'best-effort: prio 6\n',
  },
  'the same from outside': {
    steps: [host('ioprio_set', [IOPRIO_WHO_PROCESS, BOX, IO_CLASSES.IOPRIO_CLASS_IDLE << IOPRIO_CLASS_SHIFT], '')],
    look: (pid) => said('ionice', '-p', String(pid)),
    is: 'idle\n',
  },
  'another scheduler, and a niceness': {
    steps: [box('sched_setattr', ['0', POLICIES.SCHED_BATCH, 0, 7, 0, 0, 0, 0], '')],
    look: (pid) => [/policy: (\w+)/.exec(said('chrt', '-p', String(pid)))?.[1], niceOf(pid)],
    is: ['SCHED_BATCH', 7],
  },
  'a scheduler of deadlines, from outside': {
    steps: [host('sched_setattr', [BOX, POLICIES.SCHED_DEADLINE, 1, 0, 0, 1_000_000, 10_000_000, 20_000_000n], '')],
    look: (pid) => said('chrt', '-p', String(pid)).match(/SCHED_\w+|\d+\/\d+\/\d+/g),
    is: ['SCHED_DEADLINE', 'SCHED_RESET_ON_FORK', '1000000/10000000/20000000'],
  },
  'a real-time scheduler, which its children have not': {
    steps: [box('sched_setattr', ['0', POLICIES.SCHED_FIFO, 1, 0, 3, 0, 0, 0], '')],
    look: (pid) => said('chrt', '-p', String(pid)).match(/SCHED_\w+|priority: \d+/g),
    is: ['SCHED_FIFO', 'SCHED_RESET_ON_FORK', 'priority: 3'],
  },
  'one processor': {
    steps: [box('sched_setaffinity', ['0', [0]], '')],
    look: (pid) => statusOf(pid, 'Cpus_allowed_list'),
    is: '0',
  },
  'the persona of a machine of 32 bits': {
    steps: [box('personality', [PERSONALITIES.LINUX32], '')],
    look: (pid) => fs.readFileSync(`/proc/${pid}/personality`, 'utf8'),
    is: '00000008\n',
  },
  'limits of 64 bits, exactly': {
    steps: [
      box('setrlimit', [kernel.RLIMIT_FSIZE, 2n ** 53n + 1n, 2n ** 63n + 1n], ''),
      host('prlimit', [BOX, kernel.RLIMIT_CORE, MOST, -1], ''),
    ],
    look: (pid) => [limitOf(pid, 'Max file size'), limitOf(pid, 'Max core file size')],
    is: [
      ['9007199254740993', '9223372036854775809'],
      [String(MOST), 'unlimited'],
    ],
  },
}

for (const [what, { steps, look, is }] of Object.entries(SEEN))
  test(`a process has ${what} when its plan says so`, options, () =>
    lookAt(steps, (pid) => assert.deepEqual(look(pid), is)),
  )

const niceOf = (pid: number): number =>
  Number(fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[16])
const limitOf = (pid: number, name: string): string[] =>
  fs
    .readFileSync(`/proc/${pid}/limits`, 'utf8')
    .split('\n')
    .find((line) => line.startsWith(name))
    ?.slice(name.length)
    .trim()
    .split(/\s+/)
    .slice(0, 2) ?? []
const statusOf = (pid: number, name: string): string | undefined =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

test('a process has the memory of the nodes that its plan names', options, async () => {
  await lookAt([box('set_mempolicy', [MEMORY_MODES.MPOL_BIND, [0]], '')], (pid) => {
    assert.match(fs.readFileSync(`/proc/${pid}/numa_maps`, 'utf8'), /^[0-9a-f]+ bind:0 /m)
  })
})

test('the command’s files have the mode that umask leaves, and the plan’s the mode that it says', options, async () => {
  await using world = new World()
  const [made, file] = ['made', 'file'].map((name) => join(world.directory, name)) as [string, string]
  const steps = planned(box('umask', [0o27], ''), box('mkdir', [made, 0o777], ''), shell(`umask; : > ${file}`))
  assert.equal(play(world, encode(steps)).text, '0027\n')
  assert.deepEqual(
    [made, file].map((path) => fs.statSync(path).mode & 0o777),
    [0o777, 0o640],
  )
})

const REFUSED: Record<string, { step: Draft; because: RegExp }> = {
  'a processor is none': { step: box('sched_setaffinity', ['0', [8192]], ''), because: /sched_setaffinity: Invalid/ },
  'no processor is named': { step: box('sched_setaffinity', ['0', []], ''), because: /sched_setaffinity: Invalid/ },
  'a node is none': { step: box('set_mempolicy', [2, [900]], ''), because: /set_mempolicy: Invalid/ },
  'a process is named by a word': { step: box('ioprio_set', [1, 'me', 0], ''), because: /ioprio_set: Invalid/ },
  'a process is named by too large a number': {
    step: host('prlimit', ['99999999999', 7, 1, 1], ''),
    because: /prlimit: Invalid/,
  },
  'a scheduler is none': { step: box('sched_setattr', ['0', 77, 0, 0, 0, 0, 0, 0], ''), because: /setattr: Invalid/ },
}

for (const [what, { step, because }] of Object.entries(REFUSED))
  test(`the launcher names the step when ${what}`, options, async () => {
    await using world = new World()
    assert.match(play(world, encode(planned(step, shell('true')))).text, because)
  })
