/** The device program against a machine of the tests' own, and against a reading of the rules that makes no program. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceProgram } from '../../src/box/device-program.ts'
import { deviceRules } from '../../src/oci/device-rules.ts'
import type { DeviceRule } from '../../src/oci/resources.ts'
import { runDeviceProgram, type Wanted } from './ebpf-machine.ts'
import { seeded } from './random.ts'

const NULL = { path: '/dev/null', type: 'c' as const, major: 1, minor: 3, fileMode: 0o666 }

const ASKED: [wanted: Wanted, allowed: boolean][] = [
  [{ type: 'c', major: 1, minor: 3, access: 'rw' }, true],
  [{ type: 'c', major: 1, minor: 3, access: 'm' }, true],
  [{ type: 'c', major: 1, minor: 11, access: 'r' }, false],
  [{ type: 'c', major: 1, minor: 11, access: 'm' }, false],
  [{ type: 'b', major: 1, minor: 3, access: 'r' }, false],
  [{ type: 'b', major: 8, minor: 0, access: 'r' }, false],
  [{ type: 'c', major: 136, minor: 5, access: 'rw' }, true],
  [{ type: 'c', major: 136, minor: 5, access: 'm' }, false],
  [{ type: 'c', major: 5, minor: 2, access: 'rw' }, true],
]
for (const [wanted, allowed] of ASKED)
  test(`deviceProgram ${allowed ? 'allows' : 'refuses'} ${Object.values(wanted).join(' ')} when the box has /dev/null and terminals`, () => {
    assert.equal(runDeviceProgram(deviceProgram(deviceRules([NULL])), wanted), allowed ? 1n : 0n)
  })

test('deviceProgram lets the last rule decide for each kind of access when several are about a device', () => {
  const program = deviceProgram([
    { allow: true, type: 'c', major: 1, access: 'rw' },
    { allow: false, type: 'c', major: 1, minor: 3, access: 'w' },
    { allow: true, access: 'm' },
  ])
  const ask = (access: string, minor = 3): bigint => runDeviceProgram(program, { type: 'c', major: 1, minor, access })
  assert.deepEqual([ask('r'), ask('w'), ask('rw'), ask('m'), ask('rm'), ask('rw', 4)], [1n, 0n, 0n, 1n, 1n, 1n])
})

test('deviceProgram refuses everything when there is no rule', () => {
  assert.equal(runDeviceProgram(deviceProgram([]), { type: 'c', major: 1, minor: 3, access: 'r' }), 0n)
})

function read(rules: readonly DeviceRule[], { access, ...device }: Wanted): boolean {
  return access.split('').every((letter) => {
    const last = rules.findLast(
      ({ type = 'a', major = device.major, minor = device.minor, access: about = 'rwm' }) =>
        ['a', device.type].includes(type) && major === device.major && minor === device.minor && about.includes(letter),
    )
    return last?.allow === true
  })
}

test('deviceProgram answers what the rules say when rules and device are random', (t) => {
  const random = seeded(t)
  const access = (): string => random.pick(['r', 'w', 'm', 'rw', 'rm', 'wm', 'rwm'])
  for (let round = 0; round < 300; round++) {
    const rules = random.list(8, () => ({
      allow: random.below(2) === 1,
      type: random.pick(['a', 'b', 'c'] as const),
      ...(random.below(3) > 0 && { major: random.below(3) }),
      ...(random.below(3) > 0 && { minor: random.below(3) }),
      access: access(),
    }))
    const program = deviceProgram(rules)
    for (let asked = 0; asked < 20; asked++) {
      const type = random.pick(['b', 'c'] as const)
      const wanted = { type, major: random.below(3), minor: random.below(3), access: access() }
      assert.equal(runDeviceProgram(program, wanted), read(rules, wanted) ? 1n : 0n, JSON.stringify({ rules, wanted }))
    }
  }
})
