/** A conversation with systemd, which does not run on most test machines: one of the tests' own answers. And with a bus that is real. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { Bus, BusError } from '../../src/runtime/dbus.ts'
import {
  decodeMessage,
  encodeMessage,
  ERROR,
  METHOD_RETURN,
  SIGNAL,
  type Message,
  type Value,
} from '../../src/runtime/dbus-wire.ts'
import { startUnit } from '../../src/runtime/systemd.ts'

const places = fs.mkdtempSync(join(tmpdir(), 'boxwright-bus-'))
process.once('exit', () => fs.rmSync(places, { recursive: true, force: true }))
const place = (): string => fs.mkdtempSync(join(places, 'place-'))

type Answer = (call: Message, say: (message: Partial<Message>) => void) => void

/** Takes whoever comes, and answers as it is told. */
async function fakeBus(answer: Answer): Promise<{ address: string; heard: Message[]; [Symbol.dispose](): void }> {
  const path = join(place(), 'socket')
  const heard: Message[] = []
  const server = createServer((socket) => serve(socket, heard, answer)).listen(path)
  await once(server, 'listening')
  return { address: `unix:path=${path}`, heard, [Symbol.dispose]: () => void server.close() }
}

function serve(socket: Socket, heard: Message[], answer: Answer): void {
  let rest = Buffer.alloc(0)
  let isGreeted = false
  const say = (message: Partial<Message>): void =>
    void socket.write(encodeMessage({ type: METHOD_RETURN, serial: 1, body: [], ...message }))
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    if (!isGreeted && rest.toString('latin1').startsWith('\0AUTH EXTERNAL 30\r\n')) {
      if (!rest.includes('BEGIN')) {
        if (rest.length === 19) socket.write('OK 0123456789abcdef\r\n')
        return
      }
      rest = rest.subarray(rest.indexOf('BEGIN\r\n') + 7)
      isGreeted = true
    }
    for (let next = decodeMessage(rest); next; next = decodeMessage(rest)) {
      const { message, length } = next
      rest = rest.subarray(length)
      heard.push(message)
      answer(message, (reply) => say({ replyTo: message.serial, ...reply }))
    }
  })
}

const version: Partial<Message> = { signature: 'v', body: [{ signature: 's', value: '252.39-1~deb12u1' }] }
const job = (result: string): Partial<Message> => ({
  type: SIGNAL,
  path: '/m',
  member: 'JobRemoved',
  interface: 'org.freedesktop.systemd1.Manager',
  signature: 'uoss',
  body: [5, '/job/5', 'boxwright-x.scope', result],
})

const wish = {
  unit: { name: 'boxwright-x.scope', slice: 'system.slice' },
  pid: '4711',
  isV2: true,
  resources: { memory: { limit: 1n << 20n } },
  annotations: {},
  cgroups: [],
  then: [],
}

const skip = { skip: process.geteuid?.() === 0 ? false : 'the bus of this test expects root' }

test('startUnit asks for a scope with the process in it, and waits for its job', skip, async () => {
  using bus = await fakeBus(({ member }, say) => {
    if (member === 'Get') say(version)
    else if (member === 'StartTransientUnit') {
      say({ signature: 'o', body: ['/job/5'] })
      say(job('done'))
    } else say({})
  })
  await startUnit(wish, bus.address)
  assert.deepEqual(
    bus.heard.map(({ member }) => member),
    ['Hello', 'Get', 'AddMatch', 'StartTransientUnit'],
  )
  const [name, mode, properties] = bus.heard.at(-1)?.body ?? []
  assert.deepEqual([name, mode], ['boxwright-x.scope', 'replace'])
  const told = Object.fromEntries(
    (properties as [string, { value: Value }][]).map(([name, { value }]) => [name, value]),
  )
  assert.deepEqual(
    [told['Slice'], told['Delegate'], told['PIDs'], told['MemoryMax']],
    ['system.slice', true, [4711], 1n << 20n],
  )
})

test('startUnit forgets a unit that has failed before, and begins again', skip, async () => {
  let tries = 0
  using bus = await fakeBus(({ member }, say) => {
    if (member === 'Get') say(version)
    else if (member === 'StartTransientUnit' && (tries += 1) === 1)
      say({ type: ERROR, error: 'org.freedesktop.systemd1.UnitExists', signature: 's', body: ['it is there'] })
    else if (member === 'StartTransientUnit') {
      say(job('done')) // before its name is known
      say({ signature: 'o', body: ['/job/5'] })
    } else say({})
  })
  await startUnit(wish, bus.address)
  assert.ok(bus.heard.some(({ member }) => member === 'ResetFailedUnit'))
})

test('startUnit says what systemd says when it refuses, or its job fails', skip, async () => {
  using refusing = await fakeBus(({ member }, say) => {
    if (member === 'StartTransientUnit')
      say({ type: ERROR, error: 'org.freedesktop.DBus.Error.AccessDenied', signature: 's', body: ['not you'] })
    else say(member === 'Get' ? version : {})
  })
  await assert.rejects(
    startUnit(wish, refusing.address),
    /Cannot start unit "boxwright-x\.scope": .*AccessDenied: not you\n/,
  )
  using failing = await fakeBus(({ member }, say) => {
    say(member === 'Get' ? version : member === 'StartTransientUnit' ? { signature: 'o', body: ['/job/5'] } : {})
    if (member === 'StartTransientUnit') say(job('failed'))
  })
  await assert.rejects(startUnit(wish, failing.address), /its job ended as "failed"/)
})

test('Bus.open says so when nobody listens', async () => {
  await assert.rejects(
    Bus.open('unix:path=/nonexistent/bus'),
    /nobody listens at "unix:path=\/nonexistent\/bus"\n {2}\S/,
  )
})

const hasDaemon = spawnSync('dbus-daemon', ['--version']).status === 0
test(
  'a real bus understands what we say, and we what it says',
  { skip: !hasDaemon && 'there is no dbus-daemon here' },
  async () => {
    const path = join(place(), 'bus')
    const daemon = spawn('dbus-daemon', [
      '--session',
      '--nofork',
      '--nopidfile',
      `--address=unix:path=${path}`,
      '--print-address',
    ])
    try {
      await once(daemon.stdout, 'data')
      using bus = await Bus.open(`unix:path=${path}`)
      const to = {
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
      }
      const [names] = await bus.call({ ...to, member: 'ListNames' })
      assert.ok((names as string[]).includes('org.freedesktop.DBus'))
      const [pid] = await bus.call({
        ...to,
        member: 'GetConnectionUnixProcessID',
        signature: 's',
        body: [(names as string[])[1] ?? ''],
      })
      assert.equal(pid, process.pid)
      const heard: string[] = []
      await bus.listen("type='signal',member='NameAcquired'", ({ body }) => void heard.push(body[0] as string))
      await bus.call({ ...to, member: 'RequestName', signature: 'su', body: ['org.example.Own', 0] })
      assert.deepEqual(heard, ['org.example.Own'])
      await assert.rejects(
        bus.call({
          ...to,
          destination: 'org.freedesktop.systemd1',
          member: 'X',
          signature: 'a(sv)',
          body: [[['n', { signature: 't', value: 1n }]]],
        }),
        (error) => error instanceof BusError && /ServiceUnknown|Spawn/.test(error.error),
      )
    } finally {
      daemon.kill()
    }
  },
)
