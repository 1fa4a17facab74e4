/** Hooks that are run when the container runs, or has ended: no plan is being played then, so we start them. config.md §posix-platform-hooks. */
import { spawnSync } from 'node:child_process'
import { writeJson } from '../oci/json.ts'
import type { Hook } from '../oci/spec.ts'
import type { Container } from './container.ts'
import { specIn } from './bundle.ts'
import { stateOf } from './state.ts'

/** What it is to the hook, though a short command may have ended meanwhile. */
const STATUS = { poststart: 'running', poststop: 'stopped' } as const

// #region hooks
/** One that fails is warned of, and the others are run all the same: runtime-spec runtime.md §lifecycle. */
export function runHooks(container: Container, name: keyof typeof STATUS): void {
  const { config, bundle, id, pid } = container.state
  if (!(config as Config).hooks?.[name]?.length) return // as of most: the rest of the configuration need not be read again
  const told = writeJson({ ...stateOf(container), status: STATUS[name], pid: name === 'poststart' ? pid : 0 })
  const { hooks = {} } = specIn(config, bundle, id)
  for (const [n, hook] of (hooks[name] ?? []).entries()) {
    const complaint = runHook(hook, told)
    if (complaint !== undefined)
      process.emitWarning(`Cannot run ${name} hook #${n} "${hook.path}" of container "${id}": ${complaint}`)
  }
}

function runHook({ path, args = [path], env = [], timeout }: Hook, state: string): string | undefined {
  const { status, signal, error, stderr } = spawnSync(path, args.slice(1), {
    argv0: args[0] ?? path,
    env: Object.fromEntries(env.map((entry) => entry.split(/=(.*)/s) as [string, string])),
    input: state,
    encoding: 'utf8',
    killSignal: 'SIGKILL',
    ...(timeout !== undefined && { timeout: timeout * 1000 }),
  })
  const code = error && 'code' in error ? error.code : undefined
  if (code === 'ETIMEDOUT') return `it was not done in ${timeout} s`
  if (error && code !== 'EPIPE') return error.message // nobody has to read what it is told
  if (status === 0) return undefined
  const words = stderr.trim()
  return `${signal ?? `exit status ${status}`}${words ? `\n  ${words}` : ''}`
}
// #endregion hooks

/** As it was read; it has been found right when the container was made. */
interface Config {
  hooks?: Partial<Record<keyof typeof STATUS, unknown[]>>
}
