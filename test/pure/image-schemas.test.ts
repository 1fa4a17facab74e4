/** Our readers of image documents beside the published schemas: the same verdict on every one, but where the prose asks for more. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NotADocument } from '../../src/oci/document.ts'
import { parseImageConfig } from '../../src/oci/image-config.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { bytes, CONFIG, IMAGE_CONFIG, INDEX, LAYER, MANIFEST } from './image-documents.ts'
import { judge, skip } from './published-image.ts'

/** Where ours asks for more than the schemas, or for less. */
const STRICTER =
  /is a name that some read|has no place|its data is not|no digest that this program|it is no URL|it is not base64|is no variable|is no time|it is empty|none of|a NUL ends|size is 9007199254740992|manifests\[0\]\.(artifactType|data|size)/

test(
  'what the published schemas refuse is refused, and otherwise only for a reason that the prose has',
  { skip },
  (t) => {
    const seed = Number(process.env['BOXWRIGHT_TEST_SEED'] ?? Date.now() % 1_000_000)
    t.diagnostic(`BOXWRIGHT_TEST_SEED=${seed}`)
    const kinds = [
      { whole: MANIFEST, read: parseManifest, schema: judge('image-manifest-schema') },
      { whole: INDEX, read: parseManifest, schema: judge('image-index-schema') },
      { whole: IMAGE_CONFIG, read: parseImageConfig, schema: judge('config-schema') },
    ]
    for (const { whole, schema } of kinds) assert.deepEqual(schema(whole), [])
    const count = { taken: 0, both: 0, stricter: 0 }
    const property = fc.property(
      fc.constantFrom(...kinds),
      fc.array(change, { minLength: 1, maxLength: 2 }),
      (kind, changes) => {
        const document = spoiled(kind.whole, changes)
        const faults = schemaFaults(kind.schema, document)
        const refusal = refusalOf(() => kind.read(bytes(document)))
        count[faults.length > 0 ? 'both' : refusal ? 'stricter' : 'taken']++
        if (faults.length > 0) assert.ok(refusal, `the schema refuses ${JSON.stringify(document)}: ${faults.join()}`)
        else if (refusal) assert.match(refusal, STRICTER, JSON.stringify(document))
      },
    )
    fc.assert(property, { seed, numRuns: 3000, includeErrorInReport: true })
    t.diagnostic(JSON.stringify(count))
    assert.ok(Math.min(...Object.values(count)) > 40, 'there was something to compare')
  },
)

/** A place, as its number among all the places there are; and what stands there afterwards. */
const change = fc.tuple(
  fc.nat(200),
  fc.constantFrom<unknown>(
    undefined,
    0,
    -1,
    1.5,
    '',
    'x',
    'a/b',
    true,
    [],
    {},
    ['x'],
    [{}],
    { a: 1 },
    { a: 'b' },
    2 ** 53,
    CONFIG.digest,
  ),
)

function spoiled(whole: object, changes: readonly (readonly [number, unknown])[]): object {
  const copy = structuredClone(whole)
  for (const [place, value] of changes) {
    const all = placesIn(copy)
    const [holder, name] = all[place % all.length] ?? []
    if (!holder || name === undefined) continue
    if (value === undefined) Reflect.deleteProperty(holder, name)
    else holder[name] = structuredClone(value)
  }
  return copy
}

function placesIn(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.entries(holder).flatMap(([name, one]) => [
    [holder, name] as [Record<string, unknown>, string],
    ...placesIn(one),
  ])
}

/** Of a manifest without layers the prose says SHOULD NOT, and the schema that it may not be; Go's null is nothing to either. */
function schemaFaults(schema: (value: unknown) => string[], document: object): string[] {
  const written = JSON.parse(JSON.stringify(document), (_, value: unknown) => value ?? undefined) as Record<
    string,
    unknown
  >
  const layers = written['layers']
  if (Array.isArray(layers) && layers.length === 0) written['layers'] = [LAYER]
  return schema(written)
}

function refusalOf(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof NotADocument) return error.message
    throw error
  }
}
