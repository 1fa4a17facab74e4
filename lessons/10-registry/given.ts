/** Lesson 10: what your program finds ready. Where a registry is, a layout to put things into, and a start. */
import {
  existsSync,
  mkdirSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { encodedOf, type Digest } from '../../src/oci/digest.ts'
import { OCI_INDEX } from '../../src/oci/media-types.ts'
import {
  parseReference,
  withTag,
  type Reference,
} from '../../src/oci/reference.ts'

export type Headers = Record<string, string>

/** `http://127.0.0.1:5000/v2/team/app/`; of other machines than this one, with TLS. */
export function apiOf({ host = '', repository }: Reference): URL {
  const scheme = /^(localhost|127\.|\[::1\])/.test(host) ? 'http' : 'https'
  return new URL(`${scheme}://${host}/v2/${repository}/`)
}

// #region layout
/** A directory as image-spec image-layout.md has it. */
export class Layout {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(join(directory, 'blobs/sha256'), { recursive: true })
  }

  /** Where a thing is, once it is known to be what its name says. */
  path = (digest: Digest): string =>
    join(this.#directory, 'blobs/sha256', encodedOf(digest))

  /** And until then. */
  partOf = (digest: Digest): string => `${this.path(digest)}.part`

  /** The last thing to be done: who finds the name finds all of the image. */
  name(target: Descriptor, tag: string): void {
    const annotations = { 'org.opencontainers.image.ref.name': tag }
    const manifests = [{ ...target, annotations }]
    this.#write('oci-layout', { imageLayoutVersion: '1.0.0' })
    this.#write('index.json', {
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests,
    })
  }

  #write = (name: string, value: object): void =>
    writeFileSync(join(this.#directory, name), JSON.stringify(value))
}
// #endregion layout

/** Bytes; none of what is not there. */
export const sizeOf = (path: string): number =>
  existsSync(path) ? statSync(path).size : 0

/** Runs what you have written when the file is started: `FILE pull REFERENCE LAYOUT`. */
export function program(
  { url }: ImportMeta,
  pull: (reference: Reference, layout: Layout) => Promise<void>,
): void {
  const [, started = '', verb, name, layout] = process.argv
  if (verb !== 'pull' || realpathSync(started) !== fileURLToPath(url)) return
  if (name === undefined || layout === undefined) return
  pull(withTag(parseReference(name)), new Layout(layout)).catch(
    (error: unknown) => {
      console.error(String(error))
      process.exit(1)
    },
  )
}
