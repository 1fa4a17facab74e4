import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERRNO } from '../../src/kernel/error.ts'
import * as kernel from '../../src/kernel/constants.ts'
import type { Attempt } from '../../src/workshop/explain/cause.ts'
import { causes } from '../../src/workshop/explain/causes.ts'
import { bestOf, callOf, explain } from '../../src/workshop/explain/explain.ts'
import type { Place } from '../../src/workshop/explain/place.ts'
import { parseQuestion } from '../../src/workshop/explain/question.ts'
import { errorTitle, report } from '../../src/workshop/explain/report.ts'
import type { Scene } from '../../src/workshop/explain/scene.ts'
import { imaginary, injections } from '../kernel/injections/all.ts'

const NAMESPACES = { mnt: 1, uts: 2, ipc: 3, user: 4, pid: 5, cgroup: 6, net: 7 }
const ALL = (1n << 41n) - 1n

/** Root of a machine on which nothing is wrong, with the differences that are told. */
function scene(different: Partial<Scene> & { files?: Record<string, string> } = {}): Scene {
  const { files = {}, ...rest } = different
  return {
    pid: 4711,
    uid: 0,
    capabilities: ALL,
    threads: 1,
    filtered: false,
    root: '/',
    mounts: [],
    uidMap: '0          0 4294967295',
    namespaces: { ...NAMESPACES, pid_for_children: 5 },
    ours: NAMESPACES,
    cgroups: [],
    processes: () => [],
    look: (path): Place => ({ found: false, code: 'ENOENT', fact: `there is no "${path}"` }),
    read: (path) => files[path],
    onHost: (path) => path,
    ...rest,
  }
}

const nobody = { uid: 1000, capabilities: 0n }
const user = [kernel.CLONE_NEWUSER]
const { ipc: _, ...withoutIpc } = NAMESPACES

interface Imagined {
  attempt: Attempt
  code: string
  fact: RegExp
  remedy: RegExp
  /** With which the call would be well, where the scene is not to blame. */
  fine?: readonly unknown[]
}

