/** systemd's names, a container's limits in its words, and what is said to it, byte by byte. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerCgroups, cgroupsOf } from '../../src/box/container/cgroups.ts'
import { roundedQuota } from '../../src/box/container/resource-weights.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import type { Resources } from '../../src/oci/resources.ts'
import { plan } from '../../src/plan/plan.ts'
import { decodeMessage, encodeMessage, METHOD_CALL, typesIn, type Message } from '../../src/runtime/dbus-wire.ts'
import { annotatedProperties, limitProperties } from '../../src/runtime/systemd-properties.ts'
import { cgroupOf, expandSlice, unitOf } from '../../src/runtime/systemd-unit.ts'
import { machineWith, place, v1, v2 } from './sites.ts'

const UNITS: [asked: string | undefined, rootless: boolean, cgroup: string][] = [
  ['system.slice:docker:abc', false, '/system.slice/docker-abc.scope'],
  [
    'kubepods-burstable-pod1.slice:cri:abc',
    false,
    '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-abc.scope',
  ],
  [':libpod:abc', false, '/system.slice/libpod-abc.scope'],
  [':libpod:abc', true, '/user.slice/libpod-abc.scope'],
  ['-.slice:x:abc', false, '/x-abc.scope'],
  ['a.slice::a-b.slice', false, '/a.slice/a-b.slice'],
  [undefined, false, '/system.slice/boxwright-id.scope'],
]
for (const [asked, rootless, cgroup] of UNITS)
  test(`the cgroup of "${asked}" is ${cgroup} when systemd makes it ${rootless ? 'for a user' : 'for root'}`, () => {
    assert.equal(cgroupOf(unitOf(asked, 'id', rootless)), cgroup)
  })

test('unitOf and expandSlice refuse what systemd has no name for', () => {
  for (const path of ['/a/b', 'a:b', 'a:b:c:d', 'a:b:'])
    assert.throws(() => unitOf(path, 'id', false), /expected cgroupsPath to be of format "slice:prefix:name"/)
  for (const slice of ['a', '.slice', 'a--b.slice', '-a.slice', 'a/b.slice', 'a-.slice'])
    assert.throws(() => expandSlice(slice), /invalid slice name/)
})

const MOST = (1n << 64n) - 1n
const PROPERTIES: [resources: Resources, isV2: boolean, expected: Record<string, unknown>][] = [
  [
    { memory: { limit: 1000n, swap: 3000n, reservation: 500n } },
    true,
    { MemoryMax: 1000n, MemoryLow: 500n, MemorySwapMax: 2000n },
  ],
  [{ memory: { limit: 1000n, swap: 3000n, reservation: 500n } }, false, { MemoryLimit: 1000n }],
  [{ memory: { limit: -1n } }, true, { MemoryMax: MOST, MemorySwapMax: MOST }],
  [{ memory: { limit: 1000n, swap: 1000n } }, true, { MemoryMax: 1000n, MemorySwapMax: 0n }],
  [{ cpu: { shares: 1024n } }, true, { CPUWeight: 100n }],
  [{ cpu: { shares: 1024n } }, false, { CPUShares: 1024n }],
  [{ cpu: { shares: 1024n, idle: 1 } }, true, { CPUWeight: 0n }],
  [{ cpu: { quota: 50_000n } }, true, { CPUQuotaPerSecUSec: 500_000n }],
  [{ cpu: { quota: 5001n, period: 10_000n } }, true, { CPUQuotaPeriodUSec: 10_000n, CPUQuotaPerSecUSec: 510_000n }],
  [{ cpu: { quota: -1n } }, true, { CPUQuotaPerSecUSec: MOST }],
  [{ cpu: { cpus: '0,9-10', mems: '0' } }, true, { AllowedCPUs: [1, 6], AllowedMemoryNodes: [1] }],
  [{ pids: { limit: 30n } }, true, { TasksMax: 30n }],
  [{ pids: { limit: -1n } }, false, { TasksMax: MOST }],
  [{ blockIO: { weight: 300 } }, false, { BlockIOWeight: 300 }],
]
for (const [resources, isV2, expected] of PROPERTIES)
  test(`systemd is told ${Object.keys(expected).join(', ')} when cgroups are version ${isV2 ? 2 : 1}`, () => {
    const told = limitProperties(resources, 252, isV2).filter(([name]) => !name.startsWith('Device'))
    assert.deepEqual(Object.fromEntries(told.map(([name, { value }]) => [name, value])), expected)
  })

test('systemd is told the list of devices, and that there is no other, when there are rules', () => {
  const devices = [{ allow: false }, { allow: true, type: 'b' as const, major: 8, access: 'r' }]
  const told = limitProperties({ devices }, 252, true)
  assert.deepEqual(
    told.map(([name]) => name),
    ['DeviceAllow', 'DevicePolicy', 'DeviceAllow'],
  )
  assert.deepEqual((told[2]?.[1].value as string[][]).slice(0, 4), [
    ['block-8', 'r'],
    ['char-*', 'm'],
    ['block-*', 'm'],
    ['/dev/char/1:3', 'rwm'],
  ])
  assert.deepEqual(
    limitProperties({ devices: [{ allow: true }] }, 252, true).map(([, { value }]) => value),
    [[], 'auto'],
  )
})

test('a quota is rounded up to a whole percent, in the cgroup as well, when systemd has it', () => {
  assert.equal(roundedQuota({ cpu: { quota: 5001n, period: 10_000n } }).cpu?.quota, 5100n)
  assert.equal(roundedQuota({ cpu: { quota: 50_000n } }).cpu?.quota, 50_000n)
})

test('annotatedProperties reads what runC reads', () => {
  const told = annotatedProperties({
    'org.systemd.property.TimeoutStopUSec': 'uint64 5000000',
    'org.systemd.property.CollectMode': "'inactive-or-failed'",
    'org.systemd.property.RuntimeMaxSec': '1',
    'org.systemd.property.Delegate': 'false',
    'another.annotation': 'x',
  })
  assert.deepEqual(told, [
    ['TimeoutStopUSec', { signature: 't', value: 5_000_000n }],
    ['CollectMode', { signature: 's', value: 'inactive-or-failed' }],
    ['RuntimeMaxUSec', { signature: 't', value: 1_000_000n }],
    ['Delegate', { signature: 'b', value: false }],
  ])
  assert.throws(
    () => annotatedProperties({ 'org.systemd.property.X': 'words' }),
    /org\.systemd\.property\.X" to "words"/,
  )
})

test('containerCgroups asks systemd, and walks only into hierarchies that it has not put the box in', () => {
  const where = place([v1('memory', '/a'), v1('name=systemd', '/a'), v2([], '/a')], {
    unit: { name: 'a', slice: 's.slice' },
  })
  const steps = plan(defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'] }), [containerCgroups], machineWith(where))
  assert.deepEqual(
    steps.map(({ lane, call, args }) => `${lane} ${call} ${String(args[0])}`),
    ['host ask systemd', 'box write /cg/memory/a/tasks'],
  )
  assert.deepEqual(cgroupsOf(steps), ['/cg/systemd/a', '/cg/a', '/cg/memory/a'])
})

test('typesIn takes a signature apart', () => {
  assert.deepEqual(typesIn('ssa(sv)a(sa(sv))'), ['s', 's', 'a(sv)', 'a(sa(sv))'])
  assert.deepEqual(typesIn('aa{sv}(ii)y'), ['aa{sv}', '(ii)', 'y'])
})

test('a message has the bytes that the specification gives it', () => {
  const hello = {
    type: METHOD_CALL,
    serial: 1,
    destination: 'a.b',
    path: '/o',
    interface: 'c.d',
    member: 'Hello',
    body: [],
  }
  assert.equal(
    encodeMessage(hello).toString('hex'),
    [
      '6c01000100000000' + '010000003c000000',
      '01016f00020000002f6f0000' + '00000000',
      '0201730003000000632e6400' + '00000000',
      '030173000500000048656c6c6f00' + '0000',
      '0601730003000000612e6200',
      '00000000',
    ].join(''),
  )
})

test('a message is read back as it was written, and not before its last byte is there', () => {
  const message: Message = {
    type: METHOD_CALL,
    serial: 7,
    path: '/a',
    member: 'M',
    signature: 'sba(sv)a(sa(sv))xtyau',
    body: [
      'name',
      true,
      [
        ['MemoryMax', { signature: 't', value: MOST }],
        ['DeviceAllow', { signature: 'a(ss)', value: [['/dev/null', 'rwm']] }],
        ['AllowedCPUs', { signature: 'ay', value: [1, 2] }],
      ],
      [],
      -1n,
      MOST,
      255,
      [1, 2, 3],
    ],
  }
  const bytes = encodeMessage(message)
  assert.deepEqual(decodeMessage(Buffer.concat([bytes, Buffer.from('l')])), { message, length: bytes.length })
  for (let length = 0; length < bytes.length; length++)
    assert.equal(decodeMessage(bytes.subarray(0, length)), undefined)
})
