/** What native/addon.c starts, looked at from outside: how it ends, what it has got, and what is left of it in this process. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { Socket } from 'node:net'
import { constants } from 'node:os'
import { test } from 'node:test'
import { statusField } from '../../src/kernel/proc.ts'
import { addon, built, type Program, type Started } from '../../src/launch/addon.ts'
import { seeded } from '../pure/random.ts'
import { asleep, until } from './world.ts'

const options = { skip: !fs.existsSync(built('addon.node')) && 'the addon is not built: npm run prepare says why' }

function start(args: string[], more: Partial<Program> = {}): Started {
  const file = fs.openSync(`/bin/${args[0]}`, 'r')
  try {
    return addon().start({ file, args, env: [], descriptors: [0, 1, 2], session: false, ...more })
  } finally {
    fs.closeSync(file)
  }
}

/** Runs it to its end. @returns its exit status, and nothing of it is left. */
function run(args: string[], more: Partial<Program> = {}): number {
  const { pid, socket } = start(args, more)
  fs.closeSync(socket)
  return addon().wait(pid)
}

/** Runs while the function looks at it: when it sleeps, it has loaded its libraries. */
async function running<Seen>(more: Partial<Program>, look: (pid: number) => Seen): Promise<Seen> {
  const { pid, socket } = start(['sleep', '1000'], more)
  try {
    await asleep(pid)
    return look(pid)
  } finally {
    process.kill(pid, 'SIGKILL')
    fs.closeSync(socket)
    addon().wait(pid)
  }
}

const numbersIn = (place: string): number[] =>
  fs
    .readdirSync(place)
    .map(Number)
    .sort((one, other) => one - other)
const openDescriptors = (): number[] => numbersIn('/proc/self/fd')
const children = (): string => fs.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')

test('a program’s status is its own, and 128 + n for a signal, when it has ended', options, () => {
  assert.deepEqual(
    ['exit 0', 'exit 7', 'kill -KILL $$', 'kill -TERM $$'].map((script) => run(['sh', '-c', script])),
    [0, 7, 128 + constants.signals.SIGKILL, 128 + constants.signals.SIGTERM],
  )
})

test('a program ignores and blocks no signal when Node, which started it, ignores SIGPIPE', options, async () => {
  const ignoredHere = parseInt(statusField('self', 'SigIgn'), 16)
  assert.equal((ignoredHere >> (constants.signals.SIGPIPE - 1)) & 1, 1)
  const fields = ['SigIgn', 'SigBlk', 'SigCgt']
  const seen = await running({}, (pid) => fields.map((field) => parseInt(statusField(pid, field), 16)))
  assert.deepEqual(seen, [0, 0, 0])
})

test('a program has the descriptors it was given, a socket, and no others when it starts', options, async (t) => {
  const random = seeded(t)
  const given = [0, 1, 2].map((n) => addon().seal(`file-${n}`, Buffer.from('x')))
  const descriptors = Array.from({ length: 60 }, () => random.pick([0, 1, ...given])) // to where others are
  const named = descriptors.map((fd) => fs.readlinkSync(`/proc/self/fd/${fd}`))
  const seen = await running({ descriptors }, (pid) =>
    numbersIn(`/proc/${pid}/fd`).map((fd) => fs.readlinkSync(`/proc/${pid}/fd/${fd}`)),
  )
  for (const fd of given) fs.closeSync(fd)
  assert.deepEqual(seen.slice(0, -1), named)
  assert.match(seen.at(-1) ?? '', /^socket:/)
})

test('a program’s standard input waits for what is to come when Node would not have waited', options, async () => {
  const { pid, socket } = start(['true'])
  addon().wait(pid)
  const stream = new Socket({ fd: socket }) // which makes it non-blocking
  const isUnwaiting = (place: string): boolean => /^flags:\s*\d*[4-7]\d{3}$/m.test(fs.readFileSync(place, 'utf8')) // O_NONBLOCK is 04000
  assert.equal(isUnwaiting(`/proc/self/fdinfo/${socket}`), true)
  assert.equal(await running({ descriptors: [socket, 1, 2] }, (pid) => isUnwaiting(`/proc/${pid}/fdinfo/0`)), false)
  stream.destroy()
})

test('a program leads a session of its own when that is asked for, and else is in ours', options, async () => {
  const sessionOf = (pid: number | string): number => {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3])
  }
  assert.equal(await running({ session: false }, (pid) => sessionOf(pid)), sessionOf('self'))
  assert.ok(await running({ session: true }, (pid) => sessionOf(pid) === pid))
})

