/** The walls that lesson 13 teaches, as tables: a specification in, steps out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boxHooks, runtimeHooks } from '../../src/box/hooks.ts'
import { joinBox } from '../../src/box/join.ts'
import { containerTerminal, execTerminal } from '../../src/box/terminal.ts'
import { threshold } from '../../src/box/threshold.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Process, Spec } from '../../src/oci/spec.ts'
import { waiting, waitsIn } from '../../src/oci/waits.ts'
import type { Wall } from '../../src/plan/plan.ts'
import { symbolic } from '../../src/plan/symbols.ts'

const machine = readMachine()
const BASE = defaultSpec({ id: 'x', rootfs: '/r', args: ['id', '-u'] })
const withProcess = (process: Partial<Process>): Spec => ({ ...BASE, process: { ...BASE.process, ...process } })

const told = (wall: Wall, spec: Spec): string[] =>
  wall.steps(spec, machine).map((step) => `${step.lane} ${symbolic({ ...step, lesson: 13 })}`)

test('the threshold is two fifos, a look for the command and a read when somebody else says when', () => {
  assert.deepEqual(told(threshold, BASE), [])
  assert.deepEqual(told(threshold, waiting(BASE, '/c')), [
    'host mknod(/c/exec.fifo, S_IFIFO|0600, 0:0)',
    'host open(#54, /c/exec.fifo, O_RDWR)',
    'host mknod(/c/answer.fifo, S_IFIFO|0600, 0:0)',
    'host open(#55, /c/answer.fifo, O_RDWR)',
    `box access(id, ${BASE.process.env.length} variables)`,
    'box read(#54, #55)',
  ])
  assert.match(told(threshold, waiting(withProcess({ args: [] }), '/c'))[4] ?? '', /^box access\(''/)
})

test('a container waits where we say, and not where its own annotation says', () => {
  const spec = { ...BASE, annotations: { 'boxwright.waits': '/etc' } }
  assert.equal(waitsIn(waiting(spec, undefined)), undefined)
  assert.equal(waitsIn(waiting(spec, '/run/c')), '/run/c')
})

test('a hook is in the lane of its kind, and is told the container, and braces of others are only theirs', () => {
  const hook = { path: '/bin/h' }
  const spec: Spec = {
    ...BASE,
    annotations: { note: '{box} "pid":0' },
    hooks: {
      prestart: [hook],
      createRuntime: [{ ...hook, args: ['h', '-v'], env: ['A=b'], timeout: 2 }],
      createContainer: [hook],
      startContainer: [hook],
    },
  }
  const creator = { id: 'web', bundle: '/b' }
  const runtime = runtimeHooks(creator).steps(spec, machine)
  const steps = [
    ...runtime,
    ...(['createContainer', 'startContainer'] as const).flatMap((name) => boxHooks(creator, name).steps(spec, machine)),
  ]
  assert.deepEqual(
    steps.map(({ lane }) => lane),
    ['host', 'host', 'box', 'box'],
  )
  assert.deepEqual(runtime[1]?.args.slice(0, 3), ['/bin/h', ['h', '-v'], ['A=b']])
  assert.equal(runtime[1].args[4], 2000)
  assert.deepEqual(runtime[0]?.args.slice(0, 3), ['/bin/h', ['/bin/h'], []])
  const states = steps.map(
    ({ args }) => JSON.parse(String(args[3]).replace('"pid":{box}', '"pid":7')) as Record<string, unknown>,
  )
  assert.deepEqual(
    states.map(({ status }) => status),
    ['created', 'creating', 'creating', 'created'],
  )
  for (const { id, pid, bundle, annotations } of states)
    assert.deepEqual(
      { id, pid, bundle, annotations },
      { id: 'web', pid: 7, bundle: '/b', annotations: { note: '{box} "pid":0' } },
    )
  assert.deepEqual(runtimeHooks(creator).steps(BASE, machine), [])
})

test('a command that comes later joins all that the container has of its own, its mounts last', () => {
  const spec: Spec = {
    ...BASE,
    linux: { ...BASE.linux, namespaces: (['mount', 'pid', 'user'] as const).map((type) => ({ type })) },
  }
  assert.deepEqual(told(joinBox({ pid: 7, v1: ['/v1'], v2: '/v2' }), spec), [
    'host setns(/proc/7/ns/user, CLONE_NEWUSER)',
    'host setns(/proc/7/ns/pid, CLONE_NEWPID)',
    'host setns(/proc/7/ns/mnt, CLONE_NEWNS)',
    'host clone_into_cgroup(/v2)',
    'host write(/v1/cgroup.procs, {box})',
    'box setgroups([])',
    'box setgid(0)',
    'box setuid(0)',
    'box chdir(/)',
  ])
  const alone: Spec = { ...BASE, linux: { ...BASE.linux, namespaces: [] } }
  assert.deepEqual(told(joinBox({ pid: 7, v1: [] }), alone), ['box chdir(/)'])
})

test('a terminal is opened in the box, is its user’s, and goes to whoever waits for it', () => {
  const spec = withProcess({ terminal: true, user: { uid: 5, gid: 5 }, consoleSize: { height: 24, width: 80 } })
  const calls = (wall: Wall, one: Spec): string =>
    wall
      .steps(one, machine)
      .map(({ call }) => call)
      .join(' ')
  assert.equal(calls(containerTerminal('/s'), spec), 'connect openpty fchown mknod bind_fd sendmsg login_tty')
  assert.equal(calls(execTerminal('/s'), spec), 'connect openpty fchown sendmsg login_tty')
  assert.equal(calls(execTerminal(), withProcess({ terminal: true })), 'tcgetattr socketpair openpty sendmsg login_tty')
  assert.equal(
    calls(containerTerminal('/s'), withProcess({ terminal: true })),
    'connect openpty mknod bind_fd sendmsg login_tty',
  )
  for (const wall of [containerTerminal(), execTerminal()]) assert.equal(calls(wall, BASE), 'setsid')
})

test('a terminal of more rows or columns than there can be is refused', () => {
  for (const consoleSize of [
    { height: 70_000, width: 80 },
    { height: 24, width: 70_000 },
  ])
    assert.throws(
      () => containerTerminal('/s').steps(withProcess({ terminal: true, consoleSize }), machine),
      /65535 rows/,
    )
})
