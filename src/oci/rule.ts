/**
 * What a value in a `config.json` has to be. A rule takes a value and the path that leads to it, and gives back the value as the rest of the program
 * wants it: so a table of rules, one a field, is the whole of a format.
 */
export type Rule = (value: unknown, at: string) => unknown

/** What has to be so besides; if not, this is what is so, and perhaps what to do about it. */
export type Check<Value> = readonly [holds: (value: Value) => boolean, fact: string, remedy?: string]

/** What was read is no container that could be made. `field` is the path of what is wrong: `linux.resources.memory.limit`. */
export class NotAConfig extends Error {
  override readonly name = 'NotAConfig'
  readonly field: string

  constructor(field: string, fact: string, remedy = '') {
    super(`${field} ${fact}${remedy && `\n  ${remedy}`}`)
    this.field = field
  }
}

// #region object
export type Fields = Record<string, unknown>

/** A field that no rule is about stays as it is: runtime-spec config.md §Extensibility. */
export const object =
  (rules: Record<string, Rule>, required: readonly string[] = [], ...checks: Check<Fields>[]): Rule =>
  (value, at) => {
    const given = fieldsOf(value, at)
    for (const name of required) if (given[name] === undefined) throw new NotAConfig(below(at, name), 'is missing')
    const read = { ...given }
    for (const [name, one] of Object.entries(given)) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined
      if (rule && one !== undefined) read[name] = rule(one, below(at, name))
    }
    return checked(read, value, at, checks)
  }

/** Names that whoever wrote the file has chosen. */
export const table =
  (rule: Rule, ...checks: Check<string>[]): Rule =>
  (value, at) => {
    const read = Object.entries(fieldsOf(value, at)).map(([name, one]): [string, unknown] => [
      checked(name, name, `${at}[${JSON.stringify(name)}]`, checks),
      rule(one, below(at, name)),
    ])
    return Object.fromEntries(read)
  }
// #endregion object

function fieldsOf(value: unknown, at: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new NotAConfig(at || 'config.json', `is ${shown(value)}, and not an object`)
}

const below = (at: string, name: string): string => {
  if (!/^[\w$-]+$/.test(name)) return `${at}[${JSON.stringify(name)}]`
  return at ? `${at}.${name}` : name
}

// #region list
export const list =
  <Item = unknown>(rule: Rule, ...checks: Check<readonly Item[]>[]): Rule =>
  (value, at) => {
    if (!Array.isArray(value)) throw new NotAConfig(at, `is ${shown(value)}, and not a list`)
    const read = value.map((one: unknown, n) => rule(one, `${at}[${n}]`)) as Item[]
    return checked(read, value, at, checks)
  }

/** No two items may have the same in these fields. */
export const each = <Item>(key: (item: Item) => unknown, what: string): Check<readonly Item[]> => [
  (items) => new Set(items.map(key)).size === items.length,
  `there may be one of each ${what}`,
]
// #endregion list

/** The kernel's texts end where a NUL is. */
export const text =
  (...checks: Check<string>[]): Rule =>
  (value, at) => {
    if (typeof value !== 'string') throw new NotAConfig(at, `is ${shown(value)}, and not text`)
    return checked(value, value, at, [[(one) => !one.includes('\0'), 'a NUL ends every text of the kernel'], ...checks])
  }

export const oneOf =
  (words: readonly string[]): Rule =>
  (value, at) => {
    if (typeof value === 'string' && words.includes(value)) return value
    throw new NotAConfig(at, `is ${shown(value)}, and none of ${words.join(', ')}`)
  }

export const flag: Rule = (value, at) => {
  if (typeof value === 'boolean') return value
  throw new NotAConfig(at, `is ${shown(value)}, and neither true nor false`)
}

// #region numbers
/** A whole number that JavaScript has exactly. */
export const integer =
  (least: number, most: number, ...checks: Check<number>[]): Rule =>
  (value, at) =>
    checked(Number(whole(value, BigInt(least), BigInt(most), at)), value, at, checks)

/** One of 64 bits. */
export const wide =
  (least: bigint, most: bigint, ...checks: Check<bigint>[]): Rule =>
  (value, at) =>
    checked(whole(value, least, most, at), value, at, checks)

function whole(value: unknown, least: bigint, most: bigint, at: string): bigint {
  if (typeof value !== 'bigint' && !Number.isInteger(value))
    throw new NotAConfig(at, `is ${shown(value)}, and not a whole number`)
  const exact = BigInt(value as bigint | number)
  if (exact >= least && exact <= most) return exact
  throw new NotAConfig(at, `is ${shown(value)}: it goes from ${least} to ${most}`)
}
// #endregion numbers

function checked<Value>(read: Value, value: unknown, at: string, checks: readonly Check<Value>[]): Value {
  for (const [holds, fact, remedy] of checks)
    if (!holds(read)) throw new NotAConfig(at || 'config.json', `is ${shown(value)}: ${fact}`, remedy)
  return read
}

/** As it was written, and no more of it than a line has room for. */
function shown(value: unknown): string {
  const written = typeof value === 'bigint' ? String(value) : JSON.stringify(value, exactly)
  return written.length > 60 ? `${written.slice(0, 57)}…` : written
}

const exactly = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
