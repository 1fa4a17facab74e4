/** Bytes that are there as a whole, a document for example, go into the store under the name that they have. */
import type { Digest } from '../oci/digest.ts'
import type { Content } from './content.ts'

export interface Bytes {
  digest: Digest
  bytes: Uint8Array
  /** Holds them, while they are written and afterwards. */
  lease?: string | undefined
}

// #region put
/** @param ref of the writer: what somebody else has begun under it is gone on with. */
export async function putBytes(content: Content, ref: string, { digest, bytes, lease }: Bytes): Promise<void> {
  const size = bytes.length
  const writer = await content.write(ref, { digest, size, ...(lease !== undefined && { lease }) })
  try {
    if (writer.offset < size) await writer.write(bytes.subarray(writer.offset))
    await writer.commit(digest, size)
  } finally {
    await writer.close()
  }
}
// #endregion put
