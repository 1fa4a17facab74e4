/** Lesson 10, the reference: an image comes from a registry into a layout. */
import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf, isDigest, type Digest } from '../../src/oci/digest.ts'
import {
  childrenOf,
  hasManifests,
  parseManifest,
  type Index,
} from '../../src/oci/manifest.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import { hostPlatform } from '../../src/oci/platform-name.ts'
import { runnable } from '../../src/oci/platform.ts'
import type { Reference } from '../../src/oci/reference.ts'
import { parseChallenges } from '../../src/registry/auth/challenge.ts'
import { apiOf, program, sizeOf, type Headers, type Layout } from './given.ts'

export class Puller {
  readonly #api: URL
  readonly #layout: Layout
  /** Nothing is shown before it is asked for. */
  #shown: Headers = {}

  constructor(reference: Reference, layout: Layout) {
    this.#api = apiOf(reference)
    this.#layout = layout
  }

  async pull(name: string): Promise<void> {
    const root = await this.manifest(name)
    const { document, bytes, digest } = hasManifests(root.document)
      ? await this.manifest(this.choose(root.document).digest)
      : root
    const blobs = new Map(childrenOf(document).map((one) => [one.digest, one]))
    await Promise.all([...blobs.values()].map((one) => this.blob(one)))
    writeFileSync(this.#layout.path(digest), bytes)
    const { mediaType } = document
    this.#layout.name({ mediaType, digest, size: bytes.length }, name)
  }

  /** @param name a tag, or a digest, which says what has to come. */
  async manifest(name: string) {
    const accept = [OCI_MANIFEST, OCI_INDEX].join(', ')
    const response = await this.get(`manifests/${name}`, { accept })
    const bytes = Buffer.from(await response.arrayBuffer())
    if (isDigest(name)) this.expectSame(name, bytes)
    return { bytes, digest: digestOf(bytes), document: parseManifest(bytes) }
  }

  choose({ manifests }: Index): Descriptor {
    const [best] = runnable(manifests, hostPlatform())
    if (best) return best
    throw new Error('Cannot pull: there is nothing for this machine')
  }

  /** What has come is kept. What is missing is asked for, and no more than that. */
  async blob({ digest, size }: Descriptor): Promise<void> {
    const part = this.#layout.partOf(digest)
    for (let n = 0; n < 5 && sizeOf(part) < size; n += 1) {
      const wanted = this.from(sizeOf(part))
      const response = await this.get(`blobs/${digest}`, wanted)
      if (response.status === 200) rmSync(part, { force: true })
      await keep(response, part).catch(() => {}) // what it lacks is seen below
    }
    this.expectSame(digest, readFileSync(part))
    renameSync(part, this.#layout.path(digest))
  }

  from = (start: number): Headers =>
    start === 0 ? {} : { range: `bytes=${start}-` }

  expectSame(digest: Digest, bytes: Buffer): void {
    const own = digestOf(bytes)
    if (own !== digest)
      throw new Error(`Cannot believe ${digest}: it is ${own}`)
  }

  async get(path: string, headers: Headers): Promise<Response> {
    const url = new URL(path, this.#api)
    let response = await this.go(url, { ...headers, ...this.#shown })
    if (response.status === 401) {
      this.#shown = await this.token(response)
      response = await this.go(url, { ...headers, ...this.#shown })
    }
    if (response.ok) return response
    throw new Error(`Cannot get ${url.href}: ${response.status}`)
  }

  async token({ headers }: Response): Promise<Headers> {
    const [challenge] = parseChallenges(headers.get('www-authenticate') ?? '')
    const { realm = '', service = '', scope = '' } = challenge?.parameters ?? {}
    const url = new URL(realm)
    url.search = new URLSearchParams({ service, scope }).toString()
    const answer = (await (await fetch(url)).json()) as { token: string }
    return { authorization: `Bearer ${answer.token}` }
  }

  /** And on, to wherever it is sent. */
  async go(url: URL, headers: Headers, most = 5): Promise<Response> {
    const response = await fetch(url, { headers, redirect: 'manual' })
    const location = response.headers.get('location')
    if (location === null || most === 0) return response
    const next = new URL(location, url)
    const shown = next.host === url.host ? headers : this.toStrangers(headers)
    return this.go(next, shown, most - 1)
  }

  toStrangers({ authorization: _, ...rest }: Headers): Headers {
    return rest
  }
}

async function keep({ body }: Response, part: string): Promise<void> {
  const chunks: AsyncIterable<Uint8Array> | null = body
  for await (const chunk of chunks ?? []) appendFileSync(part, chunk)
}

program(import.meta, (reference, layout) =>
  new Puller(reference, layout).pull(reference.digest ?? reference.tag ?? ''),
)
