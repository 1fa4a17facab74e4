/** Why a container's command could not be started, when its process has gone: its root file system is there still. */
import { Failure } from '../../runtime/launch.ts'
import { load } from '../../runtime/container.ts'
import type { Settings } from '../../runtime/settings.ts'

// #region why
/** @returns the same error, with what is so and what to do about it, when that is known. */
export async function withWords(error: unknown, settings: Settings, id: string): Promise<unknown> {
  if (!(error instanceof Failure) || !error.message.includes(': execvpe(')) return error
  const { wordsOfCommand } = await import('../../workshop/explain/words.ts')
  const { config, rootfs } = load(settings, id).state
  const { args = [], env = [] } = (config as { process?: { args?: string[]; env?: string[] } }).process ?? {}
  const words = wordsOfCommand([args[0], args, env], error.code, rootfs)
  return words === undefined
    ? error
    : new Failure(`${error.message}\n  ${words}`, error.step, error.code, { cause: error })
}
// #endregion why
