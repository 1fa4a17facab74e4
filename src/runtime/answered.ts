/**
 * What the kernel has answered, by its code and in words. Podman and Docker look for the words: by them they tell a command that is missing (127) from one that
 * can't be one (126).
 */
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** @param command that was looked for, if it was one. A name without a slash was looked for along PATH: execvpe(3). */
export function answered(code: string, command?: string): string {
  const words =
    code === 'ENOENT' && command !== undefined && !command.includes('/')
      ? 'executable file not found in $PATH'
      : wordsFor(code)
  return words === undefined ? code : `${code}: ${words}`
}

function wordsFor(code: string): string | undefined {
  const errno = (constants.errno as Record<string, number | undefined>)[code]
  return errno === undefined ? undefined : getSystemErrorMap().get(-errno)?.[1]
}
