/**
 * As much of TOML as registries.conf(5) needs: tables, lists of tables, strings, lists of strings, booleans, numbers. A line that is something else is
 * left out, since the file is somebody else's, and most of what it says is not for us.
 */

export type Value = string | boolean | number | Value[] | Table
export interface Table {
  [name: string]: Value
}

// #region toml
/** `[[registry]]` begins another table in the list `registry`, and `[[registry.mirror]]` one in the list of that table. */
export function parseToml(text: string): Table {
  const root: Table = {}
  let table = root
  for (const [, list, name, key, value = ''] of joined(text).matchAll(LINE)) {
    if (list !== undefined) table = push(root, list.split('.').map(bare))
    else if (name !== undefined) table = open(root, name.split('.').map(bare))
    else if (key !== undefined) set(table, bare(key), parseValue(value))
  }
  return root
}
// #endregion toml

const LINE = /^\s*(?:\[\[([^\]]+)\]\]|\[([^\]]+)\]|("[^"]*"|[\w.-]+)\s*=\s*(.+))/gm

const bare = (key: string): string => key.trim().replace(/^["']|["']$/g, '')

/** Without comments, and each list on a line of its own. */
const joined = (text: string): string =>
  text
    .replace(/("(?:[^"\\\n]|\\.)*"|'[^'\n]*')|#.*/g, (_, quoted: string | undefined) => quoted ?? '')
    .replace(/=\s*\[[^\]]*\]/g, (list) => list.replace(/\s*\n\s*/g, ' '))

/** A name such as `__proto__` is a name. */
function set(table: Table, key: string, value: Value | undefined): void {
  if (value === undefined) return
  Object.defineProperty(table, key, { value, enumerable: true, configurable: true, writable: true })
}

function parseValue(text: string): Value | undefined {
  const value = text.trim()
  if (/^(true|false)$/.test(value)) return value === 'true'
  if (/^[+-]?\d+$/.test(value)) return Number(value)
  const [, basic, literal] = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')$/.exec(value) ?? []
  if (literal !== undefined) return literal
  if (basic !== undefined) return basic.replace(/\\(.)/g, '$1')
  if (!value.startsWith('[')) return undefined
  const items = value.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[\w.+-]+/g) ?? []
  return items.map(parseValue).filter((one) => one !== undefined)
}

/** The last of a list of tables is the one that is written to. */
function open(root: Table, path: readonly string[]): Table {
  return path.reduce((table, name) => {
    const there = Object.hasOwn(table, name) ? table[name] : undefined
    const last = Array.isArray(there) ? there.at(-1) : there
    if (typeof last === 'object' && !Array.isArray(last)) return last
    const made: Table = {}
    set(table, name, made)
    return made
  }, root)
}

function push(root: Table, path: readonly string[]): Table {
  const above = open(root, path.slice(0, -1))
  const name = path.at(-1) ?? ''
  const there = Object.hasOwn(above, name) ? above[name] : undefined
  const made: Table = {}
  set(above, name, [...(Array.isArray(there) ? there : []), made])
  return made
}
