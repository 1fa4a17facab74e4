/** What is wrong with a layer, and in which of its entries. Whoever asked for the layer throws away what has been unpacked of it. */
import { codeOf } from '../kernel/error-code.ts'
import { show } from './names.ts'

export class LayerError extends Error {
  override readonly name = 'LayerError'
  /** What is wrong, for whoever unpacks something that is no layer. */
  readonly fact: string

  constructor(message: string, { fact = message, ...options }: ErrorOptions & { fact?: string } = {}) {
    super(message, options)
    this.fact = fact
  }
}

/** A layer that was unpacked by itself says something of what is below it. */
export class LowerNeeded extends Error {
  override readonly name = 'LowerNeeded'
}

export const badLayer = (fact: string, options?: ErrorOptions): LayerError =>
  new LayerError(`Cannot unpack the layer: ${fact}`, { ...options, fact })

export const badEntry = (name: string, fact: string, options?: ErrorOptions): LayerError =>
  new LayerError(`Cannot unpack the layer's entry ${show(name)}: ${fact}`, {
    ...options,
    fact: `${show(name)}: ${fact}`,
  })

/** What the kernel has refused, in words. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error) ?? ''
  return REASONS[code] ?? `${code} ${(error as Error).message}`
}

/** errno(3), of names and of trees. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENAMETOOLONG: 'its name is too long: Linux takes 255 bytes for one, and 4,095 for all on the way',
  ENOTDIR: 'on its way there is a file where a directory should be',
  ELOOP: 'on its way there are links that lead in a circle',
  EBUSY: 'something is mounted there',
  ENOSPC: 'there is no room left',
  EDQUOT: 'there is no room left for this user',
  EFBIG: 'no file is that large here',
  EROFS: 'nothing may be written there',
}
