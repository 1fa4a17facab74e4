/** Messages as they are compared with what other programs send: a number is the sender's own choice, and so is whether it wants an ack. */

const NLM_F_ACK = 4

/** One line for each message. */
export function seen(bytes: Buffer): string {
  const lines: string[] = []
  for (let rest = Buffer.from(bytes); rest.length > 0;) {
    const length = rest.readUInt32LE(0)
    const one = rest.subarray(0, length)
    one.writeUInt32LE(0, 8)
    one.writeUInt16LE(one.readUInt16LE(6) & ~NLM_F_ACK, 6)
    lines.push(one.toString('hex'))
    rest = rest.subarray(length)
  }
  return lines.join('\n')
}
