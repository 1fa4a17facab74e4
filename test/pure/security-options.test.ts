import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CAPABILITIES } from '../../src/kernel/capabilities.ts'
import { deviceRules } from '../../src/oci/device-rules.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { chosenCapabilities } from '../../src/oci/rights.ts'
import { parseRlimit } from '../../src/oci/rlimits.ts'
import { parseDevice, parseSecurity } from '../../src/oci/security-options.ts'

const short = (add?: string[], drop?: string[]): string =>
  chosenCapabilities(add, drop)
    .map((name) => name.slice('CAP_'.length))
    .join(' ')

/** Docker's fourteen have NET_RAW besides. */
const DEFAULT =
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP'

const CHOSEN: [add: string[], drop: string[], names: string][] = [
  [[], [], DEFAULT],
  [['NET_RAW'], ['ALL'], 'NET_RAW'],
  [['cap_net_raw', 'chown'], ['all'], 'CHOWN NET_RAW'],
  [[], ['CHOWN', 'CAP_MKNOD'], DEFAULT.replace('CHOWN ', '').replace('MKNOD ', '')],
  [[], ['ALL'], ''],
  [['CHOWN'], ['CHOWN'], DEFAULT],
]
for (const [add, drop, names] of CHOSEN)
  test(`chosenCapabilities gives what Docker gives when ${add.join() || 'nothing'} is added and ${drop.join() || 'nothing'} dropped`, () => {
    assert.equal(short(add, drop), names)
  })

test('chosenCapabilities gives all but one when ALL is added and one dropped', () => {
  assert.equal(chosenCapabilities(['ALL'], ['SYS_ADMIN']).length, CAPABILITIES.length - 1)
})

for (const word of ['FOO', '', 'CAP_', 'constructor', 'CAP_CAP_CHOWN'])
  test(`chosenCapabilities throws when it is asked for "${word}"`, () => {
    assert.throws(() => chosenCapabilities([word]), {
      name: 'RangeError',
      message: /^Cannot give or take the capability/,
    })
  })

const LIMITS: [text: string, type: string, soft: bigint, hard: bigint][] = [
  ['nofile=64', 'RLIMIT_NOFILE', 64n, 64n],
  ['NPROC=1:2', 'RLIMIT_NPROC', 1n, 2n],
  ['core=0:-1', 'RLIMIT_CORE', 0n, -1n],
  ['as=-1', 'RLIMIT_AS', -1n, -1n],
  ['fsize=9223372036854775807', 'RLIMIT_FSIZE', 9223372036854775807n, 9223372036854775807n],
]
for (const [text, type, soft, hard] of LIMITS)
  test(`parseRlimit reads ${text}`, () => {
    assert.deepEqual(parseRlimit(text), { type, soft, hard })
  })

for (const text of [
  '',
  'nofile',
  'nofile=',
  'nofile=x',
  'nofile=2:1',
  'nofile=-1:5',
  'files=1',
  'nofile=1:2:3',
  'as=9223372036854775808',
])
  test(`parseRlimit throws when it is given "${text}"`, () => {
    assert.throws(() => parseRlimit(text), {
      name: 'RangeError',
      message: /^Cannot set ulimit ".*": .*\n {2}Write a name/,
    })
  })

test('parseSecurity reads each option as Docker spells it', () => {
  const security = parseSecurity({
    'cap-drop': ['ALL'],
    'security-opt': [
      'seccomp=unconfined',
      'apparmor:mine',
      'label=a:b:c',
      'no-new-privileges=false',
      'systempaths=unconfined',
    ],
    ulimit: ['nofile=1'],
    sysctl: ['net.ipv4.ping_group_range=0 0', 'kernel.sem=a=b'],
  })
  assert.deepEqual(security, {
    capabilities: [],
    seccomp: 'unconfined',
    apparmorProfile: 'mine',
    selinuxLabel: 'a:b:c',
    noNewPrivileges: false,
    unmasked: true,
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1n, hard: 1n }],
    sysctl: { 'net.ipv4.ping_group_range': '0 0', 'kernel.sem': 'a=b' },
  })
  assert.equal(parseSecurity({ 'security-opt': ['no-new-privileges'] }).noNewPrivileges, true)
})

for (const word of ['', 'seccomp', 'seccomp=', 'label=', 'no-new-privileges=maybe', 'systempaths=all', 'foo=bar'])
  test(`parseSecurity throws when the security option is "${word}"`, () => {
    assert.throws(() => parseSecurity({ 'security-opt': [word] }), {
      name: 'RangeError',
      message: /^Cannot take the security option/,
    })
  })

test('parseSecurity throws when a sysctl has no value', () => {
  assert.throws(() => parseSecurity({ sysctl: ['net.x'] }), { message: /^Cannot set sysctl "net\.x": it has no value/ })
})

test('parseDevice reads numbers and access of a device that is there, and a box has it once', () => {
  const device = parseDevice('/dev/null:r')
  assert.deepEqual(device, { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666, access: 'r' })
  const { devices, resources } = defaultSpec({ id: 'x', rootfs: '/r', args: [], devices: [device] }).linux
  assert.deepEqual(
    devices.filter(({ path }) => path === '/dev/null'),
    [device],
  )
  assert.ok(resources.devices?.some(({ major, minor, access }) => major === 1 && minor === 3 && access === 'r'))
})

for (const [word, why] of [
  ['/etc/passwd', 'it is not in /dev'],
  ['/dev/none', '"/dev/none" is not there'],
  ['/dev/fd', '"/dev/fd" is no character device'],
] as const)
  test(`parseDevice throws when it is given ${word}`, () => {
    assert.throws(() => parseDevice(word), { name: 'RangeError', message: new RegExp(why) })
  })

test('deviceRules denies all, then allows the devices of the box and terminals', () => {
  assert.deepEqual(deviceRules([]), [
    { allow: false, access: 'rwm' },
    { allow: true, type: 'c', major: 5, minor: 1, access: 'rw' },
    { allow: true, type: 'c', major: 5, minor: 2, access: 'rw' },
    { allow: true, type: 'c', major: 136, access: 'rw' },
  ])
})
