/** An interface that moves into a box's network, from a network of the test's own. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CLONE_NEWNET, CLONE_NEWUSER } from '../../src/kernel/constants.ts'
import { readAddresses, readLinks } from '../../src/kernel/interfaces.ts'
import { route } from '../../src/kernel/netlink-socket.ts'
import * as rtnetlink from '../../src/kernel/rtnetlink.ts'
import { inside, linkNamed } from '../../src/network/plugins/namespace.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, BOX, host, type Draft } from '../../src/plan/plan.ts'
import { lookAt, planned, play, skipWithoutLauncher } from './native-world.ts'
import { enterOwnNetwork } from './network-ground.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutLauncher || enterOwnNetwork() }
const NETWORK = `/proc/${BOX}/ns/net`
const ADDRESSES = ['192.0.2.7/24', '198.51.100.9/31', '192.0.2.8/24', '2001:db8::7/64']

const born = host('unshare', [CLONE_NEWNET], '')
const move = (name: string, newName = name): Draft[] => [born, host('move_link', [name, NETWORK, newName], '')]

/** One end of a cable, with addresses, and more of them than anybody needs. */
function newWire(name: string, ...addresses: string[]): void {
  route(rtnetlink.newVeth(name, { name: `${name}b`, mtu: 1400 }))
  const index = linkNamed(name)?.index ?? 0
  for (const address of addresses) route(rtnetlink.newAddress(index, address))
}

const addressesOf = (name: string): string[] => {
  const index = linkNamed(name)?.index
  const ours = readAddresses().filter((one) => one.index === index && !one.address.startsWith('fe80'))
  return ours.map(({ address, prefix }) => `${address}/${prefix}`)
}

test('an interface has its addresses, another name, and is up in the box when it has moved', options, async () => {
  newWire('wire0', ...ADDRESSES)
  await lookAt(move('wire0', 'eth7'), (pid) => {
    assert.equal(linkNamed('wire0'), undefined)
    inside(`/proc/${pid}/ns/net`, () => {
      const { up, mtu } = linkNamed('eth7') ?? assert.fail('it is not there')
      assert.deepEqual([up, mtu], [true, 1400])
      assert.deepEqual(addressesOf('eth7').sort(), ADDRESSES.toSorted())
    })
  })
})

test('an interface keeps all of many addresses, and the index that it finds free, when it moves', options, async () => {
  const many = Array.from({ length: 300 }, (_, n) => `10.9.${n >> 8}.${n & 255}/16`)
  newWire('wire1', ...many)
  const first = linkNamed('wire1')?.index
  await lookAt([...move('wire1').slice(0, 1), host('unshare', [CLONE_NEWUSER], ''), ...move('wire1').slice(1)], (pid) =>
    inside(`/proc/${pid}/ns/net`, () => {
      assert.deepEqual(addressesOf('wire1').sort(), many.toSorted())
      assert.equal(linkNamed('wire1')?.index, first)
    }),
  )
})

test('the host’s own network is as it was when a box with a moved interface has ended', options, async () => {
  newWire('wire2')
  const before = readLinks().filter(({ name }) => !name.startsWith('wire2'))
  await lookAt(move('wire2'), () => {})
  assert.deepEqual(
    readLinks()
      .map(({ name }) => name)
      .filter((name) => !name.startsWith('wire')),
    before.map(({ name }) => name).filter((name) => !name.startsWith('wire')),
  )
})

const REFUSED: Record<string, { step: Draft; because: RegExp }> = {
  'there is no such interface': {
    step: host('move_link', ['none0', NETWORK, 'x'], ''),
    because: /move_link: No such device/,
  },
  'its name is taken there': {
    step: host('move_link', ['wire9', NETWORK, 'lo'], ''),
    because: /move_link: File exists/,
  },
  'its name is too long': { step: host('move_link', ['wire9', NETWORK, 'x'.repeat(16)], ''), because: /move_link: / },
  'there is no such network': {
    step: host('move_link', ['wire9', '/proc/self/ns/none', 'x'], ''),
    because: /move_link: No such file/,
  },
  'it is no network': {
    step: host('move_link', ['wire9', '/proc/self/ns/uts', 'x'], ''),
    because: /move_link: Invalid/,
  },
}

for (const [what, { step, because }] of Object.entries(REFUSED))
  test(`the launcher names the step, and the interface stays, when ${what}`, options, async () => {
    await using world = new World()
    if (!linkNamed('wire9')) newWire('wire9', '192.0.2.77/24')
    const command = box('execvpe', ['true', ['true'], ['PATH=/bin']], '')
    assert.match(play(world, encode(planned(born, box('chdir', ['/'], ''), step, command))).text, because)
    assert.deepEqual(addressesOf('wire9'), ['192.0.2.77/24'])
  })
