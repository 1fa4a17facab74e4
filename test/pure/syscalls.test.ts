/** The table of calls, against the C library's headers where they are installed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { CAPABILITIES, capabilityMask, capabilityNames } from '../../src/kernel/capabilities.ts'
import { ARCHITECTURE, SYSCALLS } from '../../src/kernel/syscalls.ts'

/** What a header defines, by the preprocessor; nothing where there is no compiler, or no such header. */
function defined(header: string, prefix: string): [name: string, number: number][] {
  const { stdout, error } = spawnSync('cc', ['-E', '-dM', '-xc', '-'], {
    input: `#include <${header}>`,
    encoding: 'utf8',
  })
  if (error) return []
  return [...stdout.matchAll(new RegExp(`^#define ${prefix}(\\w+) (\\d+)$`, 'gm'))].map(([, name = '', number]) => [
    name,
    Number(number),
  ])
}

test('SYSCALLS has the numbers of the C library when its headers are here', (t) => {
  const calls = defined('asm/unistd.h', '__NR_').filter(([name]) => name !== 'arch_specific_syscall')
  if (calls.length === 0) {
    t.skip('there is no C compiler, or <asm/unistd.h> is missing')
    return
  }
  for (const [name, number] of calls) assert.equal(SYSCALLS[ARCHITECTURE].get(name) ?? number, number, name)
  assert.ok(calls.filter(([name]) => SYSCALLS[ARCHITECTURE].has(name)).length > 300)
})

test('SYSCALLS has each number once when it is asked for either architecture', () => {
  for (const table of Object.values(SYSCALLS)) assert.equal(new Set(table.values()).size, table.size)
})

const KNOWN: [name: string, x86_64: number | undefined, aarch64: number][] = [
  ['open', 2, NaN],
  ['openat', 257, 56],
  ['execve', 59, 221],
  ['clone3', 435, 435],
  ['seccomp', 317, 277],
  ['keyctl', 250, 219],
  ['rseq', 334, 293],
  ['wait4', 61, 260],
  ['file_setattr', 469, 469],
]
for (const [name, x86_64, aarch64] of KNOWN)
  test(`SYSCALLS knows ${name} as ${x86_64} and ${aarch64} when it is asked on x86_64 and on aarch64`, () => {
    assert.equal(SYSCALLS.x86_64.get(name), x86_64)
    assert.equal(SYSCALLS.aarch64.get(name) ?? NaN, aarch64)
  })

test('CAPABILITIES has the numbers of the C library when its headers are here', (t) => {
  const bits = defined('linux/capability.h', 'CAP_').filter(([name]) => CAPABILITIES.includes(`CAP_${name}` as never))
  if (bits.length === 0) {
    t.skip('there is no C compiler, or <linux/capability.h> is missing')
    return
  }
  for (const [name, bit] of bits) assert.equal(CAPABILITIES[bit], `CAP_${name}`)
  assert.equal(bits.length, CAPABILITIES.length)
})

test('capabilityMask sets the bits of its names, and capabilityNames reads them back', () => {
  assert.equal(capabilityMask(['CAP_CHOWN', 'CAP_KILL']), 0b100001n)
  assert.equal(capabilityMask(['CAP_CHECKPOINT_RESTORE']), 1n << 40n)
  assert.deepEqual(capabilityNames((1n << 40n) | (1n << 60n) | 1n), ['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE'])
  assert.equal(capabilityMask(CAPABILITIES), (1n << 41n) - 1n)
})
