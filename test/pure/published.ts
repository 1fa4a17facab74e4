/** The runtime specification's own schemas and documents, as a judge from outside: in a checkout, or in a copy beside this repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv-draft-04'

const PLACES = [process.env['BOXWRIGHT_RUNTIME_SPEC'], '../shared/specs/runtime-spec'].filter(
  (place) => place !== undefined,
)
const found = PLACES.map((place) => join(place, 'schema')).find((place) =>
  existsSync(join(place, 'config-schema.json')),
)
const directory = found ?? ''

/** For node:test: whoever has no schemas sees that nothing was compared. */
export const skip = found ? false : 'BOXWRIGHT_RUNTIME_SPEC names no checkout of opencontainers/runtime-spec'

/** @returns what the schema of that name finds wrong with a value, as JSON.parse has it: none when it is valid. */
export function judge(
  schema: 'config-schema.json' | 'features-schema.json' | 'state-schema.json',
): (value: unknown) => string[] {
  const ajv = new Ajv.default({ strict: false, allErrors: false })
  for (const name of schemas()) if (name !== schema) ajv.addSchema(read(name), name)
  const validate = ajv.compile(read(schema))
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? ''}`)
}

const schemas = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.json'))

const read = (name: string): object => JSON.parse(readFileSync(join(directory, name), 'utf8')) as object

/** The documents that the specification's own tests are made of. */
export const documents = (
  kind: 'config' | 'features' | 'state',
  verdict: 'good' | 'bad',
): { name: string; text: string }[] => {
  const place = join(directory, 'test', kind, verdict)
  return readdirSync(place).map((name) => ({ name, text: readFileSync(join(place, name), 'utf8') }))
}

/** Every word that a schema has in a list of words. */
export const words = (): string[] =>
  [
    ...new Set(
      schemas().flatMap(
        (name) => JSON.stringify(read(name)).match(/"[A-Za-z]+(_[A-Z0-9]+)+"|"(private|time|mount|LINUX32)"/g) ?? [],
      ),
    ),
  ].map((word) => word.slice(1, -1))
