/**
 * Classic BPF: a program for the smallest of machines, which the kernel has in it. One accumulator, and jumps that lead forward only, so every
 * program ends. Here a program is a graph of questions; a list of instructions is made of it from the end to the beginning, so that
 * wherever an instruction jumps to is known by then.
 */

// #region node
/** One question, and where to go on; or an answer. Nodes may be shared: what two paths have in common is in the program once. */
export type Node =
  | { kind: 'return'; value: number }
  /** Load the 32-bit word at `offset`; with a mask, only those bits of it. */
  | { kind: 'load'; offset: number; mask?: number; next: Node }
  /** Compare what was loaded with `value`, unsigned. */
  | { kind: 'test'; op: 'equal' | 'above' | 'from'; value: number; yes: Node; no: Node }
// #endregion node

/** `<linux/filter.h>`: one instruction. `yes` and `no` say how many instructions to skip; JA skips `k`. */
export interface Instruction {
  code: number
  yes: number
  no: number
  k: number
}

/** `<linux/bpf_common.h>`: class, size, mode, operation and source of the operand, added up. */
const BPF = { LD: 0x20, AND: 0x54, JA: 0x05, JEQ: 0x15, JGT: 0x25, JGE: 0x35, RET: 0x06 } as const
const JUMPS = { equal: BPF.JEQ, above: BPF.JGT, from: BPF.JGE } as const

/** `<linux/bpf_common.h>`: BPF_MAXINSNS. */
const MOST = 4096

/** How far the two fields of a jump, a byte each, can lead. */
const FAR = 255

// #region assemble
/** @throws RangeError when the kernel would not take it for its length. */
export function assemble(start: Node): Instruction[] {
  const backwards: Instruction[] = []
  /** How far from the end each node's first instruction is. */
  const places = new Map<Node, number>()
  const push = (code: number, k: number, yes = 0, no = 0): number => backwards.push({ code, yes, no, k })

  function make(node: Node): number {
    if (node.kind === 'return') return push(BPF.RET, node.value)
    if (node.kind === 'load') {
      lead(node.next)
      if (node.mask !== undefined) push(BPF.AND, node.mask)
      return push(BPF.LD, node.offset)
    }
    const [no, yes] = [nearby(node.no), nearby(node.yes)]
    const here = backwards.length
    return push(JUMPS[node.op], node.value, here - yes, here - no)
  }

  /** What follows a load has to be the very next instruction: a jump to it, unless it is. */
  function lead(next: Node): void {
    const distance = backwards.length - placeOf(next)
    if (distance > 0) push(BPF.JA, distance)
  }

  /** What is out of a byte's reach, or may be when the other branch has been seen to, is put nearer: an answer again, or a jump to the rest. */
  function nearby(node: Node): number {
    const distance = backwards.length - placeOf(node)
    if (distance < FAR) return placeOf(node)
    places.set(node, node.kind === 'return' ? push(BPF.RET, node.value) : push(BPF.JA, distance))
    return placeOf(node)
  }

  const placeOf = (node: Node): number => places.get(node) ?? 0
  for (const node of childrenFirst(start)) places.set(node, make(node))
  if (backwards.length > MOST)
    throw new RangeError(
      `Cannot use a filter of ${backwards.length} instructions: the kernel takes ${MOST}\n  Name fewer system calls with arguments`,
    )
  return backwards.reverse()
}
// #endregion assemble

/** Each node once, when all that it leads to has been. */
function childrenFirst(start: Node): Set<Node> {
  const done = new Set<Node>()
  const open = [start]
  for (let node = open.at(-1); node !== undefined; node = open.at(-1)) {
    const waiting = childrenOf(node).filter((child) => !done.has(child))
    open.push(...waiting)
    if (waiting.length > 0) continue
    done.add(node)
    open.pop()
  }
  return done
}

function childrenOf(node: Node): Node[] {
  if (node.kind === 'return') return []
  return node.kind === 'load' ? [node.next] : [node.yes, node.no]
}

/** struct sock_filter, one after the other: little-endian, as both our architectures are. */
export function encodeInstructions(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  for (const [n, { code, yes, no, k }] of program.entries()) {
    bytes.writeUInt16LE(code, n * 8)
    bytes.writeUInt8(yes, n * 8 + 2)
    bytes.writeUInt8(no, n * 8 + 3)
    bytes.writeUInt32LE(k, n * 8 + 4)
  }
  return bytes
}
