/** What a file should be called, whatever it is called. */
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { algorithmOf, digestFrom, hasherOf, type Digest } from '../oci/digest.ts'

// #region digest
/** @param expected says by which algorithm. */
export async function digestOfFile(path: string, expected: Digest): Promise<Digest> {
  const hasher = hasherOf(expected)
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hasher)
  return digestFrom(hasher, algorithmOf(expected))
}
// #endregion digest
