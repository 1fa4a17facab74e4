import { errnoName } from './error.ts'

/** `ENOENT` of what the kernel has refused to Node or to an addon, `ERR_…` of Node; undefined of anything else. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, errno } = error as NodeJS.ErrnoException
  return code ?? (errno === undefined ? undefined : errnoName(-errno))
}

/** @returns whether an error has one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean => codes.includes(codeOf(error) ?? '')
