/** Runs programs of the suite against runtimes, a few at a time: most of them mostly wait. */
import { RACES } from './reasons.ts'
import { validate } from './program.ts'
import type { Runtime } from './runtimes.ts'
import type { Suite } from './suite.ts'
import type { Verdict } from './tap.ts'

export interface Results {
  runtime: Runtime
  verdicts: Map<string, Verdict>
}

const AT_ONCE = 6

/** Of a program in which two processes race, the best try counts: one that comes out clean, if any does. */
const TRIES = 5

export async function resultsOf(
  suite: Suite,
  programs: readonly string[],
  runtimes: readonly Runtime[],
  say: (line: string) => void,
): Promise<Results[]> {
  const all = runtimes.map((runtime) => ({ runtime, verdicts: new Map<string, Verdict>() }))
  const todo = all.flatMap((results) => programs.map((program) => ({ ...results, program })))
  const work = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const { runtime, verdicts, program } = next
      const verdict = await bestOf(program in RACES ? TRIES : 1, () => validate(suite, program, runtime))
      verdicts.set(program, verdict)
      say(line(runtime.name, program, verdict))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return all
}

async function bestOf(tries: number, once: () => Promise<Verdict>): Promise<Verdict> {
  const verdict = await once()
  return verdict.unclean.length === 0 || tries === 1 ? verdict : bestOf(tries - 1, once)
}

function line(runtime: string, program: string, { ok, notOk, unclean }: Verdict): string {
  const counts = `${String(ok).padStart(4)} ok ${String(notOk).padStart(3)} not`
  const first = [...new Set(unclean)].join('; ')
  return `${runtime.padEnd(14)} ${program.padEnd(32)} ${counts}${first && `  ${first.slice(0, 300)}`}`
}
