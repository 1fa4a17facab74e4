import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { parseBytes, parseCount, parseCpus, parseCpuset, parseThrottle } from '../../src/oci/quantity.ts'
import { seeded } from './random.ts'

const MOST = (1n << 63n) - 1n

const BYTES: [text: string, bytes: bigint][] = [
  ['1', 1n],
  ['512', 512n],
  ['512b', 512n],
  ['12k', 12288n],
  ['64m', 67108864n],
  ['64M', 67108864n],
  ['64mb', 67108864n],
  ['64MiB', 67108864n],
  ['2g', 2147483648n],
  ['1t', 1099511627776n],
  ['007', 7n],
  ['9007199254740993', 9007199254740993n],
  [String(MOST), MOST],
  ['8388607t', 8388607n << 40n],
]
for (const [text, bytes] of BYTES)
  test(`parseBytes gives ${bytes} when the text is "${text}"`, () => assert.equal(parseBytes(text, 'memory'), bytes))

const NO_SIZE = ['', '-1', '+1', '12q', '1.5m', '1e3', '0x10', ' 1', '1 ', 'm', '5i', '5ib', '5bb', '1mm', '١', '1\n']
for (const text of NO_SIZE)
  test(`parseBytes says that it is not a size when the text is ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseBytes(text, 'memory'), {
      name: 'RangeError',
      message: `Cannot set memory to "${text}": it is not a size\n  Write a whole number with a unit: 512k, 64m, 2g`,
    })
  })

const refusal = (what: string, text: string, fact: RegExp): { name: string; message: RegExp } => ({
  name: 'RangeError',
  message: new RegExp(`^Cannot set ${what} to "${text}": ${fact.source}\n  Write .+`),
})
const NOTHING = /nothing could run/
const TOO_LARGE = /the kernel's largest number is 9223372036854775807/

for (const text of ['0', '000', '0m', '0t'])
  test(`parseBytes says that nothing could run when the text is "${text}"`, () => {
    assert.throws(() => parseBytes(text, 'memory'), refusal('memory', text, NOTHING))
  })

for (const text of [1n << 63n, 1n << 70n, '8388608t', '9'.repeat(400)])
  test(`parseBytes gives the largest number when the text is "${String(text).slice(0, 30)}"`, () => {
    assert.throws(() => parseBytes(String(text), 'memory'), refusal('memory', String(text), TOO_LARGE))
  })

test('parseCount gives the number when it is whole and above zero', () => {
  assert.equal(parseCount('1', 'pids'), 1n)
  assert.equal(parseCount('032', 'pids'), 32n)
  assert.equal(parseCount(String(MOST), 'pids'), MOST)
})

test('parseCount names the value and the reason when it is not a number that the kernel takes', () => {
  for (const text of ['', '-1', '1.5', '12q', '1k', ' 1'])
    assert.throws(() => parseCount(text, 'pids'), refusal('pids', text, /it is not a whole number/))
  assert.throws(() => parseCount('0', 'pids'), refusal('pids', '0', NOTHING))
  for (const value of [1n << 63n, 1n << 70n])
    assert.throws(() => parseCount(String(value), 'pids'), refusal('pids', String(value), TOO_LARGE))
})

const CPUS: [text: string, quota: bigint][] = [
  ['0.01', 1000n],
  ['0.5', 50_000n],
  ['1', 100_000n],
  ['2.25', 225_000n],
  ['1.000006', 100_001n],
  ['0.0099999', 1000n],
  ['64', 6_400_000n],
]
for (const [text, quota] of CPUS)
  test(`parseCpus gives ${quota} µs of each 100 ms when the text is "${text}"`, () => {
    assert.deepEqual(parseCpus(text, 'cpus'), { quota, period: 100_000n })
  })

test('parseCpus names the value and the reason when it is not a share that the kernel takes', () => {
  for (const text of ['', '-1', '.5', '1.', '1e3', '12q', '1,5', 'Infinity', 'NaN'])
    assert.throws(() => parseCpus(text, 'cpus'), refusal('cpus', text, /it is not a number of processors/))
  for (const text of ['0', '0.0', '0.00999'])
    assert.throws(() => parseCpus(text, 'cpus'), refusal('cpus', text, /the kernel gives nothing below 0.01 .*/))
  for (const text of ['92233720368548', '9'.repeat(400)])
    assert.throws(() => parseCpus(text, 'cpus'), refusal('cpus', text, TOO_LARGE))
})

test('parseCpuset gives the text as it is when it is a list of processors', () => {
  for (const text of ['0', '0-2', '0-2,4', '3,1', '5-5', '9-10', '0,1,2,10-12'])
    assert.equal(parseCpuset(text, 'cpuset'), text)
})

test('parseCpuset names the value when it is not a list of processors', () => {
  for (const text of ['', ',', '0,', '2-0', '10-9', '-1', '1-', '0--1', '0-1-2', 'all', '0 1', '1.5', '12q', '0x1'])
    assert.throws(() => parseCpuset(text, 'cpuset'), refusal('cpuset', text, /it is not a list of processors/))
})

/** A block device as /dev and, not from the same call, /sys have it. */
function blockDevice(): { path: string; major: number; minor: number } | undefined {
  for (const name of readdirSync('/sys/class/block')) {
    const [major = 0, minor = 0] = readFileSync(`/sys/class/block/${name}/dev`, 'utf8').split(':').map(Number)
    const path = `/dev/${name}`
    if (statSync(path, { throwIfNoEntry: false })?.isBlockDevice()) return { path, major, minor }
  }
  return undefined
}

const device = blockDevice() ?? { path: '', major: 0, minor: 0 }
const skip = device.path === '' && 'no block device in /dev'
test('parseThrottle gives the numbers of a device and a rate when there is such a device', { skip }, () => {
  const { path, ...numbers } = device
  assert.deepEqual(parseThrottle(`${path}:10m`, 'read-bps'), { ...numbers, rate: 10n << 20n })
})

test('parseThrottle names the value and the reason when it is not a block device and a rate', () => {
  for (const text of ['', '10m', ':10m', '/dev/null:', '/dev/null'])
    assert.throws(() => parseThrottle(text, 'read-bps'), refusal('read-bps', text, /it is not a device and a rate/))
  for (const path of ['/dev/null', '/no/such/device', '/etc/passwd/below', '/'])
    assert.throws(
      () => parseThrottle(`${path}:10m`, 'read-bps'),
      refusal('read-bps', `${path}:10m`, new RegExp(`"${path}" is not a block device here`)),
    )
})

test('parseThrottle refuses the rate as parseBytes does when there is such a device', { skip }, () => {
  const given = (rate: string) => () => parseThrottle(`${device.path}:${rate}`, 'read-bps')
  assert.throws(given('12q'), refusal('read-bps', '12q', /it is not a size/))
  assert.throws(given('0'), refusal('read-bps', '0', NOTHING))
})

test('every parser gives a value or a RangeError with a remedy when the text is random', (t) => {
  const random = seeded(t)
  for (let round = 0; round < 3000; round++) {
    const text = random.text(12, '0123456789.-,:kmgtbi /x')
    for (const parse of [parseBytes, parseCount, parseCpus, parseCpuset, parseThrottle])
      try {
        parse(text, 'it')
      } catch (error) {
        assert.ok(error instanceof RangeError, text)
        assert.match(error.message, /^Cannot set it to ".*": .+\n {2}Write .+/s)
      }
  }
})
