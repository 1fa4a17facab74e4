/** A hundred boxes, eight at a time, as anybody would start them: xargs(1). */
import { spawnSync } from 'node:child_process'
import { natives, CRUN } from './natives.ts'
import type { Program } from './clock.ts'
import type { Place } from './subjects.ts'

const BOXES = 100

/** @returns seconds, by what was run. */
export function runHundred(programs: ReturnType<typeof natives>, { env }: Pick<Place, 'env'>): Record<string, number> {
  const runs = Object.entries(programs).filter(([, { files = [] }]) => files.length === 0) // xargs hands on no descriptor
  return Object.fromEntries(runs.map(([name, program]) => [name, seconds(named(name, program), env)]))
}

/** crun wants a name for each. */
const named = (name: string, { file, args }: Program): string[] => [
  file,
  ...args.slice(1).map((arg, n, all) => (name === CRUN && n === all.length - 1 ? `${arg}-{}` : arg)),
]

function seconds(command: string[], env: NodeJS.ProcessEnv): number {
  const input = Array.from({ length: BOXES }, (_, n) => `${n}\n`).join('')
  const start = process.hrtime.bigint()
  const { status, stderr } = spawnSync('xargs', ['-P', '8', '-I', '{}', ...command], { input, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`Cannot measure a hundred of "${command.join(' ')}": ${status}\n${stderr}`)
  return Number(process.hrtime.bigint() - start) / 1e9
}
