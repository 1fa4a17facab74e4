/** The image that somebody names: here already, or got. */
import type { Image } from '../../content/images.ts'
import { BASE_NAME, ensureHostImage } from '../../image/from-host.ts'
import type { Stores } from '../../image/stores.ts'
import { parseReference } from '../../oci/reference.ts'
import { say } from '../../workshop/say.ts'
import { pullImage } from '../../image/pull.ts'
import { progress } from './progress.ts'
import type { Platform } from '../../oci/platform.ts'
import { Complaint } from '../../workshop/complaint.ts'
import { imageHere } from './here.ts'
import { nearest } from './nearest.ts'

export interface GetOptions {
  pull: string
  platform?: Platform
  /** There it is unpacked while it comes. */
  unpackInto?: Stores
}

// #region get
/** Here first, then at a registry. The image of this machine's own programs is made when it is asked for: it needs no network. */
export async function getImage(
  stores: Pick<Stores, 'store'>,
  word: string,
  { pull, platform, unpackInto }: GetOptions,
): Promise<Image> {
  const here = imageHere(stores, word)
  if (here && pull !== 'always') return here
  if ([BASE_NAME, BASE_NAME.replace(/:latest$/, '')].includes(word)) return ensureHostImage(stores.store)
  if (pull === 'never' || !isAtRegistry(stores, word)) return imageNamed(stores, word)
  say(`${word} is not here: it is pulled`)
  return pullImage(stores.store, word, platform, { onEvent: progress({}), unpackInto })
}

/** Whoever has mistyped the name of an image that is here need not be told of registries. */
const isAtRegistry = (stores: Pick<Stores, 'store'>, word: string): boolean =>
  parseReference(word).host !== undefined || meantBy(stores, word) === undefined

/** One that is here. @throws Complaint */
export function imageNamed(stores: Pick<Stores, 'store'>, word: string): Image {
  const here = imageHere(stores, word)
  if (here) return here
  const meant = meantBy(stores, word)
  throw new Complaint(
    `Cannot find the image "${word}": there is none of that name here\n  ${meant === undefined ? 'See which there are: boxwright images' : `Did you mean ${meant}?`}`,
  )
}
// #endregion get

const meantBy = ({ store }: Pick<Stores, 'store'>, word: string): string | undefined =>
  nearest(
    word,
    store.images.list().flatMap(({ name }) => [name, name.replace(/:latest$/, '')]),
  )