test('the socket brings what a program writes, and ends with it, when Node reads', options, async () => {
  const { pid, socket } = start(['sh', '-c', 'echo one >&3; echo two >&3'])
  const line = new Socket({ fd: socket })
  const chunks = (await line.toArray()) as Buffer[]
  await until('its end to be closed', () => line.closed)
  assert.deepEqual([Buffer.concat(chunks).toString(), addon().wait(pid)], ['one\ntwo\n', 0])
})

test('no descriptor and no process is left when two hundred programs have run at once', options, () => {
  const before = [openDescriptors(), children()]
  const all = Array.from({ length: 200 }, (_, n) => start(['sh', '-c', `exit ${n}`]))
  assert.deepEqual(
    all.map(({ pid, socket }) => {
      fs.closeSync(socket)
      return addon().wait(pid)
    }),
    all.map((_, n) => n),
  )
  assert.deepEqual([openDescriptors(), children()], before)
})

test('an error says why, and nothing is left, when a file is no program', options, () => {
  const before = [openDescriptors(), children()]
  const file = addon().seal('text', Buffer.from('not a program'))
  const tried = { file, args: ['text'], env: [], descriptors: [0, 1, 2], session: false }
  assert.throws(() => addon().start(tried), { message: 'Exec format error', errno: -constants.errno.ENOEXEC })
  assert.throws(() => addon().start({ ...tried, descriptors: [999] }), { errno: -constants.errno.EBADF })
  fs.closeSync(file)
  assert.deepEqual([openDescriptors(), children()], before)
})

test('wrong arguments are a TypeError, and never somebody else’s child, when JavaScript gives them', options, () => {
  assert.throws(() => addon().start({} as Program), TypeError)
  assert.throws(() => addon().start({ ...({} as Program), file: 0, session: false, args: [1] as never }), TypeError)
  assert.throws(() => addon().seal('name', 'text' as never), TypeError)
  for (const pid of [0, -1, 'x']) assert.throws(() => addon().wait(pid as number), TypeError)
  assert.throws(() => addon().wait(1), { errno: -constants.errno.ECHILD })
})

test('what is sealed reads as it was, and cannot be written to, when anybody tries', options, () => {
  const fd = addon().seal('words', Buffer.from('as they were'))
  assert.throws(() => fs.writeSync(fd, 'x'), { code: 'EPERM' })
  assert.throws(() => fs.ftruncateSync(fd, 1), { code: 'EPERM' })
  assert.throws(() => fs.writeFileSync(`/proc/self/fd/${fd}`, 'x'), { code: 'EPERM' })
  assert.equal(fs.readFileSync(`/proc/self/fd/${fd}`, 'utf8'), 'as they were')
  fs.closeSync(fd)
})

test('Node’s own children are Node’s to wait for when the addon has some, too', options, async () => {
  const { pid, socket } = start(['sh', '-c', 'exit 3'])
  const theirs = spawn('sh', ['-c', 'exit 4'])
  await until('Node’s child to end', () => theirs.exitCode !== null)
  fs.closeSync(socket)
  assert.deepEqual([theirs.exitCode, addon().wait(pid)], [4, 3])
})

test('a process that is watched can be told to have ended when it has', options, () => {
  const { pid, socket } = start(['sleep', '1000'])
  const end = addon().watch(pid)
  assert.equal(addon().readable(end, 0), false)
  process.kill(pid, 'SIGKILL')
  assert.equal(addon().readable(end, LONG), true)
  addon().wait(pid)
  assert.throws(() => addon().watch(pid), { errno: -constants.errno.ESRCH })
  for (const fd of [end, socket]) fs.closeSync(fd)
})

test('whoever waits has a signal handed to JavaScript when one comes', options, async () => {
  let heard = false
  process.once('SIGUSR2', () => (heard = true))
  const { pid, socket } = start(['sh', '-c', `sleep 0.1; kill -USR2 ${process.pid}; exec sleep 1000`])
  assert.equal(addon().readable(socket, LONG), false)
  process.kill(pid, 'SIGKILL')
  await until('JavaScript to hear it', () => heard)
  assert.equal(addon().readable(socket, LONG), true)
  addon().wait(pid)
  fs.closeSync(socket)
})

/** Longer than anything takes here. */
const LONG = 60_000
