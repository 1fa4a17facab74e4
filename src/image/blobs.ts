/** Bytes that are brought into the store, or that are made here: a manifest, a configuration. */
import { randomUUID } from 'node:crypto'
import type { Content } from '../content/content.ts'
import { putBytes } from '../content/put.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { digestFrom, digestOf, hasherOf, type Digest } from '../oci/digest.ts'
import { writeJson } from '../oci/json.ts'

// #region write
/** What is a document here is a document everywhere: no spaces, and the fields in our order. */
export async function putJson(content: Content, mediaType: string, value: unknown, lease: string): Promise<Descriptor> {
  const bytes = Buffer.from(writeJson(value))
  const digest = digestOf(bytes)
  await putBytes(content, `bytes-${digest}`, { digest, bytes, lease })
  return { mediaType, digest, size: bytes.length }
}

/** Its name is found on the way. @param said by whoever sends it: then it has to be that. */
export async function putStream(
  content: Content,
  bytes: AsyncIterable<Uint8Array>,
  lease: string,
  said?: Digest,
): Promise<{ digest: Digest; size: number }> {
  const hash = hasherOf(said ?? 'sha256:')
  const ref = `stream-${randomUUID()}`
  const writer = await content.write(ref, { lease })
  try {
    for await (const chunk of bytes) {
      hash.update(chunk)
      await writer.write(chunk)
    }
    const digest = said ?? digestFrom(hash, 'sha256')
    const size = writer.offset
    await writer.commit(digest, size)
    return { digest, size }
  } catch (error) {
    await writer.abort()
    throw error
  } finally {
    await writer.close()
  }
}
// #endregion write
