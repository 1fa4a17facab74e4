/** What is compiled has what is wanted soonest. The rest is Node's, which begins again from the command line: nothing has been done by then. */
import { join } from 'node:path'
import { isCompiled, node } from '../../kernel/loaders.ts'
import { addon } from '../../launch/addon.ts'

/** Does not return where this is not Node. */
export function goOnInNode(): void {
  if (!isCompiled) return
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`)
  const script = join(import.meta.filename, '../../src/cli/boxwright.mjs')
  addon().become({ args: [node(), script, ...process.argv.slice(2)], env })
}
