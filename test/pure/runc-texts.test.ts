/** What the runtime prints, as callers parse it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changed } from '../../src/cli/runc/exec.ts'
import { listedJson } from '../../src/cli/runc/list.ts'
import { lineOf } from '../../src/cli/runc/log.ts'
import { table } from '../../src/cli/runc/table.ts'
import { told } from '../../src/cli/runc/state.ts'
import type { State } from '../../src/runtime/state.ts'

const NOW = new Date('2026-11-26T10:00:00.123Z')

test('a line of the log is one line of JSON, with its level, message and time, when that is the format', () => {
  const line = lineOf('json', 'error', 'Cannot start "x": no\n  Do something', NOW)
  assert.equal(line, '{"level":"error","msg":"Cannot start \\"x\\": no; Do something","time":"2026-11-26T10:00:00Z"}\n')
})

test('a line of the log is text as logfmt has it when that is the format', () => {
  const line = lineOf('text', 'error', 'Cannot start "x": no\n  Do something', NOW)
  assert.equal(line, 'time="2026-11-26T10:00:00Z" level=error msg="Cannot start \\"x\\": no; Do something"\n')
})

const state: State = {
  ociVersion: '1.3.0',
  id: 'web',
  pid: 7,
  status: 'running',
  bundle: '/b',
  rootfs: '/b/rootfs',
  created: '2026-11-26T10:00:00.123Z',
  annotations: {},
  owner: 'root',
}

test('a state has no annotations when the container has none', () => {
  assert.deepEqual(
    Object.keys(told(state)),
    Object.keys(state).filter((name) => name !== 'annotations'),
  )
  assert.deepEqual(told({ ...state, annotations: { a: 'b' } }), { ...state, annotations: { a: 'b' } })
})

test('a list is null when there are no containers, and one line of JSON when there are', () => {
  assert.equal(listedJson([]), 'null')
  assert.match(listedJson([state, state]), /^\[\{"ociVersion":.*\]$/)
})

test('columns are as wide as runC makes them when words are short, and when one is long', () => {
  const head = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER']
  assert.equal(table([head]), 'ID          PID         STATUS      BUNDLE      CREATED     OWNER')
  assert.equal(
    table([
      ['ID', 'X'],
      ['a-long-name-here', 'y'],
    ]),
    'ID                 X\na-long-name-here   y',
  )
})

const own = {
  args: ['init'],
  env: ['PATH=/bin'],
  cwd: '/srv',
  terminal: true,
  user: { uid: 5, gid: 6, additionalGids: [7] },
  capabilities: { bounding: ['CAP_KILL'], effective: [], permitted: [], inheritable: [], ambient: [] },
} as const

const process = (given: Parameters<typeof changed>[1], args = ['sh']): Record<string, unknown> =>
  changed({ ...own, args: [...own.args], env: [...own.env], user: { ...own.user, additionalGids: [7] } }, given, args)

test('exec starts what the container itself would, with another command, when nothing else is asked for', () => {
  assert.deepEqual(process({}), { ...own, args: ['sh'], terminal: false })
  assert.deepEqual(process({}, ['--', 'sh', '--']), { ...own, args: ['sh', '--'], terminal: false })
})

test('exec changes what it is asked to when it is', () => {
  const asked = process({
    env: ['A=b'],
    cwd: '/',
    tty: true,
    user: '1:2',
    'additional-gids': ['3'],
    'no-new-privs': true,
  })
  assert.deepEqual(asked, {
    ...own,
    args: ['sh'],
    env: ['PATH=/bin', 'A=b'],
    cwd: '/',
    user: { uid: 1, gid: 2, additionalGids: [7, 3] },
    noNewPrivileges: true,
  })
})

test('CVE-2022-29162: exec adds no inheritable capability when it is asked for one', () => {
  const { capabilities } = process({ cap: ['CAP_NET_RAW'] })
  const added = { bounding: ['CAP_KILL', 'CAP_NET_RAW'], effective: ['CAP_NET_RAW'], permitted: ['CAP_NET_RAW'] }
  assert.deepEqual(capabilities, { ...added, inheritable: [], ambient: [] })
})

for (const user of ['root', '', ':1', '1:', '01', '-1', '4294967295', '4294967296', '1:2:3', '1x', '0x1', ' 1', '1.0'])
  test(`CVE-2026-30892: exec refuses when it is to be the user "${user}"`, () => {
    assert.throws(() => process({ user }), /Cannot run as "/)
  })

test('exec refuses when there is no command', () => {
  assert.throws(() => process({}, []), /^Complaint: Cannot run nothing/)
  assert.throws(() => process({}, ['--']), /^Complaint: Cannot run nothing/)
})
