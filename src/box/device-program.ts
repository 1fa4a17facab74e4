/**
 * Lesson 8. Which devices a box may open, as a program: cgroup v2 has no file for it. The kernel runs the program for each open(2) and mknod(2)
 * of a device by a process of the cgroup, and 1 means yes: bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE.
 */
import type { DeviceRule } from '../oci/resources.ts'

/** `<linux/bpf.h>`: struct bpf_cgroup_dev_ctx has three words, what is wanted above the kind in the first. */
const CONTEXT = { access: 0, major: 4, minor: 8 }
const KINDS = { b: 1, c: 2 } as const
const ACCESS = { m: 1, r: 2, w: 4 } as const

/** The machine's registers. 0 has the answer, 1 the context, when it begins; the others are free. */
const R = {
  answer: 0,
  context: 1,
  kind: 2,
  major: 3,
  minor: 4,
  wanted: 5,
} as const

/** `<linux/bpf.h>`: the few operations that are needed, each with its class and the source of its operand. */
const OP = {
  LDXW: 0x61,
  MOV: 0xb7,
  MOVX: 0xbf,
  AND: 0x57,
  RSH: 0x77,
  JA: 0x05,
  JNE: 0x55,
  JSET: 0x45,
  EXIT: 0x95,
} as const

// #region program
/**
 * For each kind of access the last rule that is about it decides, and without one the answer is no. So the rules are gone through from the
 * last to the first; what one of them allows need not be asked again, and when nothing is left to ask, the answer is yes.
 */
export function deviceProgram(rules: readonly DeviceRule[]): Buffer {
  const load = [
    instruction(OP.LDXW, R.wanted, R.context, CONTEXT.access),
    instruction(OP.MOVX, R.kind, R.wanted),
    instruction(OP.AND, R.kind, 0, 0, 0xffff),
    instruction(OP.RSH, R.wanted, 0, 0, 16),
    instruction(OP.LDXW, R.major, R.context, CONTEXT.major),
    instruction(OP.LDXW, R.minor, R.context, CONTEXT.minor),
  ]
  return Buffer.concat([
    ...load,
    ...[...rules].reverse().flatMap(ask),
    ...answer(0),
  ])
}
// #endregion program

const answer = (value: 0 | 1): Buffer[] => [
  instruction(OP.MOV, R.answer, 0, 0, value),
  instruction(OP.EXIT),
]

// #region ask
/** Another device: past this rule. This one: what it allows is settled, what it denies ends the matter. */
function ask({
  allow,
  type = 'a',
  major,
  minor,
  access = 'rwm',
}: DeviceRule): Buffer[] {
  const bits = access
    .split('')
    .reduce((all, letter) => all | ACCESS[letter as keyof typeof ACCESS], 0)
  const then = allow
    ? [
        instruction(OP.AND, R.wanted, 0, 0, ~bits),
        instruction(OP.JNE, R.wanted, 0, 2, 0),
        ...answer(1),
      ]
    : [
        instruction(OP.JSET, R.wanted, 0, 1, bits),
        instruction(OP.JA, 0, 0, 2),
        ...answer(0),
      ]
  const conditions = [
    ...(type === 'a' ? [] : [{ register: R.kind, value: KINDS[type] }]),
    ...(major === undefined ? [] : [{ register: R.major, value: major }]),
    ...(minor === undefined ? [] : [{ register: R.minor, value: minor }]),
  ]
  const past = (n: number): number => conditions.length - n - 1 + then.length
  return [
    ...conditions.map(({ register, value }, n) =>
      instruction(OP.JNE, register, 0, past(n), value),
    ),
    ...then,
  ]
}
// #endregion ask

/** struct bpf_insn: operation, the two registers in one byte, how far to jump or where to load from, a number. */
function instruction(
  code: number,
  to = 0,
  from = 0,
  offset = 0,
  value = 0,
): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt8(code, 0)
  bytes.writeUInt8((from << 4) | to, 1)
  bytes.writeInt16LE(offset, 2)
  bytes.writeInt32LE(value, 4)
  return bytes
}
