/** The image specification's own schemas, as a judge from outside: in a checkout, or in a copy beside this repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv-draft-04'

const PLACES = [process.env['BOXWRIGHT_IMAGE_SPEC'], '../shared/specs/image-spec'].filter(
  (place) => place !== undefined,
)
const found = PLACES.map((place) => join(place, 'schema')).find((place) => existsSync(join(place, 'defs.json')))
const directory = found ?? ''

/** For node:test: whoever has no schemas sees that nothing was compared. */
export const skip = found ? false : 'BOXWRIGHT_IMAGE_SPEC names no checkout of opencontainers/image-spec'

type Schema = 'image-manifest-schema' | 'image-index-schema' | 'config-schema' | 'content-descriptor'

/** @returns what the schema of that name finds wrong with a value: none when it is valid. */
export function judge(schema: Schema): (value: unknown) => string[] {
  const ajv = new Ajv.default({ strict: false, allErrors: false, validateFormats: false })
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'))
  for (const name of names) ajv.addSchema(read(name), name)
  const validate = ajv.getSchema(`${schema}.json`)
  if (!validate) throw new Error(`there is no ${schema}`)
  return (value) =>
    validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? ''}`)
}

/** Without the `id`s, by which a validator would look for each part elsewhere. */
const read = (name: string): object =>
  JSON.parse(readFileSync(join(directory, name), 'utf8'), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  ) as object
