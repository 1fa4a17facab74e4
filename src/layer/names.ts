/**
 * Names in a layer. For the kernel a name is bytes, in no encoding, so it is kept as such: a string whose characters are bytes ("latin1"). It
 * compares, splits and is a key like any other string, and comes out as it went in.
 */

/** Below the root, no slash at either end: `usr/lib`. The root itself is the empty string. */
export type Name = string

export const bytesOf = (name: Name): Buffer => Buffer.from(name, 'latin1')

/** Of the process whose root is the tree. */
export const pathOf = (name: Name): Buffer => Buffer.from(`/${name}`, 'latin1')

// #region clean
/** `/usr//lib/../bin/` is `usr/bin`. An absolute name is one below the root, and above the root there is nothing: containerd and umoci say the same. */
export function clean(name: string): Name {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}
// #endregion clean

export const parentOf = (name: Name): Name => name.slice(0, Math.max(0, name.lastIndexOf('/')))

export const baseOf = (name: Name): Name => name.slice(name.lastIndexOf('/') + 1)

export const childOf = (directory: Name, base: Name): Name => (directory === '' ? base : `${directory}/${base}`)

export const isBelow = (name: Name, directory: Name): boolean =>
  name !== '' && (directory === '' || name.startsWith(`${directory}/`))

/** For a person, on one line: as UTF-8, control characters escaped, the middle of a long one left out. */
export function show(name: string): string {
  const text = bytesOf(name).toString()
  const short = text.length > 100 ? `${text.slice(0, 60)}…${text.slice(-30)}` : text
  return JSON.stringify(short).replaceAll(
    /[\x7f-\x9f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
