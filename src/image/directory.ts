/** Where images are kept: they can be made again, but outlive a boot. */
import { homedir } from 'node:os'
import { join } from 'node:path'

export function imageDirectory(): string {
  const { BOXWRIGHT_IMAGES, XDG_CACHE_HOME } = process.env
  if (BOXWRIGHT_IMAGES) return BOXWRIGHT_IMAGES
  return process.geteuid?.() === 0
    ? '/var/lib/boxwright/images'
    : join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'boxwright')
}
