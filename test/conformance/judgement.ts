/** What our runtime has to be: explained wherever it is not clean, and nowhere behind the others. */
import { RACES, reasonFor } from './reasons.ts'
import type { Results } from './results.ts'
import { OURS } from './runtimes.ts'

/** @returns a line for each thing that must not be. */
export function failures(all: readonly Results[]): string[] {
  const ours = all.find(({ runtime }) => runtime.name === OURS)
  if (ours === undefined) return []
  const peers = all.filter((results) => results !== ours).map(decided)
  return [
    ...unexplained(ours),
    ...peers.flatMap((peer) => [...behind(ours, peer), ...scoresBelow(decided(ours), peer)]),
  ]
}

/** Without the programs that are a race: in these, today's winner may lose tomorrow. */
const decided = ({ runtime, verdicts }: Results): Results => ({
  runtime,
  verdicts: new Map([...verdicts].filter(([program]) => !(program in RACES))),
})

function unexplained({ verdicts }: Results): string[] {
  return [...verdicts].flatMap(([program, { unclean }]) =>
    unclean.filter((line) => reasonFor(program, OURS, line) === undefined).map((line) => `${program}: ${line}`),
  )
}

const behind = (ours: Results, peer: Results): string[] =>
  clean(peer)
    .filter((program) => !clean(ours).includes(program))
    .map((program) => `${program}: ${peer.runtime.name} passes it`)

function scoresBelow(ours: Results, peer: Results): string[] {
  const [mine, theirs] = [ours, peer].map((results) => ({ ok: sum(results, 'ok'), clean: clean(results).length }))
  const below = (['ok', 'clean'] as const).filter((what) => (mine?.[what] ?? 0) < (theirs?.[what] ?? 0))
  return below.map((what) => `${what}: ${mine?.[what]}, and ${theirs?.[what]} with ${peer.runtime.name}`)
}

export const clean = ({ verdicts }: Results): string[] =>
  [...verdicts].filter(([, { unclean }]) => unclean.length === 0).map(([program]) => program)

export const sum = ({ verdicts }: Results, what: 'ok' | 'notOk' | 'skipped'): number =>
  [...verdicts.values()].reduce((total, verdict) => total + verdict[what], 0)

export function score(results: Results): string {
  const { name, version } = results.runtime
  const programs = `${clean(results).length} of ${results.verdicts.size} programs clean`
  const counts = `${sum(results, 'ok')} assertions ok, ${sum(results, 'notOk')} not, ${sum(results, 'skipped')} skipped`
  return `${name} ${version}: ${programs}, ${counts}`
}