/** What no machine here can be made to do. Each is named first, and names what is so. */
const IMAGINED: Record<string, Imagined> = {
  'unshare/not-in-this-kernel': {
    attempt: { call: 'unshare', args: [kernel.CLONE_NEWIPC], scene: scene({ namespaces: withoutIpc }) },
    code: 'EINVAL',
    fact: /no \/proc\/4711\/ns\/ipc: this kernel was built without that namespace/,
    remedy: /Leave CLONE_NEWIPC out/,
  },
  'unshare/apparmor': {
    attempt: { call: 'unshare', args: user, scene: withSysctl('kernel/apparmor_restrict_unprivileged_userns', '1') },
    code: 'EPERM',
    fact: /apparmor_restrict_unprivileged_userns is 1/,
    remedy: /sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0$/,
  },
  'unshare/not-for-users': {
    attempt: { call: 'unshare', args: user, scene: withSysctl('kernel/unprivileged_userns_clone', '0') },
    code: 'EPERM',
    fact: /unprivileged_userns_clone is 0/,
    remedy: /sysctl -w kernel\.unprivileged_userns_clone=1$/,
  },
  'netlink/capability': {
    attempt: { call: 'netlink', args: [], scene: scene(nobody) },
    code: 'EPERM',
    fact: /process 4711 \(user 1000\) does not have CAP_NET_ADMIN/,
    remedy: /before rights are dropped, or as root$/,
  },
  'netlink/network-of-others': {
    attempt: { call: 'netlink', args: [], scene: scene({ uidMap: '0 1000 1' }) },
    code: 'EPERM',
    fact: /its network is the host's still$/,
    remedy: /unshare\(CLONE_NEWNET\)$/,
  },
  'any/seccomp': {
    attempt: { call: 'mount', args: [], scene: scene({ filtered: true, files: { '/.dockerenv': '' } }) },
    code: 'EPERM',
    fact: /process 4711 has a seccomp filter/,
    remedy: /--privileged --cgroupns=private$/,
  },
  'any/security-module': {
    attempt: {
      call: 'mount',
      args: [],
      scene: scene({ files: { '/proc/4711/attr/current': 'docker-default (enforce)\n' } }),
    },
    code: 'EACCES',
    fact: /confined by the profile "docker-default \(enforce\)"/,
    remedy: /dmesg/,
  },
  'seccomp/no-promise': {
    attempt: { call: 'seccomp', args: [0, '00'.repeat(8)], scene: weak(1n << 21n) },
    code: 'EACCES',
    fact: /process 4711 has not promised to gain nothing/,
    remedy: /PR_SET_NO_NEW_PRIVS/,
  },
  'landlock/no-promise': {
    attempt: { call: 'landlock_restrict_self', args: [1], scene: weak(1n << 21n) },
    code: 'EPERM',
    fact: /no longer has CAP_SYS_ADMIN/,
    remedy: /PR_SET_NO_NEW_PRIVS/,
  },
  'seccomp/length': {
    attempt: { call: 'seccomp', args: [0, '00'.repeat(8 * 4097)], scene: scene() },
    code: 'EINVAL',
    fact: /it has 32776 bytes/,
    remedy: /compileSeccomp/,
    fine: [0, '00'.repeat(8 * 4096)],
  },
  'capbset/capability': {
    attempt: { call: 'capbset', args: [0], scene: weak(1n << 8n) },
    code: 'EPERM',
    fact: /does not have CAP_SETPCAP/,
    remedy: /bounding set first/,
  },
  'capset/raised': {
    attempt: { call: 'capset', args: [3, 3, 0], scene: scene({ files: { '/proc/4711/status': 'CapPrm:\t01\n' } }) },
    code: 'EPERM',
    fact: /does not have CAP_DAC_OVERRIDE to keep/,
    remedy: /Leave it out/,
  },
  'setrlimit/above-hard': {
    attempt: { call: 'setrlimit', args: [7, -1, -1], scene: weak(1n << 24n) },
    code: 'EPERM',
    fact: /asks for no limit, and may only lower/,
    remedy: /\/proc\/4711\/limits/,
  },
  'setrlimit/order': {
    attempt: { call: 'setrlimit', args: [7, -1, 5], scene: scene() },
    code: 'EINVAL',
    fact: /no limit is more than 5/,
    remedy: /smaller one first/,
    fine: [7, 5, -1],
  },
  'setrlimit/open-files': {
    attempt: { call: 'setrlimit', args: [7, 1, 2000], scene: scene({ files: { '/proc/sys/fs/nr_open': '1024\n' } }) },
    code: 'EPERM',
    fact: /nr_open is 1024/,
    remedy: /Ask for 1024 or less/,
  },
  'bpf/user-namespace': {
    attempt: { call: 'bpf_prog_load', args: [1, ''], scene: scene({ uidMap: '0 1000 1' }) },
    code: 'EPERM',
    fact: /is not root of the machine/,
    remedy: /sudo/,
  },
  'setuid/unmapped': {
    attempt: { call: 'setuid', args: [5], scene: scene({ files: { '/proc/4711/uid_map': '0 1000 1\n' } }) },
    code: 'EINVAL',
    fact: /5 is no number in the user namespace of process 4711: its uid_map says "0 1000 1"/,
    remedy: /uid_map/,
  },
  'setgid/unmapped': {
    attempt: { call: 'setgid', args: [0], scene: scene({ files: { '/proc/4711/gid_map': '' } }) },
    code: 'EINVAL',
    fact: /its gid_map is empty/,
    remedy: /gid_map/,
  },
  'setuid/capability': {
    attempt: { call: 'setuid', args: [5], scene: weak(1n << 7n) },
    code: 'EPERM',
    fact: /does not have CAP_SETUID/,
    remedy: /before/,
  },
  'setgid/capability': {
    attempt: { call: 'setgid', args: [5], scene: weak(1n << 6n) },
    code: 'EPERM',
    fact: /does not have CAP_SETGID/,
    remedy: /before/,
  },
  'setgroups/denied': {
    attempt: { call: 'setgroups', args: [[]], scene: scene({ files: { '/proc/4711/setgroups': 'deny\n' } }) },
    code: 'EPERM',
    fact: /says "deny"/,
    remedy: /newgidmap/,
  },
  'setgroups/no-map': {
    attempt: { call: 'setgroups', args: [[]], scene: scene({ files: { '/proc/4711/gid_map': '' } }) },
    code: 'EPERM',
    fact: /gid_map is empty/,
    remedy: /Write it first/,
  },
  'mount_setattr/not-for-users': {
    attempt: {
      call: 'mount_setattr',
      args: [0, 0, kernel.MOUNT_ATTR_IDMAP, 0, '/proc/1/ns/user'],
      scene: scene({ uidMap: '0 1000 1' }),
    },
    code: 'EPERM',
    fact: /root of a user namespace only/,
    remedy: /sudo/,
  },
  'open_tree/foreign-namespace': {
    attempt: { call: 'open_tree', args: [0, '/', 1], scene: scene({ namespaces: { ...NAMESPACES, user: 99 } }) },
    code: 'EPERM',
    fact: /may not mount anything/,
    remedy: /CLONE_NEWNS/,
  },
  'mkdir/nobody': {
    attempt: {
      call: 'mkdir',
      args: ['/dev/pts', 0o755],
      scene: scene({ uidMap: '', namespaces: { ...NAMESPACES, user: 99 } }),
    },
    code: 'EOVERFLOW',
    fact: /is nobody in its user namespace: its uid_map is empty/,
    remedy: /setuid/,
  },
  'keyctl/quota': {
    attempt: {
      call: 'keyctl',
      args: [1, 'x'],
      scene: scene({ uid: 9, files: { '/proc/key-users': '    9:   200 200/200 200/200 3800/20000\n' } }),
    },
    code: 'EDQUOT',
    fact: /user 9 has 200 keys of 200/,
    remedy: /maxkeys/,
  },
}

