/** What a layer's bytes mean: names, numbers, records, whiteouts, chains. */
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chainIds } from '../../src/layer/chain.ts'
import { clean, show } from '../../src/layer/names.ts'
import { amend, parseRecords, xattrsOf } from '../../src/layer/pax.ts'
import { numberIn, parseHeader } from '../../src/layer/tar-header.ts'
import { whiteoutOf } from '../../src/layer/whiteout.ts'
import type { Digest } from '../../src/oci/digest.ts'
import { paxOf, tar } from '../kernel/tar-maker.ts'

test('a name is one below the root when it is cleaned', () => {
  const names = {
    '': '',
    '/': '',
    './': '',
    'a/': 'a',
    '/a//b/.': 'a/b',
    'a/../b': 'b',
    '../../a': 'a',
    'a/../../..': '',
  }
  for (const [name, expected] of Object.entries(names)) assert.equal(clean(name), expected, name)
})

test('a name is one line of text when it is shown', () => {
  assert.equal(show('a\nb'), '"a\\nb"')
  assert.equal(show(Buffer.from('ä').toString('latin1')), '"ä"')
  assert.equal(show('\x1b[31m\x9b'), '"\\u001b[31m\ufffd"')
  assert.ok(show('x'.repeat(5000)).length < 100)
})

test('a number is read when it is in octal or in base 256', () => {
  const fields = { '0000644\0': 420, '    644 ': 420, '\0\0\0\0\0\0\0\0': 0, '        ': 0, '77777777': 0o77777777 }
  for (const [field, expected] of Object.entries(fields)) assert.equal(numberIn(Buffer.from(field)), expected, field)
  assert.equal(numberIn(Buffer.from('80000000ffffffff', 'hex')), 2 ** 32 - 1)
  assert.equal(numberIn(Buffer.from('ffffffffffffffff', 'hex')), -1)
  for (const field of ['0000648\0', '-1      ', '0x1ff   '])
    assert.equal(numberIn(Buffer.from(field)), undefined, field)
})

test('a header has no name before its own when it is GNU’s', () => {
  const spoil = (magic: string) => (block: Buffer) => {
    block.write(magic, 257, 'latin1')
    block.write('prefix', 345)
  }
  const name = (magic: string): string | undefined =>
    parseHeader(tar({ name: 'a', spoil: spoil(magic) }).subarray(0, 512), 0)?.name
  assert.equal(name('ustar\x0000'), 'prefix/a')
  assert.equal(name('ustar  \0'), 'a')
})

test('records amend a header when they say more than it can', () => {
  const header = parseHeader(tar({ name: 'a' }).subarray(0, 512), 0)
  assert.ok(header)
  const records = parseRecords(bytesOf({ path: 'b=\n', mtime: '-1.25', uid: '4000000000', size: '9000000000' }))
  const { name, mtime, uid, size } = amend(header, records)
  assert.deepEqual(
    { name, mtime, uid, size },
    {
      name: 'b=\n',
      mtime: { seconds: -2, nanoseconds: 750_000_000 },
      uid: 4_000_000_000,
      size: 9_000_000_000,
    },
  )
})

test('a time has its nanoseconds when a record writes them', () => {
  const header = parseHeader(tar({ name: 'a' }).subarray(0, 512), 0)
  assert.ok(header)
  const times = {
    '1.5': [1, 5e8],
    '1.': [1, 0],
    '0.000000001': [0, 1],
    '1.9999999999': [1, 999999999],
    '-0.5': [-1, 5e8],
    '-3': [-3, 0],
    '9999999999.1': [9999999999, 1e8],
  }
  for (const [mtime, [seconds, nanoseconds]] of Object.entries(times))
    assert.deepEqual(amend(header, parseRecords(bytesOf({ mtime }))).mtime, { seconds, nanoseconds }, mtime)
})

test('xattrs are bytes when SCHILY or libarchive wrote them', () => {
  const records = parseRecords(
    bytesOf({ 'SCHILY.xattr.user.a': Buffer.from([0, 255, 10]), 'LIBARCHIVE.xattr.user.%62': 'AP8K' }),
  )
  assert.deepEqual(
    [...xattrsOf(records)],
    [
      ['user.a', Buffer.from([0, 255, 10])],
      ['user.b', Buffer.from([0, 255, 10])],
    ],
  )
})

test('a name says what is gone when it begins with .wh.', () => {
  const whiteouts = {
    'a/b': { is: 'none' },
    'a/.wh': { is: 'none' },
    'a.wh.b': { is: 'none' },
    'a/.wh.b': { is: 'gone', name: 'a/b' },
    '.wh.b': { is: 'gone', name: 'b' },
    'a/.wh.b/c': { is: 'none' },
    'a/.wh..wh..opq': { is: 'opaque', name: 'a' },
    '.wh..wh..opq': { is: 'opaque', name: '' },
    '.wh..wh.plnk': { is: 'meta' },
    '.wh..wh.plnk/1.2': { is: 'meta' },
    'a/.wh..b': { is: 'gone', name: 'a/.b' },
  }
  for (const [name, expected] of Object.entries(whiteouts)) assert.deepEqual(whiteoutOf(name), expected, name)
})

test('a chain names each tree by all layers that are in it', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((digit): Digest => `sha256:${digit.repeat(64)}`) as [Digest, Digest, Digest]
  const sum = (text: string): string => execFileSync('sha256sum', { input: text, encoding: 'utf8' }).slice(0, 64)
  const ab = `sha256:${sum(`${a} ${b}`)}`
  assert.deepEqual(chainIds([]), [])
  assert.deepEqual(chainIds([a, b, c]), [a, ab, `sha256:${sum(`${ab} ${c}`)}`])
})

/** Of a header of records, without the header. */
function bytesOf(records: Record<string, string | Buffer>): Buffer {
  const made = paxOf(records)
  return made.subarray(512, 512 + Number.parseInt(made.toString('latin1', 124, 135), 8))
}
