/**
 * The specification of a box, and its shape as the OCI publishes it: tables from runtime-spec config.md and config-linux.md. With
 * BOXWRIGHT_RUNTIME_SPEC naming a checkout of the runtime specification, its own schema is asked as well.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BOX_MARK, defaultSpec } from '../../src/oci/defaults.ts'
import { judge, skip } from './published.ts'

const spec = defaultSpec({ id: 'abc', rootfs: '/images/base', args: ['sh', '-c', 'true'] })

test('defaultSpec hands on what was asked for', () => {
  const resources = { pids: { limit: 3n } }
  const asked = defaultSpec({ id: 'x', rootfs: '/r', args: ['ls'], hostname: 'h', resources })
  assert.deepEqual(asked.root, { path: '/r' })
  assert.deepEqual(asked.process.args, ['ls'])
  assert.equal(asked.hostname, 'h')
  assert.equal(asked.linux.resources.pids, resources.pids)
})

test('defaultSpec names the box, leaves it unlimited and starts at / when nothing is said', () => {
  assert.equal(spec.hostname, 'box')
  assert.deepEqual(Object.keys(spec.linux.resources), ['devices'])
  assert.equal(spec.process.cwd, '/')
})

test('defaultSpec gives each box a cgroup of its own name, and marks its processes with it', () => {
  assert.equal(spec.linux.cgroupsPath, '/boxwright-abc')
  assert.equal(spec.process.env.at(-1), `${BOX_MARK}=abc`)
})

test('defaultSpec passes on the terminal, and nothing else of our environment', () => {
  const names = (environment: string[]): string[] => environment.map((entry) => entry.replace(/=.*/s, ''))
  const { env } = process
  const before = env['TERM']
  try {
    env['TERM'] = 'vt100'
    const { process: own } = defaultSpec({ id: 'x', rootfs: '/r', args: [] })
    assert.deepEqual(names(own.env), ['PATH', 'HOME', 'TERM', BOX_MARK])
    assert.ok(own.env.includes('TERM=vt100'))
    for (const none of ['', undefined]) {
      if (none === undefined) delete env['TERM']
      else env['TERM'] = none
      assert.deepEqual(names(defaultSpec({ id: 'x', rootfs: '/r', args: [] }).process.env), ['PATH', 'HOME', BOX_MARK])
    }
  } finally {
    if (before !== undefined) env['TERM'] = before
  }
})

test('defaultSpec asks for the five namespaces that the lessons have', () => {
  const types = spec.linux.namespaces.map(({ type }) => type)
  assert.deepEqual(types.sort(), ['cgroup', 'ipc', 'mount', 'pid', 'uts'])
})

/** config-linux.md §default-filesystems. */
test('defaultSpec mounts the file systems that the specification asks for, each below one that is there by then', () => {
  const types = Object.fromEntries(spec.mounts.map(({ destination, type }) => [destination, type]))
  const expected = { '/proc': 'proc', '/dev': 'tmpfs', '/dev/pts': 'devpts', '/dev/shm': 'tmpfs', '/sys': 'sysfs' }
  assert.deepEqual(types, expected)
  const order = spec.mounts.map(({ destination }) => destination)
  assert.ok(order.indexOf('/dev') < order.indexOf('/dev/pts') && order.indexOf('/dev') < order.indexOf('/dev/shm'))
})

test('defaultSpec lets no mount honour set-user-ID bits, and none but /dev hold devices', () => {
  for (const { destination, options } of spec.mounts) {
    assert.ok(options.includes('nosuid'), destination)
    assert.equal(options.includes('nodev') || destination.startsWith('/dev'), true, destination)
    assert.equal(options.includes('noexec'), destination !== '/dev', destination)
    assert.equal(options.includes('ro'), destination === '/sys', destination)
  }
})

/** config-linux.md §default-devices; the numbers are those of null(4), zero(4), full(4), random(4), tty(4). */
test('defaultSpec has the devices that the specification asks for, under the numbers of the kernel', () => {
  const devices = Object.fromEntries(spec.linux.devices.map(({ path, major, minor }) => [path, `${major}:${minor}`]))
  assert.deepEqual(devices, {
    '/dev/null': '1:3',
    '/dev/zero': '1:5',
    '/dev/full': '1:7',
    '/dev/random': '1:8',
    '/dev/urandom': '1:9',
    '/dev/tty': '5:0',
  })
  assert.ok(spec.linux.devices.every(({ fileMode }) => fileMode === 0o666))
})

/** JSON has no 64-bit numbers: none of a box's own is above 2^53. */
const asNumber = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)

test("the specification's schema finds no fault in a box's spec", { skip }, () => {
  assert.deepEqual(judge('config-schema.json')(JSON.parse(JSON.stringify(spec, asNumber))), [])
})
