/** Addresses as bytes and as text. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as address from '../../src/kernel/address.ts'
import { seeded } from './random.ts'

const WRITTEN: Record<string, string> = {
  '10.1.2.3': '0a010203',
  '255.255.255.255': 'ffffffff',
  '::': '00000000000000000000000000000000',
  '::1': '00000000000000000000000000000001',
  'fd00::3': 'fd000000000000000000000000000003',
  '2001:db8:0:1:1:1:1:1': '20010db8000000010001000100010001',
  '2001:db8::1:0:0:1': '20010db8000000000001000000000001',
  'fe80::': 'fe800000000000000000000000000000',
  '0:1::': '00000001000000000000000000000000',
}

for (const [text, hex] of Object.entries(WRITTEN))
  test(`an address is ${hex} when it is written ${text}`, () => {
    assert.equal(address.addressBytes(text).toString('hex'), hex)
    assert.equal(address.addressText(Buffer.from(hex, 'hex')), text)
  })

test('addressBytes reads the last four bytes in the other notation when an IPv6 address has dots', () => {
  assert.equal(address.addressBytes('::ffff:10.1.2.3').toString('hex'), '00000000000000000000ffff0a010203')
})

test('addressText is read back as the same bytes when they are any', (t) => {
  const random = seeded(t)
  for (let n = 0; n < 200; n += 1) {
    const bytes = Buffer.from(
      Array.from({ length: random.pick([4, 16]) }, () => random.pick([0, 0, random.below(256)])),
    )
    assert.deepEqual(address.addressBytes(address.addressText(bytes)), bytes)
  }
})

for (const bad of ['', '10.1.2', '10.1.2.256', 'fe80::1%eth0', 'one', '1:2:3'])
  test(`addressBytes refuses "${bad}" when it is no address`, () => {
    assert.throws(() => address.addressBytes(bad), { name: 'RangeError', message: /^Cannot read the address/ })
  })

for (const bad of ['10.1.2.3', '10.1.2.3/33', '10.1.2.3/', '/24', 'fd00::/129', '10.0.0.0/-1'])
  test(`parseCidr refuses "${bad}" when it is no network`, () => {
    assert.throws(() => address.parseCidr(bad), { name: 'RangeError' })
  })

test('a network knows its first and last address, and whom it contains, when it is asked', () => {
  const network = address.parseCidr('10.1.18.7/20')
  assert.deepEqual(address.networkOf(network), { address: '10.1.16.0', prefix: 20 })
  assert.equal(address.lastOf(network), '10.1.31.255')
  assert.deepEqual(
    ['10.1.16.0', '10.1.31.255', '10.1.32.0', 'fd00::1'].map((one) => address.contains(network, one)),
    [true, true, false, false],
  )
  assert.equal(address.plus('10.1.2.255', 1), '10.1.3.0')
  assert.equal(address.lastOf(address.parseCidr('fd00::/64')), 'fd00::ffff:ffff:ffff:ffff')
})
