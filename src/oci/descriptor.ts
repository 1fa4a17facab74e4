/** A descriptor points at a thing by what it is: its kind, its digest, its size. image-spec descriptor.md. */
import { given } from './checks.ts'
import { digestOf, isDigest, REMEDY, type Digest, algorithmOf } from './digest.ts'
import { fields } from './document.ts'
import { isMediaType, OCI_EMPTY } from './media-types.ts'
import { platform, type Platform } from './platform.ts'
import { integer, list, table, text, type Check, type Fields, type Rule } from './rule.ts'

// #region descriptor
export interface Descriptor {
  mediaType: string
  digest: Digest
  /** In bytes. */
  size: number
  /** Where else it may be had. */
  urls?: string[]
  annotations?: Record<string, string>
  /** The thing itself, in base64: small ones need no second question. */
  data?: string
  artifactType?: string
  platform?: Platform
}
// #endregion descriptor

/** The thing that is not there: `{}`. image-spec manifest.md §Guidance for an Empty Descriptor. */
export const EMPTY: Descriptor = {
  mediaType: OCI_EMPTY,
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
  size: 2,
  data: 'e30=',
}

export const mediaType = text([isMediaType, 'it is no media type', 'RFC 6838 has them: application/json'])

export const digest: Rule = text([isDigest, 'it is no digest that this program can check', REMEDY])

/** image-spec annotations.md §Rules. */
export const annotations = table(text(), given)

const isEncoded: Check<string> = [
  (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0,
  'it is not base64',
]

/** An int64; no file is larger than what JavaScript counts exactly. */
const size = integer(0, Number.MAX_SAFE_INTEGER)

const url: Check<string> = [(value) => URL.canParse(value), 'it is no URL']

/** image-spec descriptor.md §Properties: decoded data "MUST be identical to the referenced content". */
const dataIsTheThing: Check<Fields> = [
  ({ data, ...about }) => data === undefined || isThing(Buffer.from(data as string, 'base64'), about),
  'its data is not what its digest and its size say',
]

const isThing = (bytes: Buffer, about: Fields): boolean =>
  bytes.length === about['size'] && digestOf(bytes, algorithmOf(about['digest'] as Digest)) === about['digest']

export const descriptor: Rule = fields(
  {
    mediaType,
    digest,
    size,
    urls: list(text(url)),
    annotations,
    data: text(isEncoded),
    artifactType: mediaType,
    platform,
  },
  ['mediaType', 'digest', 'size'],
  dataIsTheThing,
)

/** @returns the bytes that a descriptor brings with it, verified when it was read; nothing if it brings none. */
export const dataOf = ({ data }: Descriptor): Buffer | undefined =>
  data === undefined ? undefined : Buffer.from(data, 'base64')
