/** Lesson 10: what a program that pulls images has asked for, and what it has made of the answers. */
import type { Digest } from '../../oci/digest.ts'

/** A layout directory, as it was found. */
export interface LayoutFacts {
  /** Those that index.json names. */
  named: Digest[]
  /** Files whose bytes are what their names say, and those whose bytes are not. */
  whole: Digest[]
  wrong: string[]
}

/** One run: how it ended, whether the layout has all of the image, and which things were asked for, in this order. */
export interface PulledFacts extends LayoutFacts {
  status: number | undefined
  isWhole: boolean
  asked: AskedFacts[]
}

export interface AskedFacts {
  /** Whom: the registry, who gives out tokens, or whoever keeps the blobs. */
  of: 'registry' | 'realm' | 'storage'
  path: string
  /** The first byte that was wanted. */
  start: number
  authorization: string | undefined
}

export interface PullFacts {
  plain: PulledFacts
  /** An index; and what of it is for other machines. */
  platform: PulledFacts & { foreign: Digest[] }
  /** A registry that wants to see a token. */
  token: PulledFacts
  /** Each layer was broken off twice: where each request for it began. */
  broken: PulledFacts & { starts: number[][] }
  /** A layer, or a manifest, that has one bit other than its name says. */
  spoilt: Record<'layer' | 'manifest', PulledFacts>
  /** The registry wants a token, and its blobs are somebody else's. */
  sent: PulledFacts
}
