/** Netlink messages: byte for byte what `ip` (iproute2 6.1) sends for the same wish, as strace saw it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLink } from '../../src/kernel/interfaces.ts'
import * as netlink from '../../src/kernel/netlink.ts'
import * as rtnetlink from '../../src/kernel/rtnetlink.ts'
import { seeded } from './random.ts'
import { seen } from './netlink-vectors.ts'

const VECTORS: Record<string, { ours: Buffer; ip: string }> = {
  'ip link set lo up': {
    ours: rtnetlink.linkUp(1),
    ip: '200000001000050074d3076b0000000000000000010000000100000001000000',
  },
  'ip link add br0 type bridge': {
    ours: rtnetlink.newBridge('br0'),
    ip:
      '380000001000050674d3076b00000000000000000000000000000000000000000800030062723000100012000a000100' +
      '6272696467650000',
  },
  'ip link add veth0 type veth peer name eth0': {
    ours: rtnetlink.newVeth('veth0', { name: 'eth0' }),
    ip:
      '5c0000001000050674d3076b00000000000000000000000000000000000000000a000300766574683000000030001200' +
      '0800010076657468240002002000010000000000000000000000000000000000090003006574683000000000',
  },
  'ip link add veth1 type veth peer name eth1 netns 25850': {
    ours: rtnetlink.newVeth('veth1', { name: 'eth1', pid: 25850 }),
    ip:
      '640000001000050674d3076b00000000000000000000000000000000000000000a000300766574683100000038001200' +
      '08000100766574682c000200280001000000000000000000000000000000000008001300fa6400000900030065746831' +
      '00000000',
  },
  'ip link add veth2 mtu 1400 type veth peer name eth2 mtu 1400 address 02:00:00:00:00:07': {
    ours: rtnetlink.newVeth('veth2', { name: 'eth2', mtu: 1400, address: '02:00:00:00:00:07' }),
    ip:
      '780000001000050608d4076b000000000000000000000000000000000000000008000400780500000a00030076657468' +
      '320000004400120008000100766574683800020034000100000000000000000000000000000000000800040078050000' +
      '0a0001000200000000070000090003006574683200000000',
  },
  'ip link set veth0 master br0': {
    ours: rtnetlink.setMaster(4, 2),
    ip: '280000001000050074d3076b000000000000000004000000000000000000000008000a0002000000',
  },
  'ip link set eth9 netns 25850': {
    ours: rtnetlink.moveToNamespaceOf(3, 25850),
    ip: '280000001000050074d3076b000000000000000003000000000000000000000008001300fa640000',
  },
  'ip link set veth0 address 02:00:00:00:00:07': {
    ours: rtnetlink.setAddress(4, '02:00:00:00:00:07'),
    ip: '2c0000001000050075d3076b00000000000000000400000000000000000000000a0001000200000000070000',
  },
  'ip link set eth0 name eth9': {
    ours: rtnetlink.rename(3, 'eth9'),
    ip: '2c0000001000050074d3076b0000000000000000030000000000000000000000090003006574683900000000',
  },
  'ip link set br0 mtu 1400': {
    ours: rtnetlink.setMtu(2, 1400),
    ip: '280000001000050008d4076b00000000000000000200000000000000000000000800040078050000',
  },
  'ip addr add 10.1.2.3/24 dev br0': {
    ours: rtnetlink.newAddress(2, '10.1.2.3/24'),
    ip: '280000001400050674d3076b000000000218000002000000080002000a010203080001000a010203',
  },
  'ip addr add fd00::3/64 dev br0 nodad': {
    ours: rtnetlink.newAddress(2, 'fd00::3/64'),
    ip:
      '400000001400050608d4076b000000000a4002000200000014000200fd00000000000000000000000000000314000100' +
      'fd000000000000000000000000000003',
  },
  'ip route add default via 10.1.2.1 dev br0': {
    ours: rtnetlink.newRoute({ to: 'default', via: '10.1.2.1', index: 2 }),
    ip: '2c0000001800050674d3076b0000000002000000fe03000100000000080005000a0102010800040002000000',
  },
  'ip route add 10.9.0.0/16 via 10.1.2.1': {
    ours: rtnetlink.newRoute({ to: '10.9.0.0/16', via: '10.1.2.1' }),
    ip: '2c0000001800050674d3076b0000000002100000fe03000100000000080001000a090000080005000a010201',
  },
  'ip route add 10.7.0.0/20 dev br0': {
    ours: rtnetlink.newRoute({ to: '10.7.0.0/20', index: 2 }),
    ip: '2c0000001800050608d4076b0000000002140000fe03fd0100000000080001000a0700000800040002000000',
  },
  'bridge link set dev veth0 hairpin on': {
    ours: rtnetlink.setHairpin(4),
    ip: '2c00000013000500e6da076b00000000070000000400000000000000000000000c000c800500040001000000',
  },
  'ip link del br0': {
    ours: rtnetlink.deleteLink(2),
    ip: '200000001100050074d3076b0000000000000000020000000000000000000000',
  },
}

for (const [command, { ours, ip }] of Object.entries(VECTORS))
  test(`rtnetlink writes what "${command}" sends when asked for the same`, () => {
    assert.equal(seen(ours), seen(Buffer.from(ip, 'hex')))
  })

test('parseReplies gives each message back when several have been numbered', (t) => {
  const random = seeded(t)
  const messages = random.list(8, () => netlink.message(random.below(256), 0, Buffer.from(random.text(20))))
  const replies = netlink.parseReplies(netlink.numbered(messages.map(padded)))
  assert.deepEqual(
    replies.map(({ number }) => number),
    messages.map((_, n) => n),
  )
})

/** A message's length is a multiple of four when all it holds is heads and attributes. */
const padded = (message: Buffer): Buffer => {
  const bytes = Buffer.concat([message, Buffer.alloc(-message.length & 3)])
  bytes.writeUInt32LE(bytes.length)
  return bytes
}

test('attributesIn gives what attribute wrote when their lengths differ', (t) => {
  const random = seeded(t)
  const values = random.list(9, () => Buffer.from(random.text(9)))
  const found = netlink.attributesIn(Buffer.concat(values.map((value, n) => netlink.attribute(n, value))))
  assert.deepEqual([...found.values()], values)
})

test('parseReplies and attributesIn refuse a length when it leads out of what was read', () => {
  assert.throws(() => netlink.parseReplies(Buffer.alloc(16, 0xff)), /^RangeError: Cannot read a netlink message/)
  assert.throws(() => netlink.parseReplies(Buffer.alloc(16)), /^RangeError: Cannot read a netlink message of 0 bytes/)
  assert.throws(() => netlink.attributesIn(Buffer.from([9, 0, 1, 0])), /^RangeError: Cannot read a netlink attribute/)
})

test('parseLink tells index, name and master when the kernel describes a port of a bridge', () => {
  const [reply] = netlink.parseReplies(rtnetlink.setMaster(4, 2))
  assert.ok(reply)
  assert.deepEqual(parseLink(reply), [{ index: 4, up: false, name: '', address: '', mtu: 0, master: 2 }])
})

test('setAddress refuses a hardware address when it is not six bytes', () => {
  assert.throws(() => rtnetlink.setAddress(1, '02:00'), /^RangeError: Cannot read the hardware address "02:00"/)
})
