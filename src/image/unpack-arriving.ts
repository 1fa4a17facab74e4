/** An image is unpacked while it comes. When one of the two fails, the other ends. */
import type { Content } from '../content/content.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { parseImageConfig } from '../oci/image-config.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { Follower } from '../registry/pull.ts'
import { Arrivals } from './arrivals.ts'
import type { Resolved } from './find.ts'
import type { Stores } from './stores.ts'
import { unpackImage } from './unpack.ts'

// #region arriving
/** @returns what `fetch` does, when all is unpacked. @throws what has failed first. */
export async function unpackArriving<T>(
  stores: Stores,
  lease: string,
  fetch: (follower: Follower, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const [arrivals, stop] = [new Arrivals(), new AbortController()]
  let unpacked: Promise<unknown> = Promise.resolve()
  const found = (target: Descriptor, manifest: Manifest): void => {
    unpacked = unpack(stores, lease, target, manifest, arrivals).catch((error: unknown) => stop.abort(error))
  }
  try {
    const fetched = await fetch({ found, arrived: (digest) => arrivals.come(digest) }, stop.signal)
    await unpacked
    stop.signal.throwIfAborted()
    return fetched
  } catch (error) {
    arrivals.fail(error)
    await unpacked
    stop.signal.throwIfAborted()
    throw error
  }
}

async function unpack(stores: Stores, lease: string, target: Descriptor, manifest: Manifest, arrivals: Arrivals) {
  const { digest: id } = manifest.config
  await arrivals.of(id)
  const image: Resolved = { target, manifest, config: configIn(stores.store.content, id), id }
  await unpackImage(stores, image, { lease, arrival: (digest) => arrivals.of(digest) })
}
// #endregion arriving

const configIn = (content: Content, id: Resolved['id']): Resolved['config'] =>
  parseImageConfig(content.bytes(id, MOST_BYTES))
