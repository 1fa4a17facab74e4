/** The other walls of a container's process, as tables: who it is, what it may, and what moves in with it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerProcess } from '../../src/box/container/process.ts'
import { containerRights, lastFilter } from '../../src/box/container/rights.ts'
import { containerSysctls } from '../../src/box/container/sysctls.ts'
import { execAffinity } from '../../src/box/container/exec-affinity.ts'
import { intelRdt, joinRdt } from '../../src/box/container/intel-rdt.ts'
import { netDevices } from '../../src/box/container/net-devices.ts'
import { CAPABILITIES } from '../../src/kernel/capabilities.ts'
import { inOwnUser, steps, testCases, without, type Fields } from './container-cases.ts'

const CAPS = ['CAP_KILL', 'CAP_SYS_RESOURCE'] as const
const sets = (sets: Fields): Fields => ({ capabilities: sets })
const caps = (names: readonly string[]): Fields => sets({ bounding: names, permitted: names, effective: names })

testCases({
  'a process that is to have no rights': {
    wall: containerRights,
    steps: [
      'box capbset(0x0)',
      'box setgroups([])',
      'box setgid(0)',
      'box setuid(0)',
      'box capset(0x0, 0x0, 0x0)',
      'box umask(022)',
    ],
  },
  'another user with groups, rights and a mask': {
    wall: containerRights,
    process: {
      user: { uid: 5, gid: 6, additionalGids: [7, 8], umask: 0o77 },
      noNewPrivileges: true,
      ...sets({ bounding: ['CAP_KILL'], permitted: ['CAP_KILL'], inheritable: ['CAP_KILL'], ambient: ['CAP_KILL'] }),
    },
    steps: [
      'box capbset(0x20)',
      'box prctl(PR_SET_KEEPCAPS, 1, 0)',
      'box setgroups([7, 8])',
      'box setgid(6)',
      'box setuid(5)',
      'box capset(0x0, 0x20, 0x20)',
      'box prctl(PR_CAP_AMBIENT, 2, 5)',
      'box prctl(PR_SET_NO_NEW_PRIVS, 1, 0)',
      'box umask(077)',
    ],
  },
  'a right that nobody can give': {
    wall: containerRights,
    process: caps(CAPS),
    self: without('CAP_SYS_RESOURCE'),
    steps: [
      'box capbset(0x20)',
      'box setgroups([])',
      'box setgid(0)',
      'box setuid(0)',
      'box capset(0x20, 0x20, 0x0)',
      'box umask(022)',
    ],
  },
  'a right in the bounding set alone that nobody can give': {
    wall: containerRights,
    process: sets({ bounding: CAPS }),
    self: without('CAP_SYS_RESOURCE'),
    steps: [
      'box capbset(0x20)',
      'box setgroups([])',
      'box setgid(0)',
      'box setuid(0)',
      'box capset(0x0, 0x0, 0x0)',
      'box umask(022)',
    ],
  },
  'rights in force that are not permitted': {
    wall: containerRights,
    process: sets({ bounding: CAPS, effective: CAPS, permitted: ['CAP_KILL'] }),
    steps: /^process\.capabilities\.effective has CAP_SYS_RESOURCE in it, and permitted does not/,
  },
  'rights to inherit that are out of bounds': {
    wall: containerRights,
    process: sets({ inheritable: ['CAP_KILL'] }),
    steps: /^process\.capabilities\.inheritable has CAP_KILL in it, and bounding does not/,
  },
  'groups where nobody may change them': {
    wall: containerRights,
    process: { user: { uid: 0, gid: 0, additionalGids: [0] } },
    linux: inOwnUser,
    self: without('CAP_SYS_ADMIN'),
    steps: /^process\.user\.additionalGids is \[0\], and in a user namespace with one group of its own nobody/,
  },
  'no groups where nobody may change them': {
    wall: containerRights,
    linux: inOwnUser,
    self: without('CAP_SYS_ADMIN'),
    steps: ['box capbset(0x0)', 'box setgid(0)', 'box setuid(0)', 'box capset(0x0, 0x0, 0x0)', 'box umask(022)'],
  },
  'a dotted name with an interface’s slash': {
    wall: () => containerSysctls,
    linux: { sysctl: { 'net.ipv4.conf.eth0/7.rp_filter': '1' } },
    steps: ['box write(/proc/sys/net/ipv4/conf/eth0.7/rp_filter, 1)'],
  },
  'a name with slashes': {
    wall: () => containerSysctls,
    linux: { sysctl: { 'net/ipv4/conf/eth0.7/rp_filter': '1', 'kernel/shm_rmid_forced': '0' } },
    steps: ['box write(/proc/sys/net/ipv4/conf/eth0.7/rp_filter, 1)', 'box write(/proc/sys/kernel/shm_rmid_forced, 0)'],
  },
  'interfaces move in': {
    wall: netDevices,
    linux: { netDevices: { eth1: {}, eth2: { name: 'lan' } } },
    steps: ['host move_link(eth1, /proc/{box}/ns/net, eth1)', 'host move_link(eth2, /proc/{box}/ns/net, lan)'],
  },
  'interfaces move in under one name': {
    wall: netDevices,
    linux: { netDevices: { eth1: {}, eth2: { name: 'eth1' } } },
    steps: /^linux\.netDevices\.eth2 would be called "eth1", as another one is/,
  },
  'interfaces move in, and nobody may move them': {
    wall: netDevices,
    linux: { netDevices: { eth1: {} } },
    self: without('CAP_NET_ADMIN'),
    steps: /^linux\.netDevices takes interfaces out of our network: that takes CAP_NET_ADMIN/,
  },
  'shares of caches where there are none': {
    wall: intelRdt,
    linux: { intelRdt: { closID: 'x' } },
    steps: /^linux\.intelRdt is there, and \/sys\/fs\/resctrl is not/,
  },
  'a class that is made, and counted': {
    wall: intelRdt,
    linux: {
      intelRdt: {
        l3CacheSchema: 'L3:0=f\nMB:0=9',
        memBwSchema: 'MB:0=20',
        schemata: ['L2:0=3'],
        enableMonitoring: true,
      },
    },
    self: { resctrl: {} },
    steps: [
      'host mkdir(/sys/fs/resctrl/c1, 0755) undo rmdir(/sys/fs/resctrl/c1) fine ENOENT',
      'host write(/sys/fs/resctrl/c1/schemata, "L3:0=f\\nMB:0=20\\n")',
      'host write(/sys/fs/resctrl/c1/schemata, "L2:0=3\\n")',
      'host write(/sys/fs/resctrl/c1/tasks, {box})',
      'host mkdir(/sys/fs/resctrl/c1/mon_groups/c1, 0755) undo rmdir(/sys/fs/resctrl/c1/mon_groups/c1) fine ENOENT',
      'host write(/sys/fs/resctrl/c1/mon_groups/c1/tasks, {box})',
    ],
  },
  'a class that is there': {
    wall: intelRdt,
    linux: { intelRdt: { closID: 'gold', l3CacheSchema: 'L3:0=F' } },
    self: { resctrl: { gold: '    MB:0=100\n    L3:0=00f\n' } },
    steps: ['host write(/sys/fs/resctrl/gold/schemata, "L3:0=F\\n")', 'host write(/sys/fs/resctrl/gold/tasks, {box})'],
  },
  'a class that is there and says otherwise': {
    wall: intelRdt,
    linux: { intelRdt: { closID: 'gold', l3CacheSchema: 'L3:0=1' } },
    self: { resctrl: { gold: 'L3:0=00f\n' } },
    steps: /^linux\.intelRdt\.closID is "gold", whose schemata do not say "L3:0=1"/,
  },
  'a class that is not there, and nothing to make it of': {
    wall: intelRdt,
    linux: { intelRdt: { closID: 'gold' } },
    self: { resctrl: {} },
    steps: /^linux\.intelRdt\.closID is "gold", and there is no class of that name to join/,
  },
  'a later command’s class': {
    wall: joinRdt,
    linux: { intelRdt: { closID: 'gold' } },
    steps: ['host write(/sys/fs/resctrl/gold/tasks, {box})'],
  },
  'a later command’s processors': {
    wall: () => execAffinity,
    process: { execCPUAffinity: { initial: '0-1, 4', final: '7' } },
    steps: ['host sched_setaffinity(0, [0, 1, 4])', 'box sched_setaffinity(0, [7])'],
  },
})

const SETTINGS: [key: string, message: RegExp][] = [
  ['kernel.core_pattern', /^linux\.sysctl\["kernel\.core_pattern"\] would be set for the whole machine/],
  ['kernel/core_pattern', /would be set for the whole machine/],
  ['kernel.hostname', /is what the field hostname is for/],
  ['kernel.domainname', /belongs to the uts namespace, and the container has the one/],
  ['net/ipv4/../../kernel/core_pattern', /is not the name of a setting/],
  ['net.ipv4.//.forwarding', /is not the name of a setting/],
  ['net/ipv4/../x', /is not the name of a setting/],
  ['net..ipv4', /is not the name of a setting/],
  ['net', /is not the name of a setting/],
  ['net.\nx', /is not the name of a setting/],
]
for (const [key, message] of SETTINGS)
  test(`CVE-2025-52881: a container is refused when its sysctl is ${JSON.stringify(key)}`, () =>
    assert.throws(() => steps({ wall: () => containerSysctls, linux: { sysctl: { [key]: '1' } } }), { message }))

const REFUSING = {
  defaultAction: 'SCMP_ACT_ERRNO',
  flags: ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],
}
const ASKING = {
  defaultAction: 'SCMP_ACT_ALLOW',
  flags: ['SECCOMP_FILTER_FLAG_TSYNC', 'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'],
  listenerPath: '/run/agent',
  listenerMetadata: '{box}"',
  syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' }],
}
const sizeless = (all: string[]): string[] => all.map((step) => step.replace(/\d+ bytes/, 'bytes'))

test('a filter comes before rights go when the process may gain new ones, and last when it may not', () => {
  const linux = { seccomp: REFUSING }
  const [early, late] = [false, true].map((noNewPrivileges) => ({ process: { noNewPrivileges }, linux }))
  assert.equal(sizeless(steps({ wall: containerRights, ...early }))[0], 'box seccomp(2, bytes)')
  assert.deepEqual(steps({ wall: () => lastFilter, ...early }), [])
  assert.doesNotMatch(steps({ wall: containerRights, ...late }).join('\n'), /seccomp/)
  assert.deepEqual(sizeless(steps({ wall: () => lastFilter, ...late })), ['box seccomp(2, bytes)'])
})

test('whoever is asked by a filter is told of the container, whatever its metadata say', () => {
  const asked = { process: { noNewPrivileges: true }, linux: { seccomp: ASKING } }
  const [connect, memfd = ''] = steps({ wall: containerProcess, ...asked })
  assert.equal(connect, 'host connect(#52, /run/agent)')
  const state = JSON.parse(memfd.slice('host memfd_create(#53, '.length, -1).replaceAll('{box}', '4711')) as Fields
  assert.deepEqual(state, {
    ociVersion: '1.3.0',
    fds: ['seccompFd'],
    pid: 4711,
    metadata: '{box}"',
    state: { ociVersion: '1.3.0', id: 'c1', status: 'creating', pid: 4711, bundle: '/b', annotations: {} },
  })
  assert.deepEqual(sizeless(steps({ wall: () => lastFilter, ...asked })), ['box seccomp_listener(32, bytes, #52, #53)'])
})

test('a container has every capability of its machine when all are asked for', () => {
  assert.equal(steps({ wall: containerRights, process: caps(CAPABILITIES) })[0], 'box capbset(0x1ffffffffff)')
})
