/** Which parts of a value somebody has looked at: no list has to say what our walls honour, since they are seen reading. */

export interface Heeded<Value> {
  /** The same value, to be read by whoever is watched. */
  value: Value
  /** The parts that nobody has read, and that ask for something: `linux.seccomp`, `mounts[].options`. */
  unread: () => string[]
}

// #region heed
export function heed<Value extends object>(value: Value): Heeded<Value> {
  const read = new Set<string>()
  return { value: watched(value, '', read, new Map()), unread: () => [...new Set(unread(value, '', read))] }
}

/** What is read through it is noted by its path. One object has one watched twin, since some are told by identity. */
function watched<Value extends object>(
  value: Value,
  path: string,
  read: Set<string>,
  twins: Map<object, object>,
): Value {
  const twin = twins.get(value) ?? new Proxy(value, { get: (target, key) => look(target, key, path, read, twins) })
  twins.set(value, twin)
  return twin as Value
}
// #endregion heed

function look(
  target: object,
  key: string | symbol,
  path: string,
  read: Set<string>,
  twins: Map<object, object>,
): unknown {
  const found: unknown = Reflect.get(target, key)
  if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found
  const place = below(path, key, target)
  read.add(place)
  return typeof found === 'object' && found !== null ? watched(found, place, read, twins) : found
}

const below = (path: string, key: string, parent: object): string =>
  Array.isArray(parent) ? `${path}[]` : path === '' ? key : `${path}.${key}`

function unread(value: unknown, path: string, read: ReadonlySet<string>): string[] {
  if (!asks(value)) return []
  if (path !== '' && !read.has(path)) return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, part]) => unread(part, below(path, key, value), read))
}

/** An empty list, a zero, "no": nothing is missing when nobody reads that. */
const asks = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.values(value).some(asks) : Boolean(value)
