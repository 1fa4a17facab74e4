/** The machine that classic BPF is written for, as far as a seccomp filter uses it. It knows nothing of how a filter is made: bpf(4), seccomp(2). */
import assert from 'node:assert/strict'

export interface Call {
  arch: number
  number: number
  args: readonly bigint[]
}

/** @returns what the filter answers, and after how many instructions. */
export function runFilter(program: Buffer, { arch, number, args }: Call): { answer: number; steps: number } {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number >>> 0, 0)
  data.writeUInt32LE(arch, 4)
  args.forEach((value, n) => data.writeBigUInt64LE(BigInt.asUintN(64, value), 16 + 8 * n))
  assert.equal(program.length % 8, 0)

  let accumulator = 0
  for (let at = 0, steps = 1; ; at++, steps++) {
    assert.ok(at * 8 < program.length, 'it runs over its end')
    const code = program.readUInt16LE(at * 8)
    const k = program.readUInt32LE(at * 8 + 4)
    const jump = (holds: boolean): number => program.readUInt8(at * 8 + (holds ? 2 : 3))
    if (code === 0x06) return { answer: k, steps }
    else if (code === 0x20) accumulator = word(data, k)
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0
    else if (code === 0x05) at += k
    else if (code === 0x15) at += jump(accumulator === k)
    else if (code === 0x25) at += jump(accumulator > k)
    else if (code === 0x35) at += jump(accumulator >= k)
    else assert.fail(`instruction ${code.toString(16)} is not known`)
  }
}

/** The kernel takes no other offsets: seccomp_check_filter(). */
function word(data: Buffer, offset: number): number {
  assert.ok(offset % 4 === 0 && offset < 64, `a load from ${offset}`)
  return data.readUInt32LE(offset)
}
