/** Our table of rules beside the published schemas: the same verdict on every document, but where the specification's prose asks for more. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkConfig } from '../../src/oci/config.ts'
import { JsonError } from '../../src/oci/json-exact.ts'
import { readJson } from '../../src/oci/json.ts'
import { NotAConfig } from '../../src/oci/rule.ts'
import { altered, FULL, mutants, spoiled } from './config-mutants.ts'
import { known, PROSE } from './config-prose.ts'
import { documents, judge, skip, words } from './published.ts'

/** @returns what is refused; nothing when all is well. */
function refusalOf(text: string): NotAConfig | JsonError | undefined {
  try {
    checkConfig(readJson(text))
    return undefined
  } catch (error) {
    if (error instanceof NotAConfig || error instanceof JsonError) return error
    throw error
  }
}

const schemaOf = (() => {
  let known: ReturnType<typeof judge> | undefined
  return (value: unknown) => (known ??= judge('config-schema.json'))(value)
})()

/** `linux.devices[2].path` → `linux.devices[].path`. */
const place = (field: string): string => field.replace(/\[\d+\]/g, '[]')

const isProse = (refusal: unknown): boolean =>
  refusal instanceof NotAConfig &&
  PROSE.some(({ field, says }) => field.test(place(refusal.field)) && says.test(refusal.message))

test('a document with every field of the specification is taken', () => {
  assert.equal(refusalOf(JSON.stringify(FULL))?.message, undefined)
})

test('the schema finds nothing wrong with that document', { skip }, () => assert.deepEqual(schemaOf(FULL), []))

test('the documents that the specification is tested with get the verdict that they are there for', { skip }, () => {
  for (const { name, text } of documents('config', 'good')) {
    const refusal = refusalOf(text)
    const isOurs = refusal === undefined || isProse(refusal)
    assert.ok(isOurs, `${name}: ${refusal?.message}`)
  }
  // FreeBSD's part of it is what is wrong with that one, and no business of ours: an unknown property.
  for (const { name, text } of documents('config', 'bad').filter(({ name }) => !name.startsWith('freebsd')))
    assert.ok(refusalOf(text), name)
})

for (const { field, says, from, example } of PROSE) {
  const document = example.reduce<unknown>((whole, [path, value]) => altered(whole, path, value), FULL)
  test(`a config is refused as ${from} asks when ${example.map(([path, value]) => `${path} is ${JSON.stringify(value ?? null).slice(0, 40)}`).join(', ')}`, () => {
    const refusal = refusalOf(JSON.stringify(document))
    assert.ok(refusal instanceof NotAConfig, 'it is taken')
    assert.match(place(refusal.field), field)
    assert.match(refusal.message, says)
  })
  test(`the schema has no rule of ${from} for ${example.map(([path]) => path).join()}`, { skip }, () =>
    assert.deepEqual(schemaOf(JSON.parse(JSON.stringify(document))), []),
  )
}

test(
  'a spoiled document is refused when the schema refuses it, and otherwise only for what the prose says',
  { skip },
  (t) => {
    const seed = Number(process.env['BOXWRIGHT_TEST_SEED'] ?? Date.now() % 1_000_000)
    t.diagnostic(`BOXWRIGHT_TEST_SEED=${seed}`)
    const count = { taken: 0, both: 0, prose: 0 }
    fc.assert(
      fc.property(mutants(words()), (changes) => {
        const text = JSON.stringify(spoiled(changes))
        const faults = schemaOf(JSON.parse(known(text)))
        const refusal = refusalOf(text)
        const verdict = faults.length > 0 ? 'both' : refusal ? 'prose' : 'taken'
        count[verdict]++
        if (verdict === 'both') assert.ok(refusal, `the schema refuses it: ${faults.join()}`)
        if (verdict === 'prose') assert.ok(isProse(refusal), `the schema takes it, and we say: ${refusal?.message}`)
      }),
      { seed, numRuns: 4000 },
    )
    t.diagnostic(JSON.stringify(count))
    assert.ok(Math.min(...Object.values(count)) > 100, 'there was something to compare')
  },
)
