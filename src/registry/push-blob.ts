/**
 * A blob goes to a registry: not at all when it is there, by name when another repository of it has it, in one piece, or in several with a question in
 * between when one was lost. distribution-spec, "Pushing blobs".
 */
import type { Readable } from 'node:stream'
import type { Content } from '../content/content.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { algorithmOf, type Digest } from '../oci/digest.ts'
import type { Repository } from './client.ts'
import { headersOf } from './endpoint.ts'
import { RegistryError } from './http/error.ts'
import type { TransferEvent } from './events.ts'
import { retry, type Again } from './http/retry.ts'
import type { Answer } from './http/transport.ts'

/** Larger ones go in pieces of this size: so much is lost at most when a connection breaks. */
const PIECE = 32 * 2 ** 20

export interface BlobPush {
  repository: Repository
  content: Content
  descriptor: Descriptor
  /** A repository of the same registry that may have it. */
  from?: string | undefined
  piece?: number
}

// #region push
/** @returns how it has come to be there. @throws RegistryError */
export function pushBlob(push: BlobPush): Promise<Extract<TransferEvent, { kind: 'done' }>['how']> {
  return patiently(push.repository, () => attempt(push))
}

async function attempt(push: BlobPush): Promise<Extract<TransferEvent, { kind: 'done' }>['how']> {
  const { repository, descriptor, piece = PIECE } = push
  if (await hasBlob(repository, descriptor.digest)) return 'present'
  const upload = await begin(push)
  if (upload === undefined) return 'mounted'
  const { digest, size, mediaType } = descriptor
  repository.client.onEvent({ kind: 'begun', digest, mediaType, size, offset: 0 })
  try {
    await finish(push, size <= piece ? upload : await sendPieces(push, upload))
  } catch (error) {
    await cancel(repository, upload)
    throw error
  }
  return 'transferred'
}
// #endregion push

function patiently<T>({ client, signal }: Repository, act: (progress: () => void) => Promise<T>): Promise<T> {
  const { patience, onEvent } = client
  const onAgain = ({ delay, why }: Again): void => onEvent({ kind: 'again', delay, why: why.message })
  return retry(act, patience, { signal, onAgain })
}

/** What has been sent, and where the rest has to go. */
interface Upload {
  location: URL
  offset: number
  /** The registry wants no smaller pieces than this. */
  least: number
}

async function hasBlob(repository: Repository, digest: Digest): Promise<boolean> {
  const doing = `look for "${repository.title}@${digest}"`
  const wish = { method: 'HEAD', path: `blobs/${digest}`, actions: 'pull,push', hopes: [200, 404], doing } as const
  return repository.ask(wish, (answer) => (headersOf(answer), answer.status === 200))
}

/** @returns nothing when there is nothing left to do: it has been mounted. */
function begin({ repository, descriptor: { digest }, from }: BlobPush): Promise<Upload | undefined> {
  const query = new URLSearchParams({
    ...(algorithmOf(digest) !== 'sha256' && { 'digest-algorithm': algorithmOf(digest) }),
    ...(from !== undefined && { mount: digest, from }),
  })
  return repository.ask(
    {
      method: 'POST',
      path: `blobs/uploads/${query.size > 0 ? `?${query.toString()}` : ''}`,
      actions: 'pull,push',
      from,
      headers: () => ({ 'content-length': '0' }),
      hopes: [201, 202],
      doing: `push to "${repository.title}"`,
    },
    (answer) => (answer.status === 201 ? void headersOf(answer) : uploadOf(answer, 0)),
  )
}

/** The location is used as it is: its query is the registry's memory. */
function uploadOf(answer: Answer, offset: number): Upload {
  const { location, ...headers } = headersOf(answer)
  if (location === undefined || !URL.canParse(location, answer.url.href))
    throw new RegistryError(
      `Cannot push to ${answer.url.host}: it does not say where to (${location ?? 'no Location'})`,
    )
  return { location: new URL(location, answer.url), offset, least: Number(headers['oci-chunk-min-length'] ?? 0) }
}

