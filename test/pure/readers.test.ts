/** What is asked of the machine itself, whoever asks: only that it answers, in the shape that plans are made from. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { opened } from '../../src/box/binds.ts'
import { become } from '../../src/box/user.ts'
import { readAddresses, readLinks, readRoutes } from '../../src/kernel/interfaces.ts'
import { flock } from '../../src/kernel/libc.ts'
import { readMachine } from '../../src/kernel/machine.ts'
import { exchange } from '../../src/kernel/netlink-socket.ts'
import { readSubids } from '../../src/kernel/subids.ts'
import { unlinkEmpty } from '../../src/kernel/unlink-empty.ts'
import { readUsers } from '../../src/kernel/users.ts'
import { to } from '../../src/kernel/nftables.ts'
import { specOfConfig } from '../../src/oci/config.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { parseUser } from '../../src/oci/user.ts'
import { box, host, plan } from '../../src/plan/plan.ts'
import { machines } from './machines.ts'
import { told } from './told.ts'

const directory = fs.mkdtempSync(join(tmpdir(), 'readers-'))
after(() => fs.rmSync(directory, { recursive: true }))

test('readMachine says what every plan asks for when it is asked of this machine', () => {
  const { cgroups, users, network, security } = readMachine()
  assert.ok(['v1', 'hybrid', 'v2', 'none'].includes(cgroups.layout))
  assert.ok(users.count >= 1 && users.pieces.length >= 1)
  assert.equal(typeof network.ours, 'boolean')
  assert.ok(security.landlock >= 0)
})

test('the loopback is among the interfaces, and 127.0.0.1 among the addresses of one that is up', () => {
  const lo = readLinks().find(({ name }) => name === 'lo')
  assert.equal(lo?.index, 1)
  const own = readAddresses().filter(({ index }) => index === 1)
  if (lo.up) assert.ok(own.some(({ address, prefix }) => address === '127.0.0.1' && prefix === 8))
  for (const { to } of readRoutes()) assert.match(to, /^(default|[0-9a-f.:]+\/\d+)$/)
})

test('exchange says nothing when it has nothing to say', () => {
  assert.deepEqual(exchange(0, []), [])
})

test('readSubids gives ranges and their writers, or nothing', () => {
  const subids = readSubids()
  if (subids) assert.ok(subids.uids.count > 0 && subids.gids.count > 0 && fs.existsSync(subids.newuidmap))
})

test('readUsers counts nobody when 0 is not mapped', () => {
  assert.deepEqual(readUsers(['5 5 1', '5 5 1']), { namespaced: true, count: 0, pieces: [] })
})

test('flock gives a descriptor its lock, and throws when it is none', () => {
  const fd = fs.openSync(directory, 'r')
  assert.equal(flock(fd), 0)
  fs.closeSync(fd)
  assert.throws(() => flock(-1), { code: 'EBADF' })
})

test('unlinkEmpty takes an empty file, and nothing else, when no link is in the way', () => {
  const root = fs.mkdtempSync(join(directory, 'root-'))
  fs.mkdirSync(join(root, 'etc'))
  fs.symlinkSync(join(root, 'etc'), join(root, 'link'))
  for (const [name, text] of Object.entries({ empty: '', full: 'x' })) fs.writeFileSync(join(root, 'etc', name), text)
  for (const name of ['etc/full', 'etc/none', '../x', '']) unlinkEmpty(join(root, name), root)
  assert.throws(() => {
    unlinkEmpty(join(root, 'link/empty'), root)
  }, /ENOTDIR|ELOOP/)
  assert.deepEqual(fs.readdirSync(join(root, 'etc')), ['empty', 'full'])
  unlinkEmpty(join(root, 'etc/empty'), root)
  assert.deepEqual(fs.readdirSync(join(root, 'etc')), ['full'])
})

const spec = (more: object) => defaultSpec({ id: 'x', rootfs: '/r', args: ['sh'], ...more })
const mappings = [{ containerID: 0, hostID: 524288, size: 65536 }]

test('become changes the groups, then the group, then the user, when they are others than root’s', () => {
  const user = { uid: 5, gid: 6, additionalGids: [7] }
  assert.deepEqual(told(become(spec({ user, mappings }))), ['box setgroups([7])', 'box setgid(6)', 'box setuid(5)'])
  assert.deepEqual(told(become(spec({ user }))), ['box setgid(6)', 'box setuid(5)'])
  assert.deepEqual(told(become(spec({}))), [])
})

test('parseUser names the file when its numbers are none', () => {
  assert.throws(() => parseUser('x', { passwd: 'x:0:abc:5', group: '' }), /the box's own files have no number for "x"/)
  assert.throws(() => parseUser('0:g', { passwd: '', group: 'g' }), /no number for "g"/)
})

test('a match of addresses compares whole bytes, or masked ones, or nothing at all', () => {
  const sizes = [0, 8, 12, 32].map((prefix) => to({ address: '10.1.2.3', prefix }).length)
  assert.deepEqual(sizes, [0, 2, 3, 2])
})

test('a message of the host’s waits for the box when its number belongs in it', () => {
  const wall = {
    name: 'w',
    lesson: 7,
    steps: () => [box('chdir', ['/'], ''), host('netlink', [0, '00', 4], ''), host('netlink', [0, '00', 0], '')],
  }
  assert.deepEqual(told(plan(spec({}), [wall], machines.none)), [
    'host netlink(NETLINK_ROUTE, , 0)',
    'box chdir(/)',
    'host netlink(NETLINK_ROUTE, , 4)',
  ])
})

test('a volume has its owners by the box’s numbers when that is asked for and there are such', () => {
  const volumes = [{ destination: '/data', type: 'bind', source: '/srv', options: ['rbind', 'idmap'] }]
  const mapped = told(opened(spec({ volumes, mappings, namespaces: ['user'] }), machines.none))
  assert.ok(mapped.some((step) => /^host mount_setattr\(.*MOUNT_ATTR_IDMAP/.test(step)))
  assert.ok(told(opened(spec({ volumes }), machines.none)).every((step) => step.startsWith('box open_tree')))
})

test('specOfConfig names what is no text, and takes what is left out for its default', () => {
  const place = { directory: '/bundle', cgroupsPath: '/x', hostname: 'here' }
  const process = { args: ['id'], env: [], cwd: '/' }
  const ociVersion = '1.0.2'
  assert.throws(() => specOfConfig({ ociVersion, process, root: { path: 5 } }, place), /root\.path is 5, and not text/)
  assert.throws(() => specOfConfig({ ociVersion, process, root: {} }, place), /root\.path is missing/)
  assert.throws(() => specOfConfig({ ociVersion, process, root: [] }, place), /root is .*, and not an? object/)
  const resources = { memory: {}, pids: { limit: 5 }, devices: [] }
  const capabilities = { bounding: ['CAP_KILL'] }
  const full = { ...process, capabilities, rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: 2 }], selinuxLabel: '' }
  const spec = specOfConfig(
    { ociVersion, root: { path: 'x' }, process: full, linux: { resources } },
    { ...place, rootfs: '/r' },
  )
  assert.equal(spec.root.path, '/r')
  assert.deepEqual([spec.linux.resources.memory, spec.linux.resources.pids], [undefined, { limit: 5n }])
  assert.deepEqual(spec.process.capabilities?.ambient, [])
})
