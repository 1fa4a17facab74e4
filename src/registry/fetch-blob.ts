/**
 * A blob comes into the store: from where the last attempt has left off, even if that was another process, and never more of it than its descriptor says.
 * distribution-spec, "Pulling blobs".
 */
import type { Content } from '../content/content.ts'
import { Spoiled, type Writer } from '../content/ingest.ts'
import { dataOf, type Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { Repository, RepositoryWish } from './client.ts'
import { Interrupted, RegistryError } from './http/error.ts'
import type { Answer } from './http/transport.ts'

/** Where things go, and what keeps them until they have a name. */
export interface Destination {
  content: Content
  lease?: string | undefined
}

export const isThere = (digest: Digest, { content, lease }: Destination): boolean =>
  (lease === undefined ? content.info(digest) : content.claim(digest, lease)) !== undefined

/** One at a time for each thing, in whichever process; who has waited for another finds all of it there. */
export const refOf = (digest: Digest): string => `pull-${digest}`

const openWriter = ({ digest, size }: Descriptor, { content, lease }: Destination): Promise<Writer> =>
  content.write(refOf(digest), { digest, size, ...(lease !== undefined && { lease }) })

// #region fetch
/** @throws RegistryError; what had come by then is where the next attempt goes on. */
export async function fetchBlob(repository: Repository, descriptor: Descriptor, into: Destination): Promise<void> {
  const { digest, size } = descriptor
  const { onEvent } = repository.client
  if (isThere(digest, into)) {
    onEvent({ kind: 'done', digest, size, how: 'present' })
    return
  }
  await filled(repository, descriptor, into)
  onEvent({ kind: 'done', digest, size, how: 'transferred' })
}

/** What an attempt before has left may be at fault, or is more than can be gone on from: it is gone now, and all of it is asked for, once. */
async function filled(repository: Repository, descriptor: Descriptor, into: Destination, anew = false): Promise<void> {
  const writer = await openWriter(descriptor, into)
  const resumed = writer.offset > 0
  try {
    await fill(writer, repository, descriptor)
    await writer.commit(descriptor.digest, descriptor.size)
  } catch (cause) {
    const knowsNoRange = cause instanceof RegistryError && cause.status === 416 && writer.offset > 0
    if (knowsNoRange) await writer.abort()
    else if (!(cause instanceof Spoiled)) throw cause
    if (anew || !(resumed || knowsNoRange)) throw knowsNoRange ? cause : spoiled(repository, descriptor, cause)
    await filled(repository, descriptor, into, true)
  } finally {
    await writer.close()
  }
}

const spoiled = ({ title }: Repository, { digest }: Descriptor, cause: unknown): RegistryError =>
  new RegistryError(`Cannot pull "${title}@${digest}": the bytes that came are others`, { cause })

async function fill(writer: Writer, repository: Repository, descriptor: Descriptor): Promise<void> {
  const { digest, size, mediaType } = descriptor
  repository.client.onEvent({ kind: 'begun', digest, mediaType, size, offset: writer.offset })
  const data = dataOf(descriptor)
  if (writer.offset === size) return
  if (data) await writer.write(data.subarray(writer.offset))
  else await transfer(writer, repository, descriptor)
}
// #endregion fetch

/** A layer that its registry need not have is to be had elsewhere; who we are is not for there. */
async function transfer(writer: Writer, repository: Repository, descriptor: Descriptor): Promise<void> {
  const [url] = (descriptor.urls ?? []).filter((one) => one.startsWith('https:'))
  try {
    await request(writer, repository, descriptor)
  } catch (error) {
    if (url === undefined || !(error instanceof RegistryError) || error.status !== 404) throw error
    await request(writer, repository, descriptor, new URL(url))
  }
}

// #region range
function request(writer: Writer, repository: Repository, descriptor: Descriptor, location?: URL): Promise<void> {
  const wish: RepositoryWish = {
    method: 'GET',
    path: `blobs/${descriptor.digest}`,
    location,
    headers: () => (writer.offset > 0 ? { range: `bytes=${writer.offset}-` } : {}),
    hopes: [200, 206],
    doing: `pull "${repository.title}@${descriptor.digest}"`,
  }
  return repository.read(wish, async (answer, progress) => {
    const { digest, size } = descriptor
    const begun = writer.offset
    for await (const chunk of missing(answer, writer, descriptor)) {
      await writer.write(chunk)
      if (writer.offset - begun >= GAIN) progress()
      repository.client.onEvent({ kind: 'progress', digest, size, offset: writer.offset })
    }
  })
}

/** @yields what comes after what is there. A registry that knows no ranges sends all of it again. */
async function* missing(answer: Answer, writer: Writer, { size }: Descriptor): AsyncGenerator<Buffer> {
  const { body, url } = answer
  let at = startOf(answer, writer.offset, size)
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const skipped = Math.max(writer.offset - at, 0)
    at += chunk.length
    if (at > size)
      throw new RegistryError(`Cannot take more from ${url.host}: there are more than the ${size} bytes that were said`)
    if (skipped < chunk.length) yield chunk.subarray(skipped)
  }
  if (at < size) throw new Interrupted('ECONNRESET', `the connection was broken off after ${at} of ${size} bytes`)
}
// #endregion range

/** So much has to be gained for the count of attempts to begin anew. */
const GAIN = 2 ** 20

/** RFC 9110 §14.4. @returns which byte comes first. @throws RegistryError of headers that contradict the descriptor. */
function startOf({ status, headers, url }: Answer, offset: number, size: number): number {
  const [, from = '', all = ''] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  const start = status === 206 ? Number(from || NaN) : 0
  const length = headers['content-length']
  const encoding = headers['content-encoding'] ?? 'identity'
  if (!(start <= offset) || (all !== '' && all !== '*' && Number(all) !== size))
    throw new RegistryError(
      `Cannot believe ${url.host}: asked from byte ${offset} of ${size}, it answers ${headers['content-range'] ?? 'without a range'}`,
    )
  if (length !== undefined && Number(length) !== size - start)
    throw new RegistryError(`Cannot believe ${url.host}: it says ${length} bytes, and there have to be ${size - start}`)
  if (encoding !== 'identity')
    throw new RegistryError(`Cannot take what ${url.host} sends: it is encoded in another way (${encoding})`)
  return start
}
