/** Images that nobody has seen before, as a registry has them: things by their path below the repository. */
import { randomBytes, randomInt } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Descriptor } from '../../oci/descriptor.ts'
import { digestOf, type Digest } from '../../oci/digest.ts'
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../oci/media-types.ts'
import { hostPlatform } from '../../oci/platform-name.ts'
import type { Platform } from '../../oci/platform.ts'
import { token } from './arena.ts'

export interface Thing {
  mediaType: string
  bytes: Buffer
}

export interface MadeImage {
  repository: string
  tag: string
  /** `blobs/sha256:…`, `manifests/latest`. */
  things: Map<string, Thing>
  /** What the tag stands for. */
  target: Descriptor
  /** The manifest for this machine, and all that it needs; what is for others. */
  manifest: Descriptor
  layers: Descriptor[]
  needed: Digest[]
  foreign: Digest[]
}

interface Part {
  manifest: Descriptor
  layers: Descriptor[]
  all: Digest[]
}

// #region image
export function madeImage({ isIndex = false }: { isIndex?: boolean } = {}): MadeImage {
  const things: MadeImage['things'] = new Map()
  const [tag, { os, architecture }] = [`v${randomInt(1000)}`, hostPlatform()]
  const own = put(things, { os, architecture })
  const others = isIndex ? strangers(architecture).map((one) => put(things, one)) : []
  const target = isIndex ? putIndex(things, shuffled(own, others)) : own.manifest
  things.set(`manifests/${tag}`, thingOf(things, `manifests/${target.digest}`))
  return {
    repository: `${token()}/${token()}`,
    ...{ tag, things, target, manifest: own.manifest, layers: own.layers },
    needed: own.all,
    foreign: others.flatMap(({ all }) => all),
  }
}
// #endregion image

/** The same processor on another system, another processor on the same system, and what is for no machine at all. */
const strangers = (architecture: string): Platform[] => [
  { os: 'windows', architecture },
  { os: 'linux', architecture: architecture === 's390x' ? 'riscv64' : 's390x' },
  { os: 'unknown', architecture: 'unknown' },
]

/** Anywhere, but never first. */
function shuffled(own: Part, others: Part[]): Descriptor[] {
  const all = others.map(({ manifest }) => manifest)
  all.splice(randomInt(1, all.length + 1), 0, own.manifest)
  return all
}

function put(things: MadeImage['things'], platform: Platform): Part {
  const contents = Array.from({ length: 3 }, () => randomBytes(randomInt(100_000, 200_000)))
  const layers = contents.map((bytes) => add(things, 'blobs', OCI_LAYER_GZIP, gzipSync(bytes)))
  const diffIds = contents.map((bytes) => digestOf(bytes))
  const config = addJson(things, 'blobs', OCI_CONFIG, { ...platform, rootfs: { type: 'layers', diff_ids: diffIds } })
  const annotations = { made: token() }
  const document = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers, annotations }
  const manifest = { ...addJson(things, 'manifests', OCI_MANIFEST, document), platform }
  return { manifest, layers, all: [manifest, config, ...layers].map(({ digest }) => digest) }
}

const putIndex = (things: MadeImage['things'], manifests: Descriptor[]): Descriptor =>
  addJson(things, 'manifests', OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests })

const addJson = (things: MadeImage['things'], kind: string, mediaType: string, document: object): Descriptor =>
  add(things, kind, mediaType, Buffer.from(JSON.stringify(document)))

function add(things: MadeImage['things'], kind: string, mediaType: string, bytes: Buffer): Descriptor {
  const digest = digestOf(bytes)
  things.set(`${kind}/${digest}`, { mediaType, bytes })
  return { mediaType, digest, size: bytes.length }
}

function thingOf(things: MadeImage['things'], path: string): Thing {
  const thing = things.get(path)
  if (!thing) throw new TypeError(`Cannot serve "${path}": it has not been made`)
  return thing
}

// #region spoil
/** Bytes are other than when the thing got its name: of a manifest, a digit that means nothing, so that it reads as well as before. */
export function spoil({ things }: MadeImage, path: string): void {
  const thing = thingOf(things, path)
  const bytes = Buffer.from(thing.bytes)
  const mark = bytes.lastIndexOf(MARK)
  const at = mark < 0 ? randomInt(bytes.length) : mark + MARK.length
  bytes[at] = mark < 0 ? (bytes[at] ?? 0) ^ 1 : bytes[at] === ZERO ? ZERO + 1 : ZERO
  things.set(path, { ...thing, bytes })
}
// #endregion spoil

const MARK = '"made":"'
const ZERO = '0'.charCodeAt(0)
