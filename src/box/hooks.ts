/**
 * Lesson 13. Programs that others want to have run while a container is made: runtime-spec config.md §posix-platform-hooks. Each is told on its
 * standard input which container it is.
 */
import { writeJson } from '../oci/json.ts'
import type { Hook, HookName, Spec } from '../oci/spec.ts'
import { waiting } from '../oci/waits.ts'
import { box, BOX, host, type Wall } from '../plan/plan.ts'

/** What a hook is told but the process number, which nobody knows yet: runtime.md §state. */
export interface Told {
  id: string
  bundle: string
}

// #region hooks
/** In the host's namespaces, once the box has its own. */
export const runtimeHooks = (told: Told): Wall => ({
  name: 'runtime-hooks',
  lesson: 13,
  steps: (spec) =>
    (['prestart', 'createRuntime'] as const).flatMap((name) =>
      hooksOf(spec, name).map((hook) =>
        host(
          'run',
          runs(hook, said(spec, told, STATUS[name])),
          `a hook: ${name}`,
        ),
      ),
    ),
})

/** In the box's namespaces. Of the one kind the host's files are in sight yet, of the other the box's own are. */
export const boxHooks = (
  told: Told,
  name: 'createContainer' | 'startContainer',
): Wall => ({
  name,
  lesson: 13,
  steps: (spec) =>
    hooksOf(spec, name).map((hook) =>
      box('run', runs(hook, said(spec, told, STATUS[name])), `a hook: ${name}`),
    ),
})
// #endregion hooks

/** prestart is older than create: it was called by start, and of a container that was there. */
const STATUS = {
  prestart: 'created',
  createRuntime: 'creating',
  createContainer: 'creating',
  startContainer: 'created',
} as const

const hooksOf = (
  { hooks = {} }: Pick<Spec, 'hooks'>,
  name: HookName,
): readonly Hook[] => hooks[name] ?? []

const runs = (
  { path, args = [path], env = [], timeout = 0 }: Hook,
  state: string,
): [string, readonly string[], readonly string[], string, number] => [
  path,
  args,
  env,
  state,
  timeout * 1000,
]

// #region said
/** Braces of others' are written as JSON's escapes: only ours stand for the process number. */
export function said(spec: Spec, { id, bundle }: Told, status: string): string {
  const { ociVersion, annotations } = waiting(spec, undefined)
  const state = writeJson({
    ociVersion,
    id,
    status,
    pid: 0,
    bundle,
    annotations,
  })
  return state.replaceAll(BOX, '\\u007bbox}').replace('"pid":0', `"pid":${BOX}`)
}
// #endregion said
