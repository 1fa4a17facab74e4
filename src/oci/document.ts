/** The JSON documents that images are made of come from strangers: read whole and within limits, and believed only where there is one way to read them. */
import { JsonError } from './json-exact.ts'
import { readJson } from './json.ts'
import { NotAConfig, object, type Check, type Fields, type Rule } from './rule.ts'

/** Registries refuse manifests of more than 4 MiB; nobody's configuration is larger than this. */
export const MOST_BYTES = 16 * 2 ** 20

/** `field` is the path of what is wrong, `layers[0].digest`; empty when it is the document as a whole. */
export class NotADocument extends Error {
  override readonly name = 'NotADocument'
  readonly field: string

  constructor(what: string, field: string, fact: string, options?: ErrorOptions) {
    super(`Cannot read the ${what}: ${fact}`, options)
    this.field = field
  }
}

// #region read
/** @param what it is, for people. @throws NotADocument */
export function readDocument(what: string, bytes: Uint8Array, rule: Rule): unknown {
  if (bytes.length > MOST_BYTES)
    throw new NotADocument(what, '', `it has ${bytes.length} bytes, and ${MOST_BYTES} are the most`)
  try {
    return rule(asObject(readJson(textOf(bytes))), '')
  } catch (cause) {
    if (cause instanceof JsonError || cause instanceof TypeError)
      throw new NotADocument(what, '', cause.message, { cause })
    if (cause instanceof NotAConfig) throw new NotADocument(what, cause.field, cause.message, { cause })
    throw cause
  }
}
// #endregion read

/** RFC 8259 §8.1: UTF-8, and no byte order mark. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TypeError('it is not UTF-8', { cause })
  }
}

function asObject(value: unknown): object {
  if (isObject(value)) return value
  throw new TypeError('it is not an object')
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * An object whose names can be read in one way only: other readers take `Layers` for `layers`, so whoever writes the one and the other tells two stories
 * (CVE-2021-41190). What is null is not there, as every program in Go means it.
 */
export const fields = (rules: Record<string, Rule>, required: readonly string[], ...checks: Check<Fields>[]): Rule => {
  const known = new Map(Object.keys(rules).map((name) => [name.toLowerCase(), name]))
  const inside = object(rules, required, ...checks)
  return (value, at) => {
    if (!isObject(value)) return inside(value, at)
    for (const name of Object.keys(value)) {
      const meant = known.get(name.toLowerCase())
      if (meant !== undefined && meant !== name)
        throw new NotAConfig(at ? `${at}.${name}` : name, `is a name that some read as "${meant}"`)
    }
    return inside(Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null)), at)
  }
}
