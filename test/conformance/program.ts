/** One program of the suite, run against one runtime, in a world that ends with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Runtime } from './runtimes.ts'
import type { Suite } from './suite.ts'
import { verdict, type Verdict } from './tap.ts'

const VIEW = fileURLToPath(new URL('view.sh', import.meta.url))

/** When to give up on a program that hangs; none takes half of it. */
const SECONDS = 120

let worlds = 0

/** @param runtime has runC's command line. */
export async function validate(suite: Suite, program: string, runtime: Runtime): Promise<Verdict> {
  const command = ['timeout', '--kill-after=5', String(SECONDS), join(suite.directory, 'validation', program)]
  const name = `conformance-${process.pid}-${(worlds += 1)}`
  const child = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', VIEW, name, ...command], {
    cwd: suite.directory,
    env: { PATH: process.env['PATH'], HOME: '/root', RUNTIME: runtime.path, ...runtime.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  await closed
  return verdict({ stdout, stderr, status: child.exitCode ?? 1 })
}
