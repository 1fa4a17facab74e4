/** JSON Schema, draft 4, as much of it as the OCI's own schemas use. Enough to ask them about one document. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Schema {
  $ref?: string
  type?: string
  required?: string[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
  allOf?: Schema[]
  anyOf?: Schema[]
  enum?: unknown[]
  pattern?: string
  minimum?: number
  maximum?: number
  minItems?: number
}

/** @returns what the schema in `file` finds wrong with a value: none when it is valid. */
export function faults(file: string, value: unknown): string[] {
  return check(read(file), value, file, '')
}

const read = (file: string): Schema => JSON.parse(readFileSync(file, 'utf8')) as Schema

function check(schema: Schema, value: unknown, file: string, at: string): string[] {
  if (schema.$ref !== undefined) return refer(schema.$ref, value, file, at)
  const below = (rule: Schema, part: unknown, name: string): string[] => check(rule, part, file, `${at}/${name}`)
  const choices = schema.anyOf?.map((rule) => check(rule, value, file, at))
  return [
    ...ownFaults(schema, value).map((fault) => `${at || '/'} ${fault}`),
    ...(schema.allOf ?? []).flatMap((rule) => check(rule, value, file, at)),
    ...(choices?.every(({ length }) => length > 0) ? (choices[0] ?? []) : []),
    ...(Array.isArray(value) && schema.items ? value : []).flatMap((part, n) =>
      below(schema.items ?? {}, part, `${n}`),
    ),
    ...Object.entries(isObject(value) ? value : {}).flatMap(([name, part]) =>
      rulesFor(name, schema).flatMap((rule) => below(rule, part, name)),
    ),
  ]
}

function refer(reference: string, value: unknown, file: string, at: string): string[] {
  const [other = '', path = ''] = reference.split('#')
  const target = other ? join(dirname(file), other) : file
  const rule = path
    .split('/')
    .filter(Boolean)
    .reduce((schema, name) => (schema as Record<string, Schema>)[name] ?? missing(reference), read(target))
  return check(rule, value, target, at)
}

function missing(reference: string): never {
  throw new Error(`Cannot follow "${reference}": there is no such definition`)
}

function rulesFor(name: string, { properties, patternProperties, additionalProperties }: Schema): Schema[] {
  const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined
  const alike = Object.entries(patternProperties ?? {}).filter(([pattern]) => new RegExp(pattern, 'u').test(name))
  const rules = [...(own ? [own] : []), ...alike.map(([, rule]) => rule)]
  return rules.length === 0 && additionalProperties ? [additionalProperties] : rules
}

function ownFaults(schema: Schema, value: unknown): string[] {
  const lacking = isObject(value) ? (schema.required ?? []).filter((name) => !Object.hasOwn(value, name)) : []
  const wrong: [is: boolean, fault: string][] = [
    [schema.type !== undefined && !isOf(schema.type, value), `is not of type ${schema.type}`],
    [schema.enum?.includes(value) === false, `is not one of ${schema.enum?.join(', ')}`],
    [typeof value === 'string' && !new RegExp(schema.pattern ?? '', 'u').test(value), `is not like ${schema.pattern}`],
    [typeof value === 'number' && value < (schema.minimum ?? -Infinity), `is below ${schema.minimum}`],
    [typeof value === 'number' && value > (schema.maximum ?? Infinity), `is above ${schema.maximum}`],
    [Array.isArray(value) && value.length < (schema.minItems ?? 0), `has fewer than ${schema.minItems}`],
  ]
  return [...lacking.map((name) => `lacks ${name}`), ...wrong.filter(([is]) => is).map(([, fault]) => fault)]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isOf(type: string, value: unknown): boolean {
  if (type === 'object') return isObject(value)
  if (type === 'array') return Array.isArray(value)
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}
