/**
 * `npm run test:conformance`: the OCI's own validation of a runtime, all of it, against ours, and against runc and crun where they are installed.
 *
 *     node --import tsx test/conformance/conformance.ts [--only RUNTIME] [--check] [PROGRAM …]
 *
 * With nothing left out it writes docs/conformance.md and lessons/passport.json, for which part of it goes over each stage of the lessons,
 * too; --check leaves that out. It fails when a line of ours is not clean and test/conformance/reasons.ts does not say why,
 * when another runtime passes what ours does not, and when another one's score is better.
 */
import { parseArgs } from 'node:util'
import { writeFileSync } from 'node:fs'
import { PASSPORT } from '../../src/workshop/passport.ts'
import { conformanceGuide } from './guide.ts'
import { failures, score } from './judgement.ts'
import { passportOf } from './passport.ts'
import { resultsOf, type Results } from './results.ts'
import { installed, OURS } from './runtimes.ts'
import { lacking, obtain, type Suite } from './suite.ts'

const FAILED = 1

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string' }, check: { type: 'boolean', default: false } },
  })
  const suite = ready()
  if (typeof suite === 'string') return skip(suite)
  const chosen = suite.programs.filter((program) => positionals.length === 0 || positionals.includes(program))
  const all = await resultsOf(suite, chosen, installed(values.only), say)
  say('')
  for (const results of all) say(score(results))
  const failed = judge(all, chosen.length)
  if (positionals.length === 0 && values.only === undefined && !values.check) await write(suite, all)
  return failed
}

function ready(): Suite | string {
  const reason = lacking()
  if (reason !== undefined) return reason
  try {
    return obtain()
  } catch (error) {
    return `the suite cannot be had: ${(error as Error).message.trim()}`
  }
}

async function write(suite: Suite, all: readonly Results[]): Promise<void> {
  const ours = all.find(({ runtime }) => runtime.name === OURS)
  if (ours === undefined) return
  const passport = await passportOf(suite, ours, say)
  writeFileSync(new URL(`../../${PASSPORT}`, import.meta.url), `${JSON.stringify(passport, null, 2)}\n`)
  writeFileSync(new URL('../../docs/conformance.md', import.meta.url), conformanceGuide(all, passport))
  say('docs/conformance.md, lessons/passport.json: written')
}

function judge(all: readonly Results[], programs: number): number {
  const failed = failures(all)
  for (const failure of failed) say(`not ok: ${failure}`)
  const ours = all.some(({ runtime }) => runtime.name === OURS) ? programs : 0
  say(`conformance: ${Math.max(0, ours - failed.length)} passed, ${failed.length} failed`)
  return failed.length === 0 ? 0 : FAILED
}

function skip(reason: string): number {
  console.error(`SKIPPED: the OCI's validation of runtimes: ${reason}`)
  say('conformance: 0 passed, 0 failed, 58 skipped')
  return 0
}

const say = (line: string): void => console.log(line)

process.exit(await main())
