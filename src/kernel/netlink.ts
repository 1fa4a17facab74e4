/**
 * Netlink: how the kernel's network is asked for anything. No call of its own; messages, through a socket (netlink(7)). A message has a
 * head of 16 bytes, a fixed part that depends on its type, and attributes: length, type, value, and so on, one in another if need be.
 */

/** `<linux/netlink.h>`: netlink(7). */
const NLM_F_REQUEST = 0x1
const NLM_F_ACK = 0x4
export const NLM_F_EXCL = 0x200
export const NLM_F_CREATE = 0x400
export const NLM_F_APPEND = 0x800
const NLM_F_DUMP = 0x300
const NLMSG_ERROR = 2
const NLMSG_DONE = 3
export const NLA_F_NESTED = 0x8000
const NLA_TYPE_MASK = 0x3fff

// #region message
export function message(type: number, flags: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(16)
  head.writeUInt32LE(16 + body.length, 0)
  head.writeUInt16LE(type, 4)
  head.writeUInt16LE(NLM_F_REQUEST | flags, 6)
  return Buffer.concat([head, body])
}

/** A message that wants an answer: errno, 0 being an ack. */
export const request = (type: number, flags: number, ...parts: Buffer[]): Buffer =>
  message(type, NLM_F_ACK | flags, ...parts)

/** Length, type, value; padded, since the next one begins at a multiple of four. */
export function attribute(type: number, ...values: Buffer[]): Buffer {
  const value = Buffer.concat(values)
  const bytes = Buffer.alloc(padded(4 + value.length))
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  value.copy(bytes, 4)
  return bytes
}
// #endregion message

/** A question to which the answer is a list. */
export const dump = (type: number, ...parts: Buffer[]): Buffer => message(type, NLM_F_DUMP, ...parts)

export const text = (value: string): Buffer => Buffer.from(`${value}\0`)

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Netfilter writes its numbers as the network does: the largest byte first. */
export function be32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return bytes
}

export function be16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

const padded = (length: number): number => (length + 3) & ~3

// #region numbered
/** Several messages as one: numbered, so that an answer tells which of them it answers. */
export function numbered(messages: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(messages)
  let at = 0
  for (const [n, { length }] of messages.entries()) {
    bytes.writeUInt32LE(n, at + 8)
    at += length
  }
  return bytes
}
// #endregion numbered

export interface Reply {
  type: number
  number: number
  body: Buffer
}

// #region replies
/** Will the kernel answer with an ack, or with a list and its end? */
export const wantsAck = (bytes: Buffer): boolean => (bytes.readUInt16LE(6) & NLM_F_ACK) !== 0
export const isDump = (bytes: Buffer): boolean => (bytes.readUInt16LE(6) & NLM_F_DUMP) === NLM_F_DUMP

/** What one read from the socket brought. @throws RangeError when a message in it is longer than what was read. */
export function parseReplies(bytes: Buffer): Reply[] {
  const replies: Reply[] = []
  for (let at = 0; at + 16 <= bytes.length; at += padded(bytes.readUInt32LE(at))) {
    const length = bytes.readUInt32LE(at)
    if (length < 16 || at + length > bytes.length)
      throw new RangeError(`Cannot read a netlink message of ${length} bytes: ${bytes.length - at} are left`)
    replies.push({
      type: bytes.readUInt16LE(at + 4),
      number: bytes.readUInt32LE(at + 8),
      body: bytes.subarray(at + 16, at + length),
    })
  }
  return replies
}

/** The errno in an answer to a request, 0 being an ack; nothing when it is no such answer. */
export const errnoIn = ({ type, body }: Reply): number | undefined =>
  type === NLMSG_ERROR ? -body.readInt32LE(0) : undefined

export const isLast = ({ type }: Reply): boolean => type === NLMSG_DONE
// #endregion replies

/** The attributes from a place on, by type; of several of one type the last. */
export function attributesIn(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>()
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(at)
    if (length < 4 || at + length > bytes.length)
      throw new RangeError(`Cannot read a netlink attribute of ${length} bytes: ${bytes.length - at} are left`)
    found.set(bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + length))
    at += padded(length)
  }
  return found
}
