/** Where images are kept: they can be made again, but outlive a boot. */
import { chmodSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

export const imageDirectory = (): string => process.env['BOXWRIGHT_IMAGES'] || usual()

const usual = (): string =>
  process.geteuid?.() === 0
    ? '/var/lib/boxwright/images'
    : join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'boxwright')

/** A box may leave a program with the setuid bit in an image, and to the host it is a file of the host's: nobody else gets at it. */
const FOR_US = 0o700

/** Makes it; and closes the usual one, which older versions have left open. One that somebody has named is theirs to close. */
export function openImages(directory: string): string {
  mkdirSync(directory, { recursive: true, mode: FOR_US })
  const { uid, mode } = statSync(directory)
  if (directory === usual() && uid === process.geteuid?.() && (mode & 0o777) !== FOR_US) chmodSync(directory, FOR_US)
  return realpathSync(directory)
}
