/**
 * What people call an image: `registry.example:5000/team/app:1.2@sha256:…`. The grammar is the distribution project's; what stands before the first
 * slash is a host if it could not be anything else. No host is made up where none is written.
 */
import { factOf, isDigest, type Digest } from './digest.ts'

// #region reference
export interface Reference {
  /** Of a registry, with its port; none where a name is looked up. */
  host?: string
  repository: string
  tag?: string
  digest?: Digest
}

const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?'
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`)
const TAG = /^\w[\w.-]{0,127}$/
const LONGEST = 255

/** distribution-spec, "Pulling manifests", has the same of tags and of repositories. */
export const isTag = (text: string): boolean => TAG.test(text)
export const isRepository = (text: string): boolean => text.length <= LONGEST && REPOSITORY.test(text)

/** @throws RangeError naming the value and the part of it that is wrong. */
export function parseReference(text: string): Reference {
  const [named = '', digest, ...more] = text.split('@')
  const { name, tag } = withoutTag(named)
  const { host, repository } = withoutHost(name)
  if (more.length > 0) throw refuse(text, 'it has more than one "@"')
  if (host !== undefined && !HOST.test(host)) throw refuse(text, `"${host}" is no host`)
  const fault = faultIn(repository) ?? (host === undefined ? isItAnId(repository) : undefined)
  if (fault !== undefined) throw refuse(text, fault)
  if (tag !== undefined && !isTag(tag)) throw refuse(text, `"${tag}" is no tag`)
  if (digest !== undefined && !isDigest(digest)) throw refuse(text, `of the digest, ${factOf(digest)}`)
  return {
    ...(host !== undefined && { host }),
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest && { digest }),
  }
}
// #endregion reference

/** A colon before the last slash belongs to a port. */
function withoutTag(text: string): { name: string; tag: string | undefined } {
  const colon = text.indexOf(':', text.lastIndexOf('/') + 1)
  return colon < 0 ? { name: text, tag: undefined } : { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

/** `team/app` has no host: only a dot, a port, an address, or capitals, which repositories cannot have, make one. */
function withoutHost(name: string): { host: string | undefined; repository: string } {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  if (!/[.:[A-Z]/.test(first) && first !== 'localhost') return { host: undefined, repository: name }
  return { host: first, repository: name.slice(slash + 1) }
}

function faultIn(repository: string): string | undefined {
  if (repository === '') return 'it names no repository'
  if (repository.length > LONGEST)
    return `its repository has ${repository.length} characters, and ${LONGEST} are the most`
  if (isRepository(repository)) return undefined
  if (isRepository(repository.toLowerCase())) return `"${repository}" has capitals in it`
  return `"${repository}" is no repository`
}

const isItAnId = (repository: string): string | undefined =>
  /^[0-9a-f]{64}$/.test(repository) ? 'sixty-four digits are half a digest, and no name' : undefined

const refuse = (text: string, fact: string): RangeError =>
  new RangeError(
    `Cannot read ${JSON.stringify(text.slice(0, 300))} as the name of an image: ${fact}\n  Write [HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST], in small letters: team/app:1.2`,
  )

/** The way back. */
export function formatReference({ host, repository, tag, digest }: Reference): string {
  return `${host === undefined ? '' : `${host}/`}${repository}${tag === undefined ? '' : `:${tag}`}${digest ? `@${digest}` : ''}`
}

/** Who names neither a tag nor a digest means `latest`. */
export const withTag = (reference: Reference): Reference =>
  reference.tag === undefined && !reference.digest ? { ...reference, tag: 'latest' } : reference
