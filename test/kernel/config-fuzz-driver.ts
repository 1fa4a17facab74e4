/**
 * In namespaces of its own, where nothing that goes wrong reaches the machine: a bundle whose `config.json` is spoiled in one way after another, given to
 * the runtime. A line of JSON for each tells what came of it. Started by config-fuzz.test.ts.
 */
import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { readMountInfo } from '../../src/kernel/mountinfo.ts'
import { create } from '../../src/runtime/create.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { run } from '../../src/runtime/run.ts'
import { start } from '../../src/runtime/start.ts'
import { REAL, documents } from './config-fuzz-documents.ts'
import { misnamed } from './config-fuzz-judge.ts'
import { TOLD, type Told } from './config-fuzz-told.ts'

/** A file in the place of the seed, such as @/tmp/config.json, is one document. */
const [work = '', seed = '0', count = '1', seconds = '1e9'] = process.argv.slice(2)
const settings = { root: join(work, 'state'), systemdCgroup: false, rootless: 'false' as const }
const bundle = join(work, 'bundle')
const witness = join(work, 'witness')

/** Our cgroup: others make theirs meanwhile. */
const OURS = basename(work)

async function main(): Promise<void> {
  fs.writeFileSync(join(bundle, 'config.json'), '')
  fs.mkdirSync(settings.root, { recursive: true })
  empty = inventory()
  if (seed.startsWith('@')) return tell(1, fs.readFileSync(seed.slice(1), 'utf8'))
  await tell(-1, JSON.stringify(REAL))
  const texts = fc.sample(documents, { seed: Number(seed), numRuns: Number(count) })
  const deadline = Date.now() + Number(seconds) * 1000
  for (const [n, text] of texts.entries()) if (Date.now() < deadline) await tell(n, text)
}

async function tell(n: number, text: string): Promise<void> {
  const ours = text.replaceAll('"/fuzz"', JSON.stringify(`/${OURS}`))
  fs.writeFileSync(join(bundle, 'config.json'), ours)
  const told: Told = { n, text, faults: [] }
  try {
    told.status = await within(20_000, n % 2 === 0 ? run(settings, { id: 'fuzz', bundle }) : bySteps())
  } catch (error) {
    told.refused = error instanceof Error ? (error.stack ?? '') : String(error)
    told.faults.push(...rudeness(error))
    if (error instanceof Error) told.faults.push(...[misnamed(ours, error.message, bundle) ?? []].flat())
    if (fs.existsSync(join(witness, 'ran'))) told.faults.push('its command has run, though it was refused')
  }
  fs.rmSync(join(witness, 'ran'), { force: true })
  told.faults.push(...(await settled()))
  fs.writeSync(TOLD, `${JSON.stringify(told)}\n`)
  // What is left now would be blamed on the next.
  if (told.faults.length > 0) process.exit(1)
}

async function bySteps(): Promise<number> {
  await create(settings, { id: 'fuzz', bundle })
  try {
    start(settings, 'fuzz')
    return 0
  } finally {
    deleteContainer(settings, 'fuzz', { force: true })
  }
}

/** What the engine says of a mistake in a program, whoever has wrapped it. */
const ACCIDENT =
  /is not (a function|iterable|defined)|Cannot (read|set) properties|Cannot (convert|destructure|mix)|call stack/

/** What a person is told names the field, or what cannot be done, or the step that was refused; and is no accident of JavaScript's. */
function rudeness(error: unknown): string[] {
  if (!(error instanceof Error)) return ['what is thrown is no error']
  const isRefusal =
    ['Error', 'RangeError'].includes(error.name) && /^Cannot /.test(error.message) && !ACCIDENT.test(error.message)
  return isRefusal || ['Failure', 'NotAConfig'].includes(error.name)
    ? []
    : [`it is rude: ${error.name}: ${error.message}`]
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), milliseconds)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** All that a container could leave: mounts, cgroups, state, processes (this namespace has only ours), files in its bundle. */
function inventory(): string[] {
  const mounts = readMountInfo()
  const hierarchies = mounts.filter(({ type }) => type.startsWith('cgroup')).map(({ mountPoint }) => mountPoint)
  return [
    ...mounts.map(({ mountPoint, type }) => `mount ${type} ${mountPoint}`),
    ...hierarchies.flatMap((directory) => directoriesIn(directory).map((one) => `cgroup ${directory}/${one}`)),
    ...entriesIn(settings.root).map((name) => `state ${name}`),
    ...fs
      .readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter(isThere)
      .map((pid) => `process ${pid} ${commandOf(pid)}`),
    ...entriesIn(bundle).map((name) => `file ${name}`),
  ]
}

const directoriesIn = (directory: string): string[] =>
  fs
    .readdirSync(directory, { withFileTypes: true })
    .filter((one) => one.isDirectory() && one.name === OURS)
    .map(({ name }) => name)
const entriesIn = (directory: string): string[] => (fs.existsSync(directory) ? fs.readdirSync(directory) : [])

const isThere = (pid: string): boolean => commandOf(pid) !== ''

function commandOf(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** As it was at the beginning, and has to be after each. */
let empty: readonly string[] = []

/** What ends, ends in its own time: a launcher that is told so last. */
async function settled(): Promise<string[]> {
  const deadline = Date.now() + 5000
  for (;;) {
    const left = differences(empty, inventory())
    if (left.length === 0 || Date.now() > deadline) return left
    await sleep(2)
  }
}

const differences = (before: readonly string[], after: readonly string[]): string[] => [
  ...after.filter((one) => !before.includes(one)).map((one) => `left: ${one}`),
  ...before.filter((one) => !after.includes(one)).map((one) => `gone: ${one}`),
]

await main()
