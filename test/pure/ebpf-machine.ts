/** The machine that a cgroup's device program is written for, as far as ours uses it. It knows nothing of how one is made: bpf(2). */
import assert from 'node:assert/strict'

export interface Wanted {
  type: 'b' | 'c'
  major: number
  minor: number
  access: string
}

const context = ({ type, major, minor, access }: Wanted): bigint[] => {
  const bits = (access.includes('m') ? 1 : 0) | (access.includes('r') ? 2 : 0) | (access.includes('w') ? 4 : 0)
  return [BigInt((bits << 16) | (type === 'b' ? 1 : 2)), BigInt(major), BigInt(minor)]
}

/** @returns what it leaves in the answer's register. */
export function runDeviceProgram(program: Buffer, wanted: Wanted): bigint {
  const words = context(wanted)
  const registers: (bigint | undefined)[] = []
  const get = (n: number): bigint => registers[n] ?? assert.fail(`register ${n} is read before it is set`)
  for (let at = 0, steps = 0; steps < 10_000; at++, steps++) {
    assert.ok(at * 8 < program.length, 'it runs over its end')
    const [code, both] = [program.readUInt8(at * 8), program.readUInt8(at * 8 + 1)]
    const [to, from] = [both & 0xf, both >> 4]
    const offset = program.readInt16LE(at * 8 + 2)
    const value = BigInt(program.readInt32LE(at * 8 + 4))
    if (code === 0x95) return get(0)
    else if (code === 0x61) registers[to] = words[offset / 4] ?? assert.fail(`a load from ${offset}`)
    else if (code === 0xb7) registers[to] = BigInt.asUintN(64, value)
    else if (code === 0xbf) registers[to] = get(from)
    else if (code === 0x57) registers[to] = get(to) & BigInt.asUintN(64, value)
    else if (code === 0x77) registers[to] = get(to) >> value
    else if (code === 0x05) at += offset
    else if (code === 0x55) at += get(to) === BigInt.asUintN(64, value) ? 0 : offset
    else if (code === 0x45) at += (get(to) & BigInt.asUintN(64, value)) === 0n ? 0 : offset
    else assert.fail(`instruction ${code.toString(16)} is not known`)
  }
  return assert.fail('it does not end')
}