/** What a process says that has promised, and may do anything. */
const WELL = {
  '/proc/4711/status': 'CapPrm:\t000001ffffffffff\nNoNewPrivs:\t1\n',
  '/proc/4711/uid_map': '0 0 4294967295\n',
  '/proc/4711/gid_map': '0 0 4294967295\n',
  '/proc/sys/fs/nr_open': '1048576\n',
  '/proc/key-users': '    0:     1 1/1 1/200 19/20000\n',
}

/** Root without one of its rights, who has promised nothing. */
function weak(right: bigint): Scene {
  return scene({
    capabilities: ALL & ~right,
    files: { '/proc/4711/status': 'CapPrm:\t000001ffffffffff\nNoNewPrivs:\t0\n' },
  })
}

function withSysctl(name: string, value: string): Scene {
  return scene({ ...nobody, files: { [`/proc/sys/${name}`]: `${value}\n` } })
}

for (const [name, { attempt, code, fact, remedy, fine: args }] of Object.entries(IMAGINED)) {
  test(`explain names ${name} first when the scene is made up so`, () => {
    const [first] = explain(attempt, code)
    assert.equal(first?.name, name)
    assert.match(first.fault?.fact ?? '', fact)
    assert.match(first.fault?.remedy ?? '', remedy)
  })

  test(`explain does not name ${name} when nothing is wrong`, () => {
    const fine = { ...attempt, ...(args && { args }), scene: scene({ files: WELL }) }
    assert.notEqual(explain(fine, code).find((one) => one.name === name)?.verdict, 'false')
  })
}

test('every cause is made for real, or imagined with a reason, and nothing else is', () => {
  const names = causes.map(({ name }) => name)
  assert.deepEqual(new Set(names).size, names.length, 'a name is given twice')
  assert.deepEqual([...Object.keys(injections), ...Object.keys(imaginary)].sort(), [...names].sort())
  assert.deepEqual(Object.keys(IMAGINED).sort(), Object.keys(imaginary).sort())
  assert.ok(names.length >= 30)
})

test('every cause has errors that there are, a sentence, and a page that says so', () => {
  for (const { name, codes, calls, precondition, man } of causes) {
    assert.ok(codes.length > 0 && calls.length > 0, name)
    for (const code of codes) assert.ok(code in ERRNO, `${name}: ${code}`)
    assert.match(precondition, /^[A-Z].*[^.]$/, name)
    assert.match(man, /^[\w-]+(\(\d\)|\.rst)[:;] \S/, name)
  }
})

test('explain knows nothing of a call for which nothing was given, and invents no fault', () => {
  for (const cause of causes)
    for (const call of cause.calls)
      for (const one of explain({ call, args: [], scene: scene() })) assert.notEqual(one.verdict, 'false', one.name)
})

test('explain says that it does not know when a probe cannot look', () => {
  const broken = scene({
    look: () => {
      throw new Error('nothing to be seen')
    },
  })
  const findings = explain({ call: 'pivot_root', args: ['.', '.'], scene: broken }, 'EINVAL')
  assert.ok(findings.length > 0)
  assert.ok(findings.every(({ verdict }) => verdict !== 'false'))
  assert.ok(findings.some(({ verdict }) => verdict === 'unknown'))
})

