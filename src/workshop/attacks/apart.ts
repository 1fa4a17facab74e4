/** A box that is started by another program than this one: by one that stands at a terminal of its own, or in a session of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const PATIENCE_MS = 60_000

/** @param words what follows `boxwright` on its command line. @returns what it printed. @throws Error when it could not make a box. */
export async function runApart(
  words: readonly string[],
  under: readonly string[] = [],
): Promise<string> {
  const boxwright = [process.execPath, process.argv[1] ?? '', ...words]
  const [file = '', ...args] = [...under, ...boxwright]
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: PATIENCE_MS,
  })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => (said[name] += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  if (status === NO_BOX) throw new Error(said.stderr.trim() || said.stdout)
  return said.stdout
}

/** The exit status that says so: workshop/complaint.ts. */
const NO_BOX = 125
