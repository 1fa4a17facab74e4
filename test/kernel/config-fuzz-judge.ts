/**
 * Whether a refusal names what is wrong with a spoiled `config.json`. It names a field, and the field is wrong when the refusal goes away, or becomes another
 * one, once that field alone is put right; of text that is no JSON it names the line and the column. No container is made for that.
 */
import { askedOf } from '../../src/box/container/surroundings.ts'
import { readMountInfo } from '../../src/kernel/mountinfo.ts'
import { readSelf } from '../../src/kernel/self.ts'
import { readSurroundings } from '../../src/kernel/surroundings.ts'
import { JsonError } from '../../src/oci/json-exact.ts'
import { readJson } from '../../src/oci/json.ts'
import { plan } from '../../src/plan/plan.ts'
import { specIn } from '../../src/runtime/bundle.ts'
import { machineFor } from '../../src/runtime/machine.ts'
import { wallsOf } from '../../src/runtime/walls.ts'
import { FULL } from '../pure/config-mutants.ts'
import { REAL } from './config-fuzz-documents.ts'

// #region judge
/** @returns what is wrong with the refusal; nothing when it says what is wrong with the document. */
export function misnamed(text: string, refusal: string, bundle: string): string | undefined {
  let document: unknown
  try {
    document = readJson(text)
  } catch (error) {
    const isNamed = error instanceof JsonError && refusal.includes(`line ${error.line}, column ${error.column}: `)
    return isNamed ? undefined : 'it does not say where the text stops being JSON'
  }
  const fields = fieldsIn(refusal)
  if (fields.some((field) => isWrong(document, field, refusal, bundle))) return undefined
  return fields.length === 0 ? 'it names no field' : `of what it names nothing is wrong: ${fields.join(', ')}`
}

/** When the plan can be made, the kernel has refused, or who sits at the terminal: then what is named has to be what was spoiled. */
function isWrong(document: unknown, field: string, refusal: string, bundle: string): boolean {
  if (field === 'config.json') return typeof document !== 'object' || document === null || Array.isArray(document)
  const [path, before] = [stepsOf(field), verdictOn(document, bundle)]
  const ours = at(REAL, path)
  if (before === undefined || !refusal.includes(before)) return written(at(document, path)) !== written(ours)
  const sibling = at(REAL, [...path.slice(0, -1), '0']) // an item that is right, in the place of one that is not
  const others = [ours, at(FULL, path), sibling, undefined].map((value) => repaired(document, path, value))
  const whole = /\[\d+\]\.\w+$/.test(field) ? [repaired(document, path.slice(0, -1), undefined)] : [] // what is missing in an item of a list
  return [...others, ...whole].some((one) => verdictOn(one, bundle) !== before)
}
// #endregion judge

/** @returns what is said of it before anything is made; nothing when it would be made. */
function verdictOn(document: unknown, bundle: string): string | undefined {
  try {
    const spec = specIn(document, bundle, 'fuzz')
    const self = readSelf()
    const around = { ...readSurroundings(askedOf(spec), readMountInfo(), self), noPivot: false }
    const asked = at(document, ['linux', 'cgroupsPath'])
    plan(spec, wallsOf({ id: 'fuzz', bundle, self }, around), machineFor('fuzz', asked as string | undefined))
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

// #region fields
const TOP = 'ociVersion|root|hostname|domainname|process|mounts|hooks|annotations|linux|config\\.json'
const BELOW = String.raw`(?:\.[\w$-]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])`

/** First word after the file's name; any path of two names; and what a step says that it is for. */
function fieldsIn(refusal: string): string[] {
  const first = new RegExp(String.raw`config\.json": ((?:${TOP})${BELOW}*)`).exec(refusal)?.[1]
  const paths = refusal.match(new RegExp(String.raw`\b(?:${TOP})${BELOW}+`, 'g')) ?? []
  const last = /; ([\w., ]+)\): /.exec(refusal)?.[1]?.split(', ') ?? []
  return [...new Set([first ?? [], paths, last].flat().filter((one) => one !== 'config.json' || one === first))]
}

/** `linux.sysctl["a.b"]` → linux, sysctl, a.b. */
const stepsOf = (field: string): string[] =>
  [...field.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([\w$-]+)/g)].map(
    ([, quoted, number, name]) => number ?? name ?? (JSON.parse(`"${quoted ?? ''}"`) as string),
  )
// #endregion fields

type Fields = Record<string, unknown>

const at = (document: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (one, name) =>
      typeof one === 'object' && one !== null && Object.hasOwn(one, name) ? (one as Fields)[name] : undefined,
    document,
  )

function repaired(document: unknown, path: readonly string[], value: unknown): unknown {
  const copy = structuredClone(document)
  const [parent, last = ''] = [at(copy, path.slice(0, -1)), path.at(-1)]
  if (typeof parent !== 'object' || parent === null) return copy
  if (value !== undefined) (parent as Fields)[last] = value
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else Reflect.deleteProperty(parent, last)
  return copy
}

const written = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? Number(one) : one))
