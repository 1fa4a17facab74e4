/** Who is who: maps as the kernel writes them, ranges put by for a user, and users as people write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { users } from '../../src/box/users.ts'
import { rangeOf } from '../../src/kernel/subids.ts'
import { readUsers } from '../../src/kernel/users.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { parseUser } from '../../src/oci/user.ts'
import { parseVolume } from '../../src/oci/volume.ts'
import { plan } from '../../src/plan/plan.ts'
import { enter } from '../../src/workshop/without-root.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

const ALL = '         0          0 4294967295\n'

const MAPS: [what: string, maps: string[], expected: ReturnType<typeof readUsers>][] = [
  ['is the first', [ALL, ALL], { namespaced: false, count: 4294967295, pieces: [4294967295] }],
  ['has one number', ['0 1000 1\n', '0 1000 1\n'], { namespaced: true, count: 1, pieces: [1] }],
  [
    'has two ranges',
    ['0 1000 1\n1 100000 65536\n', '0 100 1\n1 100000 65536\n'],
    { namespaced: true, count: 65537, pieces: [1, 65536] },
  ],
  [
    'has fewer groups than users',
    ['0 1000 1\n1 7 65536\n', '0 1000 1\n1 7 9\n'],
    { namespaced: true, count: 10, pieces: [1, 9] },
  ],
  ['has a gap', ['0 1000 1\n5 7 10\n', ALL], { namespaced: true, count: 1, pieces: [1] }],
  ['has no map', ['', ''], { namespaced: true, count: 0, pieces: [] }],
]
for (const [what, maps, expected] of MAPS)
  test(`readUsers counts the numbers when a user namespace ${what}`, () => assert.deepEqual(readUsers(maps), expected))

const SUBIDS = '# a comment\nother:100000:65536\nbad:x:1\nme:\nme:0:5\n1000:300000:10\nme:200000:65536\nme:900000:1\n'

test('rangeOf finds the first range of a user when they are called by name or by number', () => {
  assert.deepEqual(rangeOf(SUBIDS, ['me']), { first: 200000, count: 65536 })
  assert.deepEqual(rangeOf(SUBIDS, ['me', '1000']), { first: 300000, count: 10 })
  assert.equal(rangeOf(SUBIDS, ['nobody']), undefined)
  assert.equal(rangeOf(SUBIDS, ['bad']), undefined)
  assert.equal(rangeOf('me:4294967295:2\n', ['me']), undefined)
})

const accounts = {
  passwd: 'root:x:0:0::/root:/bin/sh\nweb:x:33:34::/:/bin/sh\n1000:x:0:0::/:/bin/sh\nhuge:x:4294967296:1::/:\nodd\n',
  group: 'root:x:0:\nweb:x:34:\nlog:x:4:other,web\ntape:x:26:web\n',
}

const USERS: [text: string, expected: ReturnType<typeof parseUser>][] = [
  ['0', { uid: 0, gid: 0 }],
  ['root', { uid: 0, gid: 0 }],
  ['33', { uid: 33, gid: 34, additionalGids: [4, 26] }],
  ['web', { uid: 33, gid: 34, additionalGids: [4, 26] }],
  ['web:log', { uid: 33, gid: 4 }],
  ['1000', { uid: 1000, gid: 0 }],
  ['1000:100', { uid: 1000, gid: 100 }],
  ['4294967294', { uid: 4294967294, gid: 0 }],
]
for (const [text, expected] of USERS)
  test(`parseUser understands "${text}"`, () => assert.deepEqual(parseUser(text, accounts), expected))

for (const text of [
  '',
  ':',
  '1:',
  ':1',
  '01',
  '-1',
  '1:-1',
  '4294967295',
  '4294967296',
  '1:2:3',
  'who',
  '1:who',
  ' 1',
  '1 ',
  '0x1',
  '+1',
  '1e3',
  'huge',
])
  test(`parseUser refuses "${text}", and does not read it as far as it goes: CVE-2026-30892`, () => {
    assert.throws(() => parseUser(text, accounts), /^RangeError: Cannot run as "[^]*\n {2}Write a number or a name/)
  })

test('parseVolume understands a source, a target and options', () => {
  assert.deepEqual(parseVolume('/a:/b'), { source: '/a', destination: '/b', type: 'bind', options: ['rbind', 'rw'] })
  assert.deepEqual(parseVolume('/a:/b//c/:ro,idmap').options, ['rbind', 'ro', 'idmap'])
  assert.equal(parseVolume('/a:/b//c/').destination, '/b/c')
})

for (const text of ['', '/a', 'a:/b', '/a:b', '/a:/', '/a:/b:rx', '/a:/b:ro:more', '/a/../b:/c', '/a:/../c'])
  test(`parseVolume refuses "${text}"`, () => {
    assert.throws(() => parseVolume(text), /^RangeError: Cannot give the box "[^]*\n {2}Write two paths/)
  })

const asked = (size: number): ReturnType<typeof told> => {
  const mappings = [{ containerID: 0, hostID: 7, size }]
  const spec = defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'], namespaces: ['user'], mappings })
  return told(plan(spec, [users], machines.none))
}

test('the wall of users denies setgroups before a map of one group, and leaves all groups after a larger one', () => {
  assert.deepEqual(asked(1), [
    'host unshare(CLONE_NEWUSER)',
    'host write(/proc/{box}/uid_map, 0 7 1)',
    'host write(/proc/{box}/setgroups, deny)',
    'host write(/proc/{box}/gid_map, 0 7 1)',
    'box setgid(0)',
    'box setuid(0)',
  ])
  assert.deepEqual(asked(10).slice(2, 4), ['host write(/proc/{box}/gid_map, 0 7 10)', 'box setgroups([])'])
})

test('whoever is not root enters a user namespace with one number, or with those that newuidmap writes', () => {
  const subids = { uids: { first: 5, count: 9 }, gids: { first: 6, count: 8 }, newuidmap: '/u', newgidmap: '/g' }
  const calls = (given: Parameters<typeof enter>[1]): string[] => told(enter({ uid: 3, gid: 4 }, given, ['sh'], []))
  assert.deepEqual(calls(undefined).slice(1, 4), [
    'host write(/proc/{box}/uid_map, 0 3 1)',
    'host write(/proc/{box}/setgroups, deny)',
    'host write(/proc/{box}/gid_map, 0 4 1)',
  ])
  const [, users, groups] = calls(subids)
  assert.match(users ?? '', /run\(\/u, \/u \{box\} 0 3 1 1 5 9,/)
  assert.match(groups ?? '', /run\(\/g, \/g \{box\} 0 4 1 1 6 8,/)
})