test('explain tells what is false before what is not known, and that before what is so', () => {
  const findings = explain({ call: 'mount', args: [], scene: scene(nobody) }, 'EPERM')
  const order = ['false', 'unknown', 'so']
  const ranks = findings.map(({ verdict }) => order.indexOf(verdict))
  assert.deepEqual(ranks, [...ranks].sort())
  assert.equal(bestOf(findings)?.remedy, 'Run it with sudo; without root is lesson 6')
})

test('explain sends root to the container that it is in when it lacks a right', () => {
  const files = { '/proc/1/environ': 'PATH=/bin\0container=lxc\0' }
  const best = bestOf(explain({ call: 'mount', args: [], scene: scene({ capabilities: 0n, files }) }, 'EPERM'))
  assert.match(best?.remedy ?? '', /--privileged --cgroupns=private$/)
})

test('callOf gives the name of the man page when the plan has another', () => {
  assert.deepEqual(['execvpe', 'remove_cgroup', 'mount'].map(callOf), ['execve', 'rmdir', 'mount'])
})

const { MS_BIND, MS_REC, S_IFCHR } = kernel
const QUESTIONS: Record<string, [words: string[], expected: object]> = {
  'a call and an error': [['pivot_root', 'EINVAL'], { calls: ['pivot_root'], code: 'EINVAL', args: [] }],
  'an error by its number': [['chroot', '20'], { calls: ['chroot'], code: 'ENOTDIR', args: [] }],
  'an error in small letters': [['chroot', 'enotdir'], { calls: ['chroot'], code: 'ENOTDIR', args: [] }],
  'an error before its call': [['EBUSY', 'umount'], { calls: ['umount2'], code: 'EBUSY', args: [] }],
  'arguments without an error': [['chroot', '/x'], { calls: ['chroot'], args: ['/x'] }],
  'flags by name': [
    ['mount', 'EINVAL', 'none', '/a', '', 'MS_BIND|MS_REC', ''],
    { calls: ['mount'], code: 'EINVAL', args: ['none', '/a', '', MS_BIND | MS_REC, ''] },
  ],
  'a device in octal and in numbers': [
    ['mknod', 'EPERM', '/n', 'S_IFCHR|0666', '1:3'],
    { calls: ['mknod'], code: 'EPERM', args: ['/n', S_IFCHR | 0o666, 259] },
  ],
}
for (const [name, [words, expected]] of Object.entries(QUESTIONS))
  test(`parseQuestion understands ${name}`, () => assert.deepEqual(parseQuestion(words), expected))

test('parseQuestion asks of all calls when an error alone is given', () => {
  const { calls, code } = parseQuestion(['22'])
  assert.equal(code, 'EINVAL')
  assert.ok(['mount', 'pivot_root', 'unshare', 'write', 'fork'].every((call) => (calls as string[]).includes(call)))
})

test('parseQuestion names what it does not understand', () => {
  assert.throws(() => parseQuestion(['EFOO']), /^Complaint: Cannot explain "EFOO": .+\n {2}\S/)
  assert.throws(() => parseQuestion(['mount', 'EINVAL', 'a', 'b', 'c', 'MS_FOO']), /Cannot read the flag "MS_FOO": /)
  assert.throws(() => parseQuestion(['mknod', 'EPERM', 'a', '0', '1-3']), /Cannot read the device "1-3": /)
})

test('report keeps to 80 columns and loses no word when a fact is very long', () => {
  const long = 'x'.repeat(200)
  const about = { name: 'a/b', precondition: 'It is so', man: 'mount(2): words', call: 'mount' } as const
  const text = report([{ ...about, verdict: 'false', fault: { fact: `it is "${long}"`, remedy: 'do that' } }])
  assert.ok(text.split('\n').every((line) => line.length <= 80))
  assert.equal(text.replace(/\s/g, '').match(/x/g)?.length, 200)
  assert.match(text, /^mount\nno {3}It is so\n/)
})

test('errorTitle has name, number and meaning', () => {
  assert.equal(errorTitle('EINVAL'), 'EINVAL (22): invalid argument')
  assert.equal(errorTitle('ENOTBLK'), 'ENOTBLK (15): see errno(3)')
})
