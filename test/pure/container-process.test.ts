/** The walls of a container that are about its process, as tables: a config.json and what its maker may in, steps out, or the field that cannot be. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerProcess } from '../../src/box/container/process.ts'
import { hardLimits } from '../../src/kernel/self.ts'
import { inUsers, NONE, testCases, without, type Fields } from './container-cases.ts'
import { machines } from './machines.ts'

const limit = (type: string, soft: number | bigint | string, hard: number | bigint | string): Fields => ({
  rlimits: [{ type, soft: BigInt(soft), hard: BigInt(hard) }],
})
testCases({
  'a score is the one that we have ourselves': { wall: containerProcess, process: { oomScoreAdj: 0 }, steps: [] },
  'a score is above ours': {
    wall: containerProcess,
    process: { oomScoreAdj: 500 },
    self: without('CAP_SYS_RESOURCE'),
    steps: ['host write(/proc/{box}/oom_score_adj, 500)'],
  },
  'a score is below ours, and nobody may': {
    wall: containerProcess,
    process: { oomScoreAdj: -5 },
    self: without('CAP_SYS_RESOURCE'),
    steps: /^process\.oomScoreAdj is -5, less than our own: that takes CAP_SYS_RESOURCE, which this machine does not/,
  },
  'a score is below ours, in a user namespace of which we are root': {
    wall: containerProcess,
    process: { oomScoreAdj: -5 },
    machine: { ...machines.v2, users: { namespaced: true, count: 1, pieces: [1] } },
    steps: /which does not count in a user namespace\n {2}Leave it out/,
  },
  'a limit is none': {
    wall: containerProcess,
    process: limit('RLIMIT_AS', 2n ** 64n - 1n, 2n ** 64n - 1n),
    steps: ['box setrlimit(RLIMIT_AS, -1, -1)'],
  },
  'a limit is no number that is exact': {
    wall: containerProcess,
    process: limit('RLIMIT_FSIZE', 2n ** 53n + 1n, 2n ** 62n + 1n),
    steps: ['box setrlimit(RLIMIT_FSIZE, 9007199254740993, 4611686018427387905)'],
  },
  'a limit is above ours, and we may': {
    wall: containerProcess,
    process: limit('RLIMIT_NOFILE', 10, 2000),
    self: { limits: NONE.with(7, 1024n) },
    steps: ['box setrlimit(RLIMIT_NOFILE, 10, 2000)'],
  },
  'a limit is above ours, in a user namespace': {
    wall: containerProcess,
    process: limit('RLIMIT_NOFILE', 10, 2000),
    linux: inUsers,
    self: { limits: NONE.with(7, 1024n) },
    steps: ['host prlimit({box}, RLIMIT_NOFILE, 10, 2000)'],
  },
  'a limit is above ours, and nobody may': {
    wall: containerProcess,
    process: limit('RLIMIT_NOFILE', 10, 2000),
    self: { ...without('CAP_SYS_RESOURCE'), limits: NONE.with(7, 1024n) },
    steps: /^process\.rlimits\[0\]\.hard is 2000 for RLIMIT_NOFILE, and ours is 1024: that takes CAP_SYS_RESOURCE/,
  },
  'a limit is none, and ours is one': {
    wall: containerProcess,
    process: limit('RLIMIT_NOFILE', 10, 2n ** 64n - 1n),
    self: { ...without('CAP_SYS_RESOURCE'), limits: NONE.with(7, 1024n) },
    steps: /hard is no limit for RLIMIT_NOFILE, and ours is 1024/,
  },
  'a scheduler of deadlines': {
    wall: containerProcess,
    process: {
      scheduler: {
        policy: 'SCHED_DEADLINE',
        flags: ['SCHED_FLAG_RESET_ON_FORK', 'SCHED_FLAG_RECLAIM'],
        runtime: 10n,
        deadline: 2n ** 60n + 1n,
        period: 2n ** 60n + 1n,
      },
    },
    steps: [
      'box sched_setattr(0, SCHED_DEADLINE, SCHED_FLAG_RESET_ON_FORK|SCHED_FLAG_RECLAIM, 0, 0, 10, 1152921504606846977, 1152921504606846977)',
    ],
  },
  'a scheduler and a disk’s priority, in a user namespace': {
    wall: containerProcess,
    process: { scheduler: { policy: 'SCHED_RR', priority: 4 }, ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 3 } },
    linux: inUsers,
    steps: [
      'host sched_setattr({box}, SCHED_RR, 0, 0, 4, 0, 0, 0)',
      'host ioprio_set(IOPRIO_WHO_PROCESS, {box}, IOPRIO_CLASS_RT 3)',
    ],
  },
  'a niceness that nobody may give': {
    wall: containerProcess,
    process: { scheduler: { policy: 'SCHED_OTHER', nice: -5 } },
    self: { ...without('CAP_SYS_NICE'), limits: NONE.with(13, 24n) },
    steps: /^process\.scheduler\.nice is -5: that takes CAP_SYS_NICE/,
  },
  'a niceness that a limit lets': {
    wall: containerProcess,
    process: { scheduler: { policy: 'SCHED_OTHER', nice: -5 } },
    self: { ...without('CAP_SYS_NICE'), limits: NONE.with(13, 25n) },
    steps: ['box sched_setattr(0, SCHED_OTHER, 0, -5, 0, 0, 0, 0)'],
  },
  'a real-time scheduler that nobody may give': {
    wall: containerProcess,
    process: { scheduler: { policy: 'SCHED_FIFO', priority: 1 } },
    self: { ...without('CAP_SYS_NICE'), limits: NONE.with(14, 0n) },
    steps: /^process\.scheduler\.policy is SCHED_FIFO: that takes CAP_SYS_NICE/,
  },
  'a disk’s priority that nobody may give': {
    wall: containerProcess,
    process: { ioPriority: { class: 'IOPRIO_CLASS_RT', priority: 3 } },
    self: without('CAP_SYS_NICE', 'CAP_SYS_ADMIN'),
    steps: /^process\.ioPriority\.class is IOPRIO_CLASS_RT: that takes CAP_SYS_NICE or CAP_SYS_ADMIN/,
  },
  'a persona, and memory of nodes': {
    wall: containerProcess,
    linux: {
      personality: { domain: 'LINUX32' },
      memoryPolicy: { mode: 'MPOL_BIND', nodes: '0-1,3', flags: ['MPOL_F_STATIC_NODES'] },
    },
    steps: ['box personality(0x8)', 'box set_mempolicy(MPOL_BIND|MPOL_F_STATIC_NODES, [0, 1, 3])'],
  },
  'memory of a node that is not there': {
    wall: containerProcess,
    linux: { memoryPolicy: { mode: 'MPOL_BIND', nodes: '0-2' } },
    steps: /^linux\.memoryPolicy\.nodes has 2 in it, and this machine has 0-1,3/,
  },
})

test('hardLimits reads the third column when it is a number, or none', () => {
  const row = (name: string, soft: string, hard: string): string =>
    `${name.padEnd(25)} ${soft.padEnd(20)} ${hard.padEnd(20)} units     \n`
  const table =
    row('Limit', 'Soft Limit', 'Hard Limit') +
    row('Max cpu time', '7', 'unlimited') +
    row('Max realtime timeout', '1', '18446744073709551614')
  assert.deepEqual(hardLimits(table), [-1n, 18446744073709551614n])
})
