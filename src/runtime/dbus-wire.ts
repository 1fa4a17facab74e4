/**
 * D-Bus messages as bytes: dbus.freedesktop.org/doc/dbus-specification.html, §Marshaling and §Message Format. As much of it as systemd is asked with:
 * little-endian, and no descriptors.
 */

export type Value = number | bigint | string | boolean | Variant | Value[]

/** A value that says of what type it is. */
export interface Variant {
  signature: string
  value: Value
}

export interface Message {
  type: number
  serial: number
  path?: string
  interface?: string
  member?: string
  error?: string
  replyTo?: number
  destination?: string
  sender?: string
  signature?: string
  body: Value[]
}

export const METHOD_CALL = 1
export const METHOD_RETURN = 2
export const ERROR = 3
export const SIGNAL = 4

/** §Header Fields: their numbers, and of what type each is. */
const FIELDS = [
  [1, 'path', 'o'],
  [2, 'interface', 's'],
  [3, 'member', 's'],
  [4, 'error', 's'],
  [5, 'replyTo', 'u'],
  [6, 'destination', 's'],
  [7, 'sender', 's'],
  [8, 'signature', 'g'],
] as const

// #region message
export function encodeMessage(message: Message): Buffer {
  const body = encodeValues(message.signature ?? '', message.body)
  const fields = FIELDS.flatMap(([code, name, signature]): Value[] => {
    const value = message[name]
    return value === undefined ? [] : [[code, { signature, value }]]
  })
  const head = encodeValues('yyyyuua(yv)', [LITTLE, message.type, 0, 1, body.length, message.serial, fields])
  return Buffer.concat([head, Buffer.alloc(padding(head.length, 8)), body])
}

/** @returns the first message in some bytes, and how many it has; nothing when they end before it does. */
export function decodeMessage(bytes: Buffer): { message: Message; length: number } | undefined {
  if (bytes.length < 16) return undefined
  const ofFields = bytes.readUInt32LE(12)
  const ofHead = 16 + ofFields + padding(ofFields, 8)
  const length = ofHead + bytes.readUInt32LE(4)
  if (bytes.length < length) return undefined
  const [, type, , , , serial, fields] = decodeValues('yyyyuua(yv)', bytes)
  const named = (fields as [number, Variant][]).flatMap(([code, { value }]) => {
    const name = FIELDS.find(([known]) => known === code)?.[1]
    return name === undefined ? [] : [[name, value]]
  })
  const head = Object.fromEntries(named) as Partial<Message>
  const body = decodeValues(head.signature ?? '', bytes.subarray(ofHead, length))
  return { message: { ...head, type: Number(type), serial: Number(serial), body }, length }
}
// #endregion message

const LITTLE = 'l'.charCodeAt(0)

/** §Summary of types: to a multiple of what each is aligned. */
const ALIGNMENTS: Record<string, number> = {
  ...{ y: 1, g: 1, v: 1, n: 2, q: 2 },
  ...{ b: 4, i: 4, u: 4, s: 4, o: 4, a: 4 },
  ...{ x: 8, t: 8, d: 8, '(': 8, '{': 8 },
}

const padding = (at: number, alignment: number): number => (alignment - (at % alignment)) % alignment

// #region signature
/** `sa(sv)` → `s`, `a(sv)`. */
export function typesIn(signature: string): string[] {
  const types: string[] = []
  for (let at = 0; at < signature.length;) {
    const end = endOfType(signature, at)
    types.push(signature.slice(at, end))
    at = end
  }
  return types
}

function endOfType(signature: string, at: number): number {
  const first = signature.charAt(at)
  if (first === 'a') return endOfType(signature, at + 1)
  if (first !== '(' && first !== '{') return at + 1
  let end = at + 1
  while (!')}'.includes(signature.charAt(end))) end = endOfType(signature, end)
  return end + 1
}
// #endregion signature

// #region encode
function encodeValues(signature: string, values: readonly Value[]): Buffer {
  const to = { bytes: [] as number[] }
  typesIn(signature).forEach((type, n) => encodeValue(to, type, values[n] ?? 0))
  return Buffer.from(to.bytes)
}

