/** The walls of lesson 8 as tables: a specification and a machine in, steps out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceAccess } from '../../src/box/device-access.ts'
import { keyring } from '../../src/box/keyring.ts'
import { labels } from '../../src/box/labels.ts'
import { landlock } from '../../src/box/landlock.ts'
import { paths } from '../../src/box/paths.ts'
import { rights } from '../../src/box/rights.ts'
import { rlimits } from '../../src/box/rlimits.ts'
import { sysctls } from '../../src/box/sysctls.ts'
import type { Machine } from '../../src/kernel/machine.ts'
import { HIDDEN, landlockOf, READ_ONLY } from '../../src/kernel/security.ts'
import { defaultSpec, type Asked } from '../../src/oci/defaults.ts'
import type { Spec } from '../../src/oci/spec.ts'
import type { Wall } from '../../src/plan/plan.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

const asked = (more: Partial<Asked> = {}): Spec =>
  defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'], namespaces: ['user', 'network'], ...more })
const on = (security: Partial<Machine['security']>, machine: Machine = machines.v2): Machine => ({
  ...machine,
  security: { ...machine.security, ...security },
})
const steps = (wall: Wall, spec = asked(), machine: Machine = machines.v2): string[] => told(wall.steps(spec, machine))
const linux = (changed: Partial<Spec['linux']>): Spec => ({ ...asked(), linux: { ...asked().linux, ...changed } })

test('paths hides a file by /dev/null and a directory by an empty one, and leaves out what the machine has not', () => {
  const kinds = { '/proc/kcore': 'file', '/proc/acpi': 'directory' } as const
  assert.deepEqual(steps(paths, asked(), on({ kinds })), [
    "box mount(none, /proc/acpi, tmpfs, MS_RDONLY, '') fine ENOENT ENOTDIR",
    "box mount(/dev/null, /proc/kcore, '', MS_BIND, '') fine ENOENT ENOTDIR",
  ])
})

test('paths tries both when a path is not one of those that it knows', () => {
  assert.deepEqual(steps(paths, linux({ maskedPaths: ['/etc/secret'], readonlyPaths: [] })), [
    "box mount(/dev/null, /etc/secret, '', MS_BIND, '') fine ENOENT ENOTDIR",
    "box mount(none, /etc/secret, tmpfs, MS_RDONLY, '') fine ENOENT ENOTDIR",
  ])
})

test('paths makes a mount read-only before it is anywhere when a path is to be read', () => {
  const kinds = { '/proc/sys': 'directory', '/proc/bus': 'directory' } as const
  assert.deepEqual(steps(paths, asked(), on({ kinds })), [
    'box open_tree(#40, /proc/bus, AT_RECURSIVE|OPEN_TREE_CLONE) fine ENOENT',
    "box mount_setattr(#40, AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, '') fine EBADF",
    'box move_mount(#40, /proc/bus) fine EBADF',
    'box open_tree(#41, /proc/sys, AT_RECURSIVE|OPEN_TREE_CLONE) fine ENOENT',
    "box mount_setattr(#41, AT_RECURSIVE, MOUNT_ATTR_RDONLY, 0, '') fine EBADF",
    'box move_mount(#41, /proc/sys) fine EBADF',
  ])
})

test('paths makes the root itself read-only, last, when that is asked for', () => {
  assert.deepEqual(steps(paths, asked({ readonly: true, security: { unmasked: true } })), [
    'box open_tree(#61, /, 0)',
    "box mount_setattr(#61, 0, MOUNT_ATTR_RDONLY, 0, '')",
  ])
})

test('GHSA-7ww5: the list of what is hidden has powercap, by which a neighbour’s secrets were measured (PLATYPUS)', () => {
  assert.ok((HIDDEN as readonly string[]).includes('/sys/devices/virtual/powercap'))
  assert.deepEqual(asked().linux.maskedPaths, HIDDEN)
  assert.deepEqual(asked().linux.readonlyPaths, READ_ONLY)
})

const SYSCTLS: [key: string, file: string][] = [
  ['net.ipv4.ip_forward', '/proc/sys/net/ipv4/ip_forward'],
  ['net.ipv4.conf.eth0.rp_filter', '/proc/sys/net/ipv4/conf/eth0/rp_filter'],
  ['kernel.shm_rmid_forced', '/proc/sys/kernel/shm_rmid_forced'],
  ['kernel.sem', '/proc/sys/kernel/sem'],
  ['fs.mqueue.msg_max', '/proc/sys/fs/mqueue/msg_max'],
  ['kernel.domainname', '/proc/sys/kernel/domainname'],
]
for (const [key, file] of SYSCTLS)
  test(`sysctls writes ${file} when ${key} is set`, () => {
    assert.deepEqual(steps(sysctls, asked({ security: { sysctl: { [key]: '1 2' } } })), [`box write(${file}, 1 2)`])
  })

const OTHERS: [key: string, message: RegExp][] = [
  ['kernel.core_pattern', /^Cannot set sysctl "kernel\.core_pattern": no namespace has its own/],
  ['kernel.sysrq', /no namespace has its own/],
  ['vm.overcommit_memory', /no namespace has its own/],
  ['kernel.hostname', /no namespace has its own/],
  ['kernel.shm', /no namespace has its own/],
  ['net', /it is not the name of one/],
  ['net/ipv4/ip_forward', /it is not the name of one/],
  ['net...kernel.core_pattern', /it is not the name of one/],
  ['net.ipv4/../../kernel.core_pattern', /it is not the name of one/],
  ['net.\nipv4', /it is not the name of one/],
  ['.net', /it is not the name of one/],
  ['', /it is not the name of one/],
]
for (const [key, message] of OTHERS)
  test(`CVE-2025-52881: sysctls throws when the key is ${JSON.stringify(key)}`, () => {
    assert.throws(() => steps(sysctls, asked({ security: { sysctl: { [key]: '1' } } })), { message })
  })

test('sysctls throws when the box has not the namespace that the setting belongs to', () => {
  const spec = asked({ namespaces: [], security: { sysctl: { 'net.ipv4.ip_forward': '1' } } })
  assert.throws(() => steps(sysctls, spec), {
    message: /it belongs to the network namespace, and the box has the host's/,
  })
})

test('rlimits sets each limit under its number, and -1 for none', () => {
  const limits = [
    { type: 'RLIMIT_NOFILE', soft: 64n, hard: 128n },
    { type: 'RLIMIT_CORE', soft: 0n, hard: -1n },
  ] as const
  assert.deepEqual(steps(rlimits, asked({ security: { rlimits: limits } })), [
    'box setrlimit(RLIMIT_NOFILE, 64, 128)',
    'box setrlimit(RLIMIT_CORE, 0, -1)',
  ])
  assert.deepEqual(steps(rlimits), [])
})

test('keyring joins a keyring of the box’s name, and takes a refusal for done', () => {
  assert.deepEqual(steps(keyring), ['box keyctl(KEYCTL_JOIN_SESSION_KEYRING, boxwright-x) fine ENOSYS EPERM'])
})

test('labels writes what the module of the machine understands, and throws when it is another', () => {
  const labelled = asked({ security: { apparmorProfile: 'docker-default' } })
  assert.deepEqual(steps(labels, labelled, on({ labels: 'apparmor' })), [
    'box write(/proc/self/attr/exec, exec docker-default)',
  ])
  const typed = asked({ security: { selinuxLabel: 'system_u:system_r:container_t:s0' } })
  assert.deepEqual(steps(labels, typed, on({ labels: 'selinux' })), [
    'box write(/proc/self/attr/exec, system_u:system_r:container_t:s0)',
  ])
  assert.throws(() => steps(labels, labelled), {
    message: /^Cannot label the command "docker-default": this kernel has no/,
  })
  assert.throws(() => steps(labels, typed, on({ labels: 'apparmor' })), { message: /this kernel has apparmor/ })
  assert.deepEqual(steps(labels), [])
})

const DROPPED = ['box capbset(0xa80405fb)', 'box capset(0xa80405fb, 0xa80405fb, 0x0)']
const CLOSED = 'box prctl(PR_SET_NO_NEW_PRIVS, 1, 0)'
const withoutFilter = (all: readonly string[]): string[] => all.filter((step) => !step.startsWith('box seccomp'))

test('rights takes the capabilities, closes the way back and filters, in this order, when nothing else is said', () => {
  const all = steps(rights)
  assert.deepEqual(withoutFilter(all), [...DROPPED, CLOSED])
  assert.match(all.at(-1) ?? '', /^box seccomp\(0, \d+ bytes\)$/)
})

test('rights filters first, while everything is allowed, when the way back stays open', () => {
  const all = steps(rights, asked({ security: { noNewPrivileges: false } }))
  assert.match(all[0] ?? '', /^box seccomp/)
  assert.deepEqual(withoutFilter(all), DROPPED)
})

test('rights leaves out the filter when it is unconfined, and all capabilities when there are none', () => {
  const spec = asked({ security: { capabilities: [], seccomp: 'unconfined' } })
  assert.deepEqual(steps(rights, spec), ['box capbset(0x0)', 'box capset(0x0, 0x0, 0x0)', CLOSED])
})

test('rights raises what is ambient one by one when a specification asks for it', () => {
  const { process, linux } = asked({ security: { seccomp: 'unconfined' } })
  const names = ['CAP_NET_BIND_SERVICE'] as const
  const capabilities = { bounding: names, effective: names, permitted: names, inheritable: names, ambient: names }
  assert.deepEqual(steps(rights, { ...asked(), linux, process: { ...process, capabilities } }), [
    'box capbset(0x400)',
    'box capset(0x400, 0x400, 0x400)',
    'box prctl(PR_CAP_AMBIENT, 2, 10)',
    CLOSED,
  ])
})

test('CVE-2022-24769: no capability is inheritable or ambient when nobody asks for it', () => {
  const { inheritable, ambient } = asked().process.capabilities ?? assert.fail()
  assert.deepEqual([inheritable, ambient], [[], []])
})

const MADE = 'LANDLOCK_ACCESS_FS_MAKE_BLOCK|LANDLOCK_ACCESS_FS_MAKE_CHAR|LANDLOCK_ACCESS_FS_REFER'
const SCOPE = 'LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET|LANDLOCK_SCOPE_SIGNAL'
const FINE = 'fine ENOSYS EOPNOTSUPP EPERM'
const RULE = 'box landlock_add_rule(#62, /, LANDLOCK_ACCESS_FS_REFER) fine EBADF'
const RESTRICT = 'box landlock_restrict_self(#62) fine EBADF'
const VERSIONS: [version: number, admin: boolean, steps: string[]][] = [
  [0, false, []],
  [1, false, []],
  [2, false, [`box landlock_create_ruleset(#62, ${MADE}, 0x0, 0) ${FINE}`, RULE, RESTRICT]],
  [6, false, [`box landlock_create_ruleset(#62, ${MADE}, 0x0, ${SCOPE}) ${FINE}`, RULE, RESTRICT]],
  [2, true, []],
  [6, true, [`box landlock_create_ruleset(#62, 0, 0x0, ${SCOPE}) ${FINE}`, RESTRICT]],
]
for (const [version, admin, expected] of VERSIONS)
  test(`landlock makes ${expected.length} steps when its version is ${version} and the box may ${admin ? '' : 'not '}mount`, () => {
    assert.deepEqual(told(landlock(version, admin ? ['CAP_SYS_ADMIN'] : [])), expected)
  })

test('landlockOf knows the version by the kernel when it is told a release', () => {
  const releases = {
    '5.10.0-8': 0,
    '5.13.0': 1,
    '5.19.3': 2,
    '6.1.0-18-amd64': 2,
    '6.2.0': 3,
    '6.12.1': 6,
    '6.18.44-fc': 7,
    '7.0': 7,
  }
  for (const [release, version] of Object.entries(releases)) assert.equal(landlockOf(release), version, release)
})

test('device-access writes the list of version 1 and walks in when its hierarchy is there', () => {
  const v1 = { ...machines.hybrid, cgroups: { ...machines.hybrid.cgroups, v1: { devices: '/cg/devices' } } }
  const all = steps(deviceAccess, asked(), v1)
  assert.deepEqual(
    [...all.slice(0, 3), ...all.slice(-2)],
    [
      'host mkdir(/cg/devices/boxwright-x, 0755) undo remove_cgroup(/cg/devices/boxwright-x)',
      'host write(/cg/devices/boxwright-x/devices.deny, a)',
      'host write(/cg/devices/boxwright-x/devices.allow, c 1:3 rwm)',
      'host write(/cg/devices/boxwright-x/devices.allow, c 136:* rw)',
      'box write(/cg/devices/boxwright-x/cgroup.procs, 0)',
    ],
  )
})

test('device-access attaches a program to the box’s cgroup when there is version 2 alone', () => {
  const [load, attach] = steps(deviceAccess, asked(), machines.v2)
  assert.match(load ?? '', /^host bpf_prog_load\(#63, \d+ bytes\)$/)
  assert.equal(attach, 'host bpf_prog_attach(#63, /cg/boxwright-x)')
})

test('device-access does nothing when there are no cgroups, or we are in a user namespace ourselves', () => {
  assert.deepEqual(steps(deviceAccess, asked(), machines.none), [])
  assert.deepEqual(
    steps(deviceAccess, asked(), { ...machines.v2, users: { namespaced: true, count: 1, pieces: [1] } }),
    [],
  )
})
