/** Who is validated: our runtime, and the two that Debian has, where they are installed. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Runtime {
  name: string
  /** A file that can be run as it is. */
  path: string
  /** What it says of itself. */
  version: string
  /** Variables that it is to find. */
  env?: Record<string, string>
}

export const OURS = 'boxwright-runc'

const PATHS: Readonly<Record<string, string>> = {
  [OURS]: fileURLToPath(new URL('../../dist/boxwright-runc', import.meta.url)),
  runc: 'runc',
  crun: 'crun',
}

/** @throws RangeError for a name that is not one of the three, or of one that is not installed; Error when ours is not built. */
export function installed(only?: string, paths = PATHS): Runtime[] {
  const runtimes = Object.entries(paths)
    .filter(([name]) => name === (only ?? name))
    .map(([name, path]) => ({ name, path, version: versionOf(path) }))
  const missing = runtimes.filter(({ version }) => version === '')
  const ours = missing.find(({ name }) => name === OURS)
  if (ours) throw new Error(`Cannot validate "${ours.path}": it cannot be run\n  Build it: npm run prepare`)
  for (const { name } of missing) console.error(`SKIPPED: there is no ${name}`)
  const there = runtimes.filter((runtime) => !missing.includes(runtime))
  if (only !== undefined && there.length === 0)
    throw new RangeError(`Cannot validate "${only}": it is none of ${Object.keys(PATHS).join(', ')}, or not installed`)
  return there
}

/** @returns for instance "1.1.5"; nothing when it cannot be run. */
function versionOf(path: string): string {
  const { error, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  return error === undefined ? (/version (\S+)/.exec(stdout)?.[1] ?? '') : ''
}