function encodeValue(to: { bytes: number[] }, type: string, value: Value): void {
  const { bytes } = to
  const pad = (alignment: number): void =>
    void bytes.push(...new Array<number>(padding(bytes.length, alignment)).fill(0))
  const whole = (size: number): void => {
    for (let n = 0; n < size; n++) bytes.push(Number((BigInt(value as number) >> BigInt(8 * n)) & 0xffn))
  }
  pad(ALIGNMENTS[type.charAt(0)] ?? 1)
  const code = type.charAt(0)
  if (code === 'v') {
    const { signature, value: inner } = value as Variant
    encodeValue(to, 'g', signature)
    encodeValue(to, signature, inner)
  } else if (code === 'a') encodeArray(to, type.slice(1), value as Value[])
  else if (code === '(' || code === '{')
    typesIn(type.slice(1, -1)).forEach((inner, n) => encodeValue(to, inner, (value as Value[])[n] ?? 0))
  else if (code === 's' || code === 'o') {
    const text = Buffer.from(value as string)
    encodeValue(to, 'u', text.length)
    bytes.push(...text, 0)
  } else if (code === 'g') bytes.push((value as string).length, ...Buffer.from(value as string), 0)
  else whole(SIZES[code] ?? 0)
}

/** The length is that of the elements alone: what comes before the first does not count. */
function encodeArray(to: { bytes: number[] }, type: string, values: readonly Value[]): void {
  const at = to.bytes.length
  encodeValue(to, 'u', 0)
  to.bytes.push(...new Array<number>(padding(to.bytes.length, ALIGNMENTS[type.charAt(0)] ?? 1)).fill(0))
  const start = to.bytes.length
  for (const value of values) encodeValue(to, type, value)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(to.bytes.length - start)
  to.bytes.splice(at, 4, ...length)
}
// #endregion encode

const SIZES: Record<string, number> = { y: 1, n: 2, q: 2, b: 4, i: 4, u: 4, x: 8, t: 8 }

// #region decode
function decodeValues(signature: string, bytes: Buffer): Value[] {
  const from = { bytes, at: 0 }
  return typesIn(signature).map((type) => decodeValue(from, type))
}

function decodeValue(from: { bytes: Buffer; at: number }, type: string): Value {
  const code = type.charAt(0)
  from.at += padding(from.at, ALIGNMENTS[code] ?? 1)
  const take = (length: number): Buffer => {
    if (length > from.bytes.length - from.at) throw new RangeError('Cannot read a D-Bus message: it ends in the middle')
    from.at += length
    return from.bytes.subarray(from.at - length, from.at)
  }
  if (code === 'v') {
    const signature = decodeValue(from, 'g') as string
    return { signature, value: decodeValue(from, signature) }
  }
  if (code === 'a') {
    const length = Number(decodeValue(from, 'u'))
    from.at += padding(from.at, ALIGNMENTS[type.charAt(1)] ?? 1)
    const values: Value[] = []
    for (const end = from.at + length; from.at < end;) values.push(decodeValue(from, type.slice(1)))
    return values
  }
  if (code === '(' || code === '{') return typesIn(type.slice(1, -1)).map((inner) => decodeValue(from, inner))
  if (code === 's' || code === 'o')
    return take(Number(decodeValue(from, 'u')) + 1)
      .toString('utf8')
      .slice(0, -1)
  if (code === 'g')
    return take(take(1).readUInt8() + 1)
      .toString('latin1')
      .slice(0, -1)
  if (code === 'd') return take(8).readDoubleLE()
  return decodeNumber(code, take(SIZES[code] ?? 0))
}
// #endregion decode

function decodeNumber(code: string, bytes: Buffer): Value {
  if (code === 'x') return bytes.readBigInt64LE()
  if (code === 't') return bytes.readBigUInt64LE()
  if (code === 'b') return bytes.readUInt32LE() === 1
  return code === 'n' || code === 'i' ? bytes.readIntLE(0, bytes.length) : bytes.readUIntLE(0, bytes.length)
}
