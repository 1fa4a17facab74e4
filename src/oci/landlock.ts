/**
 * A wall that the specification has no word for: landlock(7). Whoever wants it says so in an annotation (runtime-spec config.md §Annotations), as JSON:
 *
 *   { "allow": { "/usr": "rx", "/srv/data": "rw" }, "scoped": ["signal", "abstract_unix_socket"] }
 *
 * With `allow` nothing may be done with files but what is allowed, there and below: r to read, w to write, make and remove, x to execute, d to make
 * devices and to control them. With `scoped` no process, or no abstract socket, outside of the container is spoken to.
 */
import type { Spec } from './spec.ts'

const LANDLOCK = 'boxwright.landlock'

export type Scope = 'signal' | 'abstract_unix_socket'

export interface LandlockWish {
  /** By path; letters of r, w, x, d. */
  allow?: Readonly<Record<string, string>>
  scoped: readonly Scope[]
}

// #region landlock
/** @returns nothing when nobody asks for it. @throws Error naming the annotation, and what is wrong in it. */
export function landlockOf({ annotations }: Spec): LandlockWish | undefined {
  const text = annotations[LANDLOCK]
  if (text === undefined) return undefined
  const wish = parse(text)
  const { allow, scoped = [], ...others } = wish
  const other = Object.keys(others)[0]
  if (other !== undefined) throw complain(text, `it has no "${other}"`)
  if (allow !== undefined && !isRecord(allow)) throw complain(text, 'allow is no object')
  for (const [path, letters] of Object.entries(allow ?? {})) {
    if (!path.startsWith('/')) throw complain(text, `the path "${path}" does not begin with "/"`)
    if (typeof letters !== 'string' || !/^[rwxd]+$/.test(letters))
      throw complain(text, `what is allowed at "${path}" is not letters of r, w, x and d`)
  }
  if (!Array.isArray(scoped) || !scoped.every(isScope))
    throw complain(text, `scoped is no list of ${SCOPES.join(', ')}`)
  return { scoped, ...(allow !== undefined && { allow: allow as Record<string, string> }) }
}
// #endregion landlock

const SCOPES: readonly Scope[] = ['signal', 'abstract_unix_socket']
const isScope = (word: unknown): word is Scope => SCOPES.includes(word as Scope)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parse(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    if (isRecord(value)) return value
  } catch {
    throw complain(text, 'it is no JSON')
  }
  throw complain(text, 'it is no object')
}

const complain = (text: string, fact: string): Error =>
  new Error(
    `Cannot use the annotation ${LANDLOCK} "${text}": ${fact}\n  For example: { "allow": { "/": "rx", "/tmp": "rw" }, "scoped": ["signal"] }`,
  )
