/** docs/conformance.md: what a run found, in words and tables. */
import { release } from 'node:os'
import { clean, sum } from './judgement.ts'
import type { Passport } from '../../src/workshop/passport.ts'
import { RACES, reasonFor } from './reasons.ts'
import type { Results } from './results.ts'
import { MODULE, VERSION } from './suite.ts'
import type { Verdict } from './tap.ts'

export const conformanceGuide = (all: readonly Results[], passport: Passport): string => `# Conformance

The Open Container Initiative has a validation of its own for runtimes: programs that write a bundle, drive a runtime through create, start, kill and delete,
and look at what they get from inside the container and from outside. All of it is run against ours, and against the runtimes that Debian has:

\`\`\`sh
npm run test:conformance                                # everything, and this page is written anew
npm run test:conformance -- --check                     # the runtimes, and nothing is written
npm run test:conformance -- --only boxwright-runc start # one runtime, one program
\`\`\`

The suite is \`${MODULE}\`, ${VERSION}, checked against its sum. Each program runs in mount, pid and cgroup
namespaces of its own, with a /dev, a /run and cgroups (version 1, in the legacy layout: the suite reads no other) that end with it (\`test/conformance/view.sh\`). The run fails
when a line of ours is not clean and has no reason below, when another runtime passes a program that ours does not, and when another one's score is better;
programs that are a race are left out of the comparison.

The figures below: Linux ${release().replace(/-.*/, '')}.

| | ${all.map(({ runtime }) => `${runtime.name} ${runtime.version}`).join(' | ')} |
|---|${all.map(() => '--:|').join('')}
| programs clean, of ${all[0]?.verdicts.size} | ${all.map((results) => clean(results).length).join(' | ')} |
| assertions ok | ${all.map((results) => sum(results, 'ok')).join(' | ')} |
| assertions not ok | ${all.map((results) => sum(results, 'notOk')).join(' | ')} |
| assertions skipped: the bundle does not ask for it | ${all.map((results) => sum(results, 'skipped')).join(' | ')} |

## Program by program

The number of assertions that hold. A program about hooks makes none, and complains where it has to: it is clean when it is silent.

| program | ${all.map(({ runtime }) => runtime.name).join(' | ')} |
|---|${all.map(() => '--:|').join('')}
${programs(all)
  .map((program) => `| ${program} | ${all.map(({ verdicts }) => cell(verdicts.get(program))).join(' | ')} |`)
  .join('\n')}

## What is not clean, and why

| program | line | with | why |
|---|---|---|---|
${uncleanLines(all).join('\n')}

## The passport

How much holds at each stage of the lessons, of the ${passport.programs} programs that look at a container: that stage's walls and no others, built by the runtime. Three things are not the
lesson's box (\`test/conformance/stage-runtime.ts\`): the container waits between create and start, as no lesson's box does before lesson 13; the wall of
lesson 6 is there only where the bundle asks for a user namespace, which the box of that lesson always has; and the list of devices has those that every
container may have, too, which the suite counts on. An instructor who is asked why a later stage can have fewer programs clean: the suite wants more than
lessons have taught by then, and a program is clean when nothing at all is wrong. Lessons 9 to 11 have no line: what they add – where a root file system comes from, and
who else stands on it – is nothing that these programs look at, since each brings a root of its own. Lessons show the passport from \`lessons/passport.json\`.

| stage | programs clean, of ${passport.programs} | assertions ok | assertions not ok |
|---|--:|--:|--:|
${passport.stages.map(({ lesson, name, ...visa }) => `| ${lesson === undefined ? name : `${lesson} · ${name}`} | ${visa.clean} | ${visa.ok} | ${visa.notOk} |`).join('\n')}

## Races

In these programs two processes race, and either may win. Each is tried five times at most, and the best try counts, with every runtime.

${Object.entries(RACES)
  .map(([program, why]) => `- \`${program}\`: ${why}`)
  .join('\n')}
`

const programs = (all: readonly Results[]): string[] => [...(all[0]?.verdicts.keys() ?? [])].sort()

function cell(verdict: Verdict | undefined): string {
  if (verdict === undefined) return ''
  const { ok, notOk, unclean } = verdict
  if (unclean.length === 0) return ok === 0 ? 'clean' : String(ok)
  return notOk === 0 ? `${ok}, **fails**` : `${ok}, **${notOk} not ok**`
}

/** A line that several runtimes share for one reason stands there once. */
function uncleanLines(all: readonly Results[]): string[] {
  const rows = new Map<string, { program: string; lines: Set<string>; why: string; with: Set<string> }>()
  for (const program of programs(all))
    for (const { runtime, verdicts } of all)
      for (const line of verdicts.get(program)?.unclean ?? []) {
        const why = reasonFor(program, runtime.name, line) ?? '**not known**'
        const key = `${program} ${why}`
        const row = rows.get(key) ?? { program, lines: new Set(), why, with: new Set() }
        row.lines.add(line)
        row.with.add(runtime.name)
        rows.set(key, row)
      }
  return [...rows.values()].map(
    (row) => `| ${row.program} | ${quoted([...row.lines])} | ${[...row.with].join(', ')} | ${row.why} |`,
  )
}

const quoted = (lines: readonly string[]): string =>
  lines.map((line) => line.replaceAll('|', '\\|').replaceAll('*', '\\*')).join('<br>')
