/**
 * What is in which repository. The bytes are in the content store, once; a repository is a directory of small files that name them, and whatever is not
 * named in one is not to be had by way of it:
 *
 *     NAME/_blobs/sha256/HEX                    empty
 *     NAME/_manifests/sha256/HEX                a descriptor
 *     NAME/_tags/TAG                            a digest
 *     NAME/_referrers/sha256/HEX/sha256/HEX     of a subject, a descriptor of what refers to it
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Content } from '../../content/content.ts'
import { replaceFile } from '../../kernel/file.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import type { Digest } from '../../oci/digest.ts'

export class Repositories {
  readonly content: Content
  readonly #directory: string

  constructor(directory: string, content: Content) {
    this.#directory = directory
    this.content = content
  }

  has = (name: string): boolean => existsSync(this.#path(name, '_tags'))

  // #region blobs
  /** A name without bytes, or bytes without a name, are not there. */
  hasBlob = (name: string, digest: Digest): boolean =>
    this.content.info(digest) !== undefined && existsSync(this.#path(name, '_blobs', place(digest)))

  addBlob(name: string, digest: Digest): void {
    write(this.#path(name, '_blobs', place(digest)), '')
    mkdirSync(this.#path(name, '_tags'), { recursive: true })
  }

  /** When the last name of them is gone, the bytes go. */
  removeBlob(name: string, digest: Digest): void {
    rmSync(this.#path(name, '_blobs', place(digest)), { force: true })
    this.#collect(digest)
  }

  #collect(digest: Digest): void {
    const kinds = ['_blobs', '_manifests']
    const isNamed = this.names().some((name) => kinds.some((kind) => existsSync(this.#path(name, kind, place(digest)))))
    if (!isNamed && this.content.info(digest)) this.content.remove(digest)
  }
  // #endregion blobs

  // #region manifests
  manifest(name: string, digest: Digest): Descriptor | undefined {
    const text = read(this.#path(name, '_manifests', place(digest)))
    return text !== undefined && this.content.info(digest) ? (JSON.parse(text) as Descriptor) : undefined
  }

  addManifest(name: string, descriptor: Descriptor): void {
    write(this.#path(name, '_manifests', place(descriptor.digest)), JSON.stringify(descriptor))
    mkdirSync(this.#path(name, '_tags'), { recursive: true })
  }

  /** With its tags. */
  removeManifest(name: string, digest: Digest): void {
    for (const tag of this.tags(name).filter((one) => this.tag(name, one) === digest)) this.removeTag(name, tag)
    rmSync(this.#path(name, '_manifests', place(digest)), { force: true })
    this.#collect(digest)
  }
  // #endregion manifests

  // #region tags
  tags = (name: string): string[] => list(this.#path(name, '_tags')).sort()

  tag = (name: string, tag: string): Digest | undefined => read(this.#path(name, '_tags', tag)) as Digest | undefined

  setTag = (name: string, tag: string, digest: Digest): void => write(this.#path(name, '_tags', tag), digest)

  removeTag = (name: string, tag: string): void => rmSync(this.#path(name, '_tags', tag), { force: true })
  // #endregion tags

  // #region referrers
  referrers(name: string, subject: Digest): Descriptor[] {
    const directory = this.#path(name, '_referrers', place(subject))
    return list(directory)
      .flatMap((algorithm) => list(join(directory, algorithm)).map((hex) => join(directory, algorithm, hex)))
      .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Descriptor)
  }

  addReferrer = (name: string, subject: Digest, descriptor: Descriptor): void =>
    write(this.#path(name, '_referrers', place(subject), place(descriptor.digest)), JSON.stringify(descriptor))

  removeReferrer = (name: string, subject: Digest, digest: Digest): void =>
    rmSync(this.#path(name, '_referrers', place(subject), place(digest)), { force: true })
  // #endregion referrers

  /** All of them: a part of a name never begins with an underscore, distribution-spec "Pulling manifests". */
  names(below = ''): string[] {
    const parts = list(join(this.#directory, below)).filter((part) => !part.startsWith('_'))
    const names = parts.map((part) => (below === '' ? part : `${below}/${part}`))
    return names.flatMap((name) => [...(this.has(name) ? [name] : []), ...this.names(name)])
  }

  #path = (name: string, ...parts: string[]): string => join(this.#directory, name, ...parts)
}

/** `sha256:abc` → `sha256/abc`. */
const place = (digest: Digest): string => digest.replace(':', '/')

const list = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory) : [])

const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  replaceFile(path, text)
}
