/**
 * `npm run bench`: how long a box takes, beside what else makes one, and where the time goes. It measures and judges nothing: a machine that
 * others work on gives other figures, and no test has one as its condition. docs/performance.md has figures, and what they mean.
 */
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { enterOwnMounts } from './hidden.ts'
import { layerTables, measureLayers } from './layer-part.ts'
import { measureNatives, nativeTables } from './native-part.ts'
import { measurePulls, pullTables } from './pull/part.ts'
import { measureRun, runTables } from './run-part.ts'
import { measureRuntime, runtimeTables } from './runtime-part.ts'
import { measureStages, stageTables } from './stage-part.ts'
import { openPlace, type Place } from './subjects.ts'
import { measureWarm, warmTables } from './warm-part.ts'

/** Each can be measured alone: `npm run bench -- native`. */
const PARTS = {
  native: { measure: measureNatives, tables: nativeTables },
  runtime: { measure: measureRuntime, tables: runtimeTables },
  run: { measure: measureRun, tables: runTables },
  warm: { measure: measureWarm, tables: warmTables },
  stages: { measure: measureStages, tables: stageTables },
  layers: { measure: measureLayers, tables: layerTables },
  pull: { measure: measurePulls, tables: pullTables },
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { runs: { type: 'string', default: '20' }, json: { type: 'boolean' } },
    allowPositionals: true,
  })
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1)
    throw new RangeError(`Cannot make "${values.runs}" runs: a number, from 1 on`)
  if (process.geteuid?.() !== 0) throw new Error('Cannot measure a box without root: run it again with sudo')
  enterOwnMounts()
  using place = openPlace()
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Linux ${release()}, Node ${process.version}`
  const date = new Date().toISOString().slice(0, 10)
  if (!values.json) console.log(`${machine}\n${date}, ${runs} rounds, one of each in turn`)
  const report: Record<string, unknown> = { machine, date, runs }
  for (const name of asked(positionals)) {
    const figures = await measure(name, place, runs)
    report[name] = figures.data
    if (!values.json) console.log(`\n${figures.text}`)
  }
  if (values.json) console.log(JSON.stringify(report, null, 2))
}

type Name = keyof typeof PARTS

function asked(names: string[]): Name[] {
  const all = Object.keys(PARTS) as Name[]
  const unknown = names.find((name) => !(name in PARTS))
  if (unknown !== undefined)
    throw new RangeError(`Cannot measure "${unknown}": there is no such part\n  There are: ${all.join(', ')}`)
  return all.filter((name) => names.length === 0 || names.includes(name))
}

async function measure(name: Name, place: Place, runs: number): Promise<{ data: unknown; text: string }> {
  const { measure, tables } = PARTS[name]
  const data = await measure(place, runs)
  return { data, text: (tables as (data: unknown) => string)(data) }
}

await main()
