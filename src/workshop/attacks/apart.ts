/** A box that is started by another program than this one: by one that stands at a terminal of its own, or in a session of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const PATIENCE_MS = 60_000

/**
 * @param words what follows `boxwright` on its command line.
 * @returns what it printed.
 */
export async function runApart(
  words: readonly string[],
  under: readonly string[] = [],
): Promise<string> {
  const boxwright = [process.execPath, process.argv[1] ?? '', ...words]
  const [file = '', ...args] = [...under, ...boxwright]
  const child = spawn(file, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PATIENCE_MS,
  })
  let printed = ''
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
  await once(child, 'close')
  return printed
}
