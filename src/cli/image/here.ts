/** The image that somebody names, if it is here. */
import type { Image } from '../../content/images.ts'
import { findImage } from '../../image/find.ts'
import type { Stores } from '../../image/stores.ts'
import { readSettings } from '../../registry/settings.ts'

/** Where a name without a host has been pulled from, it is known by its whole name. */
export const imageHere = ({ store }: Pick<Stores, 'store'>, word: string): Image | undefined =>
  findImage(store, word, readSettings(process.env).search)
