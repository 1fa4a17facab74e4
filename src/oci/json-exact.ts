/**
 * JSON, character by character: for what JSON.parse cannot read, or would read wrongly (json.ts). Numbers of 64 bits stay exact, a name that is there
 * twice is an error, and what is wrong has a line and a column.
 */

/** `line` and `column` count from 1. */
export class JsonError extends Error {
  override readonly name = 'JsonError'
  readonly line: number
  readonly column: number

  constructor(fact: string, text: string, at: number) {
    const before = text.slice(0, at).split('\n')
    const [line, column] = [before.length, Array.from(before.at(-1) ?? '').length + 1]
    super(`line ${line}, column ${column}: ${fact}`)
    this.line = line
    this.column = column
  }
}

/** @throws JsonError naming the place and what is so. */
export function readExactly(text: string): unknown {
  const reader: Reader = { text, at: 0, depth: 0 }
  const value = readValue(reader)
  if (peek(reader) !== '') throw fault(reader, `${shown(reader)} after the end`)
  return value
}

interface Reader {
  text: string
  at: number
  depth: number
}

/** Nobody writes so deep by hand, and each level costs a frame of the stack. */
export const DEEPEST = 200

function readValue(reader: Reader): unknown {
  const first = peek(reader)
  if (first === '"') return readString(reader)
  if (first === '{') return nested(reader, readObject)
  if (first === '[') return nested(reader, readArray)
  return readWord(reader)
}

function nested<T>(reader: Reader, read: (reader: Reader) => T): T {
  if (++reader.depth > DEEPEST) throw fault(reader, `more than ${DEEPEST} levels`)
  reader.at++
  const value = read(reader)
  reader.at++
  reader.depth--
  return value
}

function readObject(reader: Reader): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (let first = true; peek(reader) !== '}'; first = false) {
    if (!first) expect(reader, ',', 'a comma or the end of the object')
    if (peek(reader) !== '"') throw fault(reader, `a name in double quotes belongs here, not ${shown(reader)}`)
    const start = reader.at
    const name = readString(reader)
    if (Object.hasOwn(object, name))
      throw new JsonError(`"${name}" is there for the second time in one object`, reader.text, start)
    expect(reader, ':', `a colon after "${name}"`)
    keep(object, name, readValue(reader))
  }
  return object
}

/** An assignment to `__proto__` would be something else. */
function keep(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true })
  else object[name] = value
}

function readArray(reader: Reader): unknown[] {
  const array: unknown[] = []
  while (peek(reader) !== ']') {
    if (array.length > 0) expect(reader, ',', 'a comma or the end of the list')
    array.push(readValue(reader))
  }
  return array
}

/** What has no backslash in it is what it says; of the rest, and of bare control characters, JSON.parse knows all. */
function readString(reader: Reader): string {
  const { text, at } = reader
  let end = text.indexOf('"', at + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  if (end < 0) throw fault(reader, 'this text has no end')
  reader.at = end + 1
  const inside = text.slice(at + 1, end)
  return SPECIAL.test(inside) ? unescaped(reader, at, end) : inside
}

const isEscaped = (text: string, quote: number): boolean => {
  let at = quote
  while (text.charCodeAt(at - 1) === BACKSLASH) at--
  return (quote - at) % 2 === 1
}

const BACKSLASH = 0x5c
// eslint-disable-next-line no-control-regex -- they are what is looked for
const SPECIAL = /[\\\u0000-\u001f]/

function unescaped({ text }: Reader, at: number, end: number): string {
  try {
    return JSON.parse(text.slice(at, end + 1)) as string
  } catch (cause) {
    throw Object.assign(
      new JsonError('this text has a control character, or a backslash, that JSON does not know', text, at),
      { cause },
    )
  }
}

const WORD = /[\w.+-]+/y
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const NAMES: Record<string, boolean | null> = { true: true, false: false, null: null }

function readWord(reader: Reader): unknown {
  WORD.lastIndex = reader.at
  const [word] = WORD.exec(reader.text) ?? []
  if (word === undefined) throw fault(reader, `a value belongs here, not ${shown(reader)}`)
  const isNumber = NUMBER.test(word)
  if (!isNumber && !Object.hasOwn(NAMES, word))
    throw fault(reader, `"${word}" is no value, and text goes into double quotes`)
  reader.at += word.length
  return isNumber ? numberOf(word) : NAMES[word]
}

/** What is written with a fraction or an exponent has said itself how exact it is. */
function numberOf(word: string): number | bigint {
  const number = Number(word)
  return /[.eE]/.test(word) || Number.isSafeInteger(number) ? number : BigInt(word)
}

/** @returns the next character that is no space, where the reader then is; nothing at the end. */
function peek(reader: Reader): string {
  const { text } = reader
  let code = text.charCodeAt(reader.at)
  while (code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d) code = text.charCodeAt(++reader.at)
  return text.charAt(reader.at)
}

function expect(reader: Reader, character: string, what: string): void {
  if (peek(reader) !== character) throw fault(reader, `${what} belongs here, not ${shown(reader)}`)
  reader.at++
}

const shown = ({ text, at }: Reader): string =>
  at >= text.length ? 'the end' : JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0))

const fault = ({ text, at }: Reader, fact: string): JsonError => new JsonError(fact, text, at)
