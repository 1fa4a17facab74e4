import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseMountInfo, readMountInfo, type MountEntry } from '../../src/kernel/mountinfo.ts'

/** The line that proc_pid_mountinfo(5) explains. */
const MANUAL = '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue'
const entry: MountEntry = {
  id: 36,
  parent: 35,
  device: '98:0',
  root: '/mnt1',
  mountPoint: '/mnt2',
  options: ['rw', 'noatime'],
  propagation: ['master:1'],
  type: 'ext3',
  source: '/dev/root',
  superOptions: ['rw', 'errors=continue'],
}

const changed = (from: string, to: string): string => MANUAL.replace(from, to)

const VECTORS: [what: string, line: string, expected: Partial<MountEntry>][] = [
  ['the line is the one in the manual', MANUAL, {}],
  ['there is no optional field', changed(' master:1', ''), { propagation: [] }],
  [
    'there are several optional fields',
    changed('master:1', 'shared:7 master:1 propagate_from:2 unbindable'),
    { propagation: ['shared:7', 'master:1', 'propagate_from:2', 'unbindable'] },
  ],
  ['the mount point holds a space', changed('/mnt2', '/my\\040disk'), { mountPoint: '/my disk' }],
  ['the mount point holds a tab', changed('/mnt2', '/a\\011b'), { mountPoint: '/a\tb' }],
  ['the mount point holds a newline', changed('/mnt2', '/a\\012b'), { mountPoint: '/a\nb' }],
  ['the mount point holds a backslash and digits', changed('/mnt2', '/a\\134040'), { mountPoint: '/a\\040' }],
  ['the mount point is a hyphen in spaces', changed('/mnt2', '/\\040-\\040'), { mountPoint: '/ - ' }],
  ['the root holds a space', changed('/mnt1', '/a\\040b'), { root: '/a b' }],
  ['the source holds a space', changed('/dev/root', '//server/my\\040share'), { source: '//server/my share' }],
  ['the source is a hyphen', changed('/dev/root', '-'), { source: '-' }],
  ['the source is empty', changed('/dev/root', ''), { source: '' }],
  ['the type has a subtype', changed('ext3', 'fuse.sshfs'), { type: 'fuse.sshfs' }],
  ['a name is not ASCII', changed('/mnt2', '/büro-箱'), { mountPoint: '/büro-箱' }],
]
for (const [what, line, expected] of VECTORS)
  test(`parseMountInfo reads every field when ${what}`, () => {
    assert.deepEqual(parseMountInfo(`${line}\n`), [{ ...entry, ...expected }])
  })

test('parseMountInfo gives an entry a line when there are several, and none when there is none', () => {
  assert.deepEqual(
    parseMountInfo(`${MANUAL}\n${changed('36', '37')}\n`).map(({ id }) => id),
    [36, 37],
  )
  assert.deepEqual(parseMountInfo(''), [])
})

test('readMountInfo reads our own mounts, or those of the process whose number is given', () => {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length - 1
  assert.equal(readMountInfo().length, lines)
  assert.deepEqual(readMountInfo(process.pid), readMountInfo('self'))
  assert.equal(readMountInfo().find(({ mountPoint }) => mountPoint === '/proc')?.type, 'proc')
})

test('readMountInfo names the mount that stat(1) finds a directory on', () => {
  const point = execFileSync('stat', ['--format=%m', '/proc/self'], { encoding: 'utf8' }).trim()
  assert.ok(readMountInfo().some(({ mountPoint }) => mountPoint === point))
})
