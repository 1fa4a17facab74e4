import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { machineName, machineOf, readElf } from '../../src/kernel/elf.ts'
import { seeded } from './random.ts'

interface Recipe {
  bits: 32 | 64
  endian: 'little' | 'big'
  machine: number
  type: number
  interpreter?: string
  tags?: [tag: number, text: string][]
}

const SHAPES = {
  32: { word: 4, size: 52, phdr: 32, phoff: 28, phentsize: 42, phnum: 44, offset: 4, vaddr: 8, filesz: 16 },
  64: { word: 8, size: 64, phdr: 56, phoff: 32, phentsize: 54, phnum: 56, offset: 8, vaddr: 16, filesz: 32 },
} as const

/** Header, three program headers, strings, dynamic section. In memory all of it lies at ADDRESS. */
const ADDRESS = 0x10000

function build({ bits, endian, machine, type, interpreter, tags = [] }: Recipe): Buffer {
  const { word, size: header, phdr, phoff, phentsize, phnum, offset, vaddr, filesz } = SHAPES[bits]
  const bytes = Buffer.alloc(1024)
  const put = (at: number, size: number, value: number): void => {
    const digits = Buffer.alloc(8)
    digits.writeBigUInt64BE(BigInt(value))
    const wanted = digits.subarray(8 - size)
    ;(endian === 'big' ? wanted : wanted.reverse()).copy(bytes, at)
  }
  const segments: [type: number, at: number, size: number][] = [[1, 0, 1024]]
  let end = header + 3 * phdr
  const write = (text: string): number => {
    bytes.write(`${text}\0`, end)
    end += text.length + 1
    return end - text.length - 1
  }
  if (interpreter) segments.push([3, write(interpreter), interpreter.length + 1])
  if (tags.length > 0) {
    const afterNull = [1, 1] as const
    const own = tags.map(([tag, text]) => [tag, write(text)] as const)
    const all = [...own, [5, ADDRESS] as const, [0, 0] as const, afterNull]
    all.flat().forEach((value, index) => put(768 + index * word, word, value))
    segments.push([2, 768, all.length * 2 * word])
  }
  bytes.write('\x7fELF', 0, 'latin1')
  bytes[4] = bits / 32
  bytes[5] = endian === 'little' ? 1 : 2
  put(16, 2, type)
  put(18, 2, machine)
  put(phoff, word, header)
  put(phentsize, 2, phdr)
  put(phnum, 2, segments.length)
  segments.forEach(([kind, at, size], index) => {
    const start = header + index * phdr
    put(start, 4, kind)
    put(start + offset, word, at)
    put(start + vaddr, word, at + ADDRESS)
    put(start + filesz, word, size)
  })
  return bytes
}

const dynamic: Pick<Recipe, 'interpreter' | 'tags'> = {
  interpreter: '/lib/ld.so',
  tags: [
    [1, 'libone.so'],
    [15, '/rpath'],
    [1, 'libtwo.so'],
    [29, '$ORIGIN/../lib:/opt/lib'],
  ],
}

for (const bits of [32, 64] as const)
  for (const endian of ['little', 'big'] as const)
    test(`readElf finds all parts when the file is ${bits}-bit and ${endian}-endian`, () => {
      assert.deepEqual(readElf(build({ bits, endian, machine: 183, type: 3, ...dynamic })), {
        bits,
        endian,
        machine: 183,
        type: 'shared',
        interpreter: '/lib/ld.so',
        needed: ['libone.so', 'libtwo.so'],
        runpath: ['$ORIGIN/../lib', '/opt/lib'],
        dynamic: true,
      })
    })

test('readElf names no interpreter when the program is static', () => {
  const elf = readElf(build({ bits: 64, endian: 'little', machine: 62, type: 2 }))
  const facts = { bits: 64, endian: 'little', machine: 62, type: 'executable', dynamic: false }
  assert.deepEqual(elf, { ...facts, needed: [], runpath: [] })
})

test('readElf gives DT_RPATH when there is no DT_RUNPATH', () => {
  const elf = readElf(build({ bits: 64, endian: 'little', machine: 62, type: 3, tags: [[15, '/rpath']] }))
  assert.deepEqual(elf?.runpath, ['/rpath'])
})

