/**
 * `npm run test:defences`: each hole that runtimes have had, tried on ours as it is, and on a build without the defence: nothing may come of it on the one,
 * and it has to be there again on the other. The table in docs/security.md is written anew; with --check it has to be what it is.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from 'node:test'
import type { Row } from '../kernel/cve-world.ts'
import { securityGuide, type Tried } from './guide.ts'

const KERNEL = join(import.meta.dirname, '../kernel')
const GUIDE = join(import.meta.dirname, '../../docs/security.md')

// #region main
async function main(): Promise<number> {
  const tried = await tryAll()
  if (tried.length === 0) {
    console.error('SKIPPED: nothing was tried: it takes root, a C compiler and npm run prepare')
    return 0
  }
  const bad = tried.filter(({ closed, opened }) => !closed || !opened)
  console.log(`${tried.length} holes tried, ${tried.length - bad.length} closed, and open without their defence`)
  const guide = securityGuide(tried)
  if (!process.argv.includes('--check')) writeFileSync(GUIDE, guide)
  else if (readFileSync(GUIDE, 'utf8') !== guide) return complain('docs/security.md is not what was tried')
  return bad.length > 0 ? complain(bad.map(({ cve, what }) => `${cve}: ${what}`).join('\n')) : 0
}

function complain(fact: string): number {
  console.error(`boxwright: ${fact}\n  Read it, and run: npm run test:defences`)
  return 1
}
// #endregion main

/** The tests are the program's own: run as `npm test` runs them, and told to take defences out as well. */
async function tryAll(): Promise<Tried[]> {
  process.env['BOXWRIGHT_TEST_WITHOUT_DEFENCES'] = '1'
  const files = readdirSync(KERNEL).filter((name) => /^runtime-cves-.*\.test\.ts$/.test(name))
  const tried: Tried[] = []
  for (const name of files.sort()) tried.push(...(await tryFile(name)))
  return tried
}

async function tryFile(name: string): Promise<Tried[]> {
  const [passed, rows] = [new Set<string>(), [] as Row[]]
  const stream = run({ files: [join(KERNEL, name)], concurrency: 1 })
  stream.on('test:pass', (event) => event.skip === undefined && passed.add(event.name))
  stream.on('test:fail', ({ name, details }) => console.error(`FAILED ${name}\n${String(details.error.cause)}`))
  stream.on('test:diagnostic', ({ message }) => message.startsWith('{') && rows.push(JSON.parse(message) as Row))
  for await (const _ of stream);
  return rows.map((row) => tell({ ...row, test: name, ...verdicts(row, passed) }))
}

const verdicts = ({ cve, what }: Row, passed: ReadonlySet<string>): Pick<Tried, 'closed' | 'opened'> => ({
  closed: passed.has(`${cve}: ${what} comes to nothing`),
  opened: passed.has(`${cve}: ${what} comes through when the defence is taken out`),
})

function tell(tried: Tried): Tried {
  const { cve, what, closed, opened } = tried
  const green = closed ? 'green with it' : 'OPEN WITH IT'
  const red = opened ? 'red without it' : 'NOT OPEN WITHOUT IT'
  console.log(`${green}, ${red}: ${cve}: ${what}`)
  return tried
}

process.exit(await main())
