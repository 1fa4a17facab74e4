/**
 * A plan's bytes, read back: what native/decode.c reads, for whoever wants to see what a file holds. The launcher needs no reasons, so there are
 * none in it, nor lessons, nor what undoes a step.
 */
import { errnoName } from '../kernel/error.ts'
import type { CallName } from './calls.ts'
import { TAKES } from './encode.ts'
import type { Plan, Step } from './plan.ts'

const CALLS = Object.keys(TAKES) as CallName[]

// #region decode
/** The inverse of encode(). @throws RangeError saying what is wrong with bytes that are no plan. */
export function decode(plan: Buffer): Plan {
  const from = new Reader(plan)
  if (plan.subarray(0, 8).toString('latin1') !== 'BOXPLAN1') throw new RangeError('it does not begin as a plan')
  from.bytes(8)
  const count = from.u32()
  const steps: Step[] = []
  while (steps.length < count) steps.push(decodeStep(new Reader(from.blob())))
  if (!from.isAtEnd()) throw new RangeError('something follows its last step')
  return steps
}

function decodeStep(from: Reader): Step {
  const [lane = 0, number = 0, fines = 0] = from.bytes(3)
  const call = CALLS[number]
  if (lane > 1 || call === undefined) throw new RangeError(`it has a call of number ${number}, which is not known`)
  const fine = [...from.bytes(fines)].map(errnoName)
  const args = Array.from(TAKES[call], (kind) => from[DECODERS[kind as keyof typeof DECODERS]]()) as Step['args']
  if (!from.isAtEnd()) throw new RangeError(`its ${call} has more arguments than the call`)
  return { lane: lane === 1 ? 'box' : 'host', call, args, why: '', lesson: 0, ...(fine.length > 0 && { fine }) } as Step
}
// #endregion decode

const DECODERS = { n: 'number', s: 'text', l: 'list', u: 'numbers', b: 'hex' } as const

/** Takes what is next, and nothing that is not there. */
class Reader {
  #at = 0
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  bytes(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new RangeError('it ends in the middle of a step')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  u32(): number {
    return this.bytes(4).readUInt32LE()
  }

  blob(): Buffer {
    return this.bytes(this.u32())
  }

  /** As it is in a plan: a number, unless that would not be exact. */
  number(): number | bigint {
    const number = this.bytes(8).readBigInt64LE()
    return Number.isSafeInteger(Number(number)) ? Number(number) : BigInt.asUintN(64, number)
  }

  text(): string {
    const text = this.blob()
    if (text.indexOf(0) !== text.length - 1) throw new RangeError('a string in it does not end where it says')
    return text.toString('utf8', 0, text.length - 1)
  }

  list(): string[] {
    return this.#times(5, () => this.text())
  }

  numbers(): (number | bigint)[] {
    return this.#times(8, () => this.number())
  }

  hex(): string {
    return this.blob().toString('hex')
  }

  /** @param least bytes that each entry has. */
  #times<Entry>(least: number, take: () => Entry): Entry[] {
    const count = this.u32()
    if (count * least > this.#bytes.length - this.#at) throw new RangeError('a list in it is longer than the plan')
    return Array.from({ length: count }, take)
  }
}
