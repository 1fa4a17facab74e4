/** The image that is pulled: the same bytes wherever it is made. Ten layers of a thousand small files and two large ones, half a gigabyte in all. */
import { createCipheriv, createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { buffer } from 'node:stream/consumers'
import type { Content } from '../../../src/content/content.ts'
import { putBytes } from '../../../src/content/put.ts'
import type { Descriptor } from '../../../src/oci/descriptor.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../../src/oci/media-types.ts'

export interface Layer {
  descriptor: Descriptor
  diffId: string
}

const [FILES, LARGE, MEBIBYTE] = [1000, 24, 1 << 20]

/** @param seed of what is in it. Like one of a build: it names every directory that it puts something into. */
export async function manyFiles(content: Content, seed: number): Promise<Layer> {
  const tar = pack()
  const place = `usr/share/layer${seed}`
  for (const name of ['usr', 'usr/share', place]) tar.entry({ ...OWNED, name, type: 'directory', mode: 0o755 })
  for (let n = 0; n < FILES; n++) {
    if (n % 50 === 0) tar.entry({ ...OWNED, name: `${place}/d${n / 50}`, type: 'directory', mode: 0o755 })
    tar.entry({ ...OWNED, name: `${place}/d${Math.floor(n / 50)}/f${n}` }, text(100 + ((n * 7919) % 8000), seed + n))
  }
  for (const n of [0, 1]) tar.entry({ ...OWNED, name: `${place}/large${n}` }, large(LARGE, 100 * seed + n))
  tar.finalize()
  return kept(content, await buffer(tar))
}

/** @param mebibytes of one single file. */
export async function oneFile(content: Content, mebibytes: number): Promise<Layer> {
  const tar = pack()
  tar.entry({ ...OWNED, name: 'large' }, large(mebibytes, 0))
  tar.finalize()
  return kept(content, await buffer(tar))
}

const OWNED = { uid: 0, gid: 0, mode: 0o644, mtime: new Date(1_700_000_000_000) }

const WORDS = 'a layer is list of files and what gone the kernel lays directories over each other path name root'.split(
  ' ',
)

/** As compressible as text is: words in an order that does not repeat. */
function text(length: number, seed: number): string {
  const numbers = noise(length, seed)
  let words = ''
  for (let n = 0; words.length < length; n++) words += `${WORDS[(numbers[n % length] ?? 0) % WORDS.length] ?? ''} `
  return words.slice(0, length)
}

/** Half of it, by turns, nothing can compress. */
function large(mebibytes: number, seed: number): Buffer {
  const words = Buffer.from(text(MEBIBYTE / 2, seed))
  return Buffer.concat(
    Array.from({ length: mebibytes }, (_, n) => [noise(MEBIBYTE / 2, 1000 * seed + n), words]).flat(),
  )
}

/** The stream of a cipher is as good as chance, and the same each time. */
const noise = (length: number, seed: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), createHash('md5').update(String(seed)).digest()).update(
    Buffer.alloc(length),
  )

async function kept(content: Content, tar: Buffer): Promise<Layer> {
  return { descriptor: await put(content, gzipSync(tar), OCI_LAYER_GZIP), diffId: digestOf(tar) }
}

async function put(content: Content, bytes: Buffer, mediaType: string): Promise<Descriptor> {
  const digest = digestOf(bytes)
  await putBytes(content, `bench-${digest}`, { digest, bytes })
  return { mediaType, digest, size: bytes.length }
}

/** @returns its manifest. */
export async function imageOf(content: Content, layers: readonly Layer[]): Promise<Descriptor> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) }
  const config = await put(content, json({ architecture, os: 'linux', config: {}, rootfs }), OCI_CONFIG)
  const document = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: layers.map((one) => one.descriptor) }
  return put(content, json(document), OCI_MANIFEST)
}

const json = (document: object): Buffer => Buffer.from(JSON.stringify(document))