test('readElf gives nothing when the file is not ELF', () => {
  for (const bytes of ['', '\x7fEL', '#!/bin/sh\n', '\x7fELG\x02\x01'])
    assert.equal(readElf(Buffer.from(bytes, 'latin1')), undefined)
})

test('readElf throws RangeError when a header lies', () => {
  const lies: [what: string, at: number, value: number, message: RegExp][] = [
    ['class', 4, 3, /class or byte order/],
    ['byte order', 5, 0, /class or byte order/],
    ['place of the program headers', 37, 1, /speaks of byte/],
    ['size of a program header', 54, 57, /program headers of 57 bytes/],
    ['number of program headers', 57, 255, /speaks of byte/],
    ['place of the interpreter', 64 + 56 + 8 + 5, 1, /has no end/],
  ]
  for (const [what, at, value, message] of lies) {
    const bytes = build({ bits: 64, endian: 'little', machine: 62, type: 3, ...dynamic })
    bytes[at] = value
    assert.throws(() => readElf(bytes), { name: 'RangeError', message }, what)
  }
})

test('readElf tells this machine and a C library when it reads /bin/sh', () => {
  const elf = readElf(readFileSync('/bin/sh'))
  assert.equal(elf?.machine, machineOf(process.arch))
  if (elf?.interpreter) assert.match(elf.needed.join(' '), /libc\.|ld-musl/)
})

test('readElf throws RangeError or reads on when a real file is cut off anywhere in its first 8 KB', () => {
  const whole = readFileSync(process.execPath).subarray(0, 8192)
  const outcomes = Array.from({ length: 128 }, (_, index) => outcome(whole.subarray(0, index * 64)))
  assert.equal(outcomes[0], 'not ELF')
  assert.equal(outcomes[1], 'RangeError')
  assert.ok(
    outcomes.every((one) => one !== 'other error'),
    outcomes.join(' '),
  )
})

test('readElf throws RangeError or reads on when 2,000 files are changed at random', (t) => {
  const random = seeded(t).below
  const real = readFileSync('/bin/sh')
  const small = build({ bits: 64, endian: 'little', machine: 62, type: 3, ...dynamic })
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(round % 2 ? real : small)
    const reach = round % 4 < 2 ? 1024 : bytes.length
    for (let changes = 1 + random(8); changes > 0; changes--) bytes[random(Math.min(reach, bytes.length))] = random(256)
    assert.notEqual(outcome(bytes), 'other error', `round ${round}`)
  }
})

test('readElf ends soon when a file points to one long string over and over', () => {
  const bytes = Buffer.alloc(1 << 20, 0x41)
  build({ bits: 64, endian: 'little', machine: 62, type: 3, ...dynamic }).copy(bytes)
  for (let at = 768; at < bytes.length / 2; at += 16) {
    bytes.writeBigUInt64LE(at === 768 ? 5n : 1n, at)
    bytes.writeBigUInt64LE(BigInt(at === 768 ? ADDRESS : bytes.length / 2 + 16), at + 8)
  }
  bytes[bytes.length - 1] = 0
  bytes.writeBigUInt64LE(BigInt(bytes.length), 64 + 32)
  bytes.writeBigUInt64LE(BigInt(bytes.length / 2 - 768), 64 + 2 * 56 + 32)
  const started = performance.now()
  assert.equal(outcome(bytes), 'RangeError')
  assert.ok(performance.now() - started < 5000)
})

test('machineName gives a name when it is known and the number when it is not', () => {
  const names = ['i386', 'ppc64', 's390x', 'ARM', 'x86-64', 'AArch64', 'RISC-V']
  assert.deepEqual([3, 21, 22, 40, 62, 183, 243].map(machineName), names)
  assert.equal(machineName(4711), 'machine 4711')
})

test('machineOf gives e_machine when the architecture is known and nothing when it is not', () => {
  assert.deepEqual(['x64', 'arm64', 'riscv64', 'pdp11'].map(machineOf), [62, 183, 243, undefined])
})

function outcome(bytes: Buffer): 'read' | 'not ELF' | 'RangeError' | 'other error' {
  try {
    return readElf(bytes) ? 'read' : 'not ELF'
  } catch (error) {
    const clear = error instanceof RangeError && error.message.startsWith('Cannot read the ELF file: ')
    return clear ? 'RangeError' : 'other error'
  }
}