/** The rest, which may be nothing, or all of it, and its name. */
async function finish({ repository, content, descriptor }: BlobPush, { location, offset }: Upload): Promise<void> {
  const { digest, size } = descriptor
  const named = new URL(`${location.href}${location.search ? '&' : '?'}digest=${encodeURIComponent(digest)}`)
  await repository.ask(
    {
      ...part({ content, descriptor, repository }, offset, size),
      method: 'PUT',
      path: '',
      location: named,
      hopes: [201],
      doing: `push "${repository.title}@${digest}"`,
    },
    headersOf,
  )
}

// #region pieces
/** When a piece was lost, or was not the one that comes next, the registry is asked how far we are. */
async function sendPieces(push: BlobPush, begun: Upload): Promise<Upload> {
  let upload = begun
  const next = async (progress: () => void): Promise<Upload> => {
    try {
      return await sendPiece(push, upload)
    } catch (error) {
      const { location, offset } = await status(push, upload)
      if (offset > upload.offset) progress()
      const isElsewhere = error instanceof RegistryError && error.status === 416 && offset !== upload.offset
      upload = { ...upload, location, offset }
      if (isElsewhere) return upload
      throw error
    }
  }
  while (upload.offset < push.descriptor.size) upload = await patiently(push.repository, next)
  return upload
}

async function sendPiece(push: BlobPush, upload: Upload): Promise<Upload> {
  const { repository, descriptor, piece = PIECE } = push
  const end = Math.min(upload.offset + Math.max(piece, upload.least), descriptor.size)
  const { headers, ...rest } = part(push, upload.offset, end)
  return repository.ask(
    {
      ...rest,
      method: 'PATCH',
      path: '',
      location: upload.location,
      headers: () => ({ ...headers(), 'content-range': `${upload.offset}-${end - 1}` }),
      hopes: [202],
      doing: `push "${repository.title}@${descriptor.digest}"`,
    },
    (answer) => ({ ...uploadOf(answer, received(answer) ?? end), least: upload.least }),
  )
}

function status({ repository, descriptor }: BlobPush, { location }: Upload): Promise<Upload> {
  const doing = `go on with "${repository.title}@${descriptor.digest}"`
  const wish = { method: 'GET', path: '', location, actions: 'pull,push', hopes: [200, 202, 204], doing } as const
  return repository.ask(wish, (answer) => uploadOf(answer, received(answer) ?? 0))
}
// #endregion pieces

/** `Range: 0-1023` is 1,024 bytes, and `0-0` none: some have no other way to say so. */
function received({ headers }: Answer): number | undefined {
  const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(headers['range'] ?? '') ?? []
  return last === undefined ? undefined : Number(last) && Number(last) + 1
}

/** Bytes of the blob from here to there, as a body that is counted as it goes. */
function part({ repository, content, descriptor }: BlobPush, start: number, end: number) {
  const { digest, size } = descriptor
  const body = (): Readable => {
    let offset = start
    const bytes = content.read(digest, { start, end })
    return bytes.on('data', ({ length }: Buffer) => {
      offset += length
      repository.client.onEvent({ kind: 'progress', digest, size, offset })
    })
  }
  const headers = (): Record<string, string> => ({
    'content-type': 'application/octet-stream',
    'content-length': String(end - start),
  })
  return { headers, actions: 'pull,push', once: true, ...(end > start && { body }) } as const
}

/** So that the registry need not keep it; whether it can be done is of no account. */
async function cancel(repository: Repository, { location }: Upload): Promise<void> {
  const wish = {
    method: 'DELETE',
    path: '',
    location,
    actions: 'pull,push',
    hopes: [204],
    once: true,
    doing: '',
  } as const
  await repository.ask(wish, headersOf).catch(() => {})
}
