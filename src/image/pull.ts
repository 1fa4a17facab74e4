/** An image comes from a registry: found by its name, fetched, and only then given that name. What is here already is not fetched again. */
import type { Image } from '../content/images.ts'
import type { Store } from '../content/store.ts'
import { hostPlatform } from '../oci/platform-name.ts'
import type { Platform } from '../oci/platform.ts'
import { formatReference, parseReference, withTag, type Reference } from '../oci/reference.ts'
import { Client, type ClientOptions } from '../registry/client.ts'
import { RegistryError } from '../registry/http/error.ts'
import { pull } from '../registry/pull.ts'
import { push } from '../registry/push.ts'
import { leased } from './lease.ts'
import { nameOne } from './name.ts'
import type { Stores } from './stores.ts'
import { unpackArriving } from './unpack-arriving.ts'

export interface PullImageOptions extends ClientOptions {
  /** There it is unpacked while it comes; it has no name before that is done. */
  unpackInto?: Stores | undefined
}

// #region pull
/** @param word whose name has no host is asked of each registry that this machine has been told of, until one has it. */
export async function pullImage(
  store: Store,
  word: string,
  platform: Platform | 'all' = hostPlatform(),
  { unpackInto, ...options }: PullImageOptions = {},
): Promise<Image> {
  using client = new Client(options)
  const places = client.candidates(withTag(parseReference(word)))
  for (const [n, place] of places.entries())
    try {
      return await pullFrom(client, store, place, platform, unpackInto)
    } catch (error) {
      if (!isMissing(error) || n === places.length - 1) throw error
    }
  throw new RegistryError(`Cannot pull "${word}": there is nobody to ask`)
}

const pullFrom = (
  client: Client,
  store: Store,
  place: Reference,
  platform: Platform | 'all',
  stores: Stores | undefined,
): Promise<Image> =>
  leased(store, async (lease) => {
    const [repository, which] = [client.repository(place), place.digest ?? place.tag ?? 'latest']
    const into = { content: store.content, platform, lease }
    const target = await (stores
      ? unpackArriving(stores, lease, (follower, signal) =>
          pull(repository.until(signal), which, { ...into, follower }),
        )
      : pull(repository, which, into))
    return nameOne(store, target, formatReference(place))
  })

const isMissing = (error: unknown): boolean => error instanceof RegistryError && error.status === 404
// #endregion pull

// #region push
/** @param name of a registry's: it is where the image goes. @throws RegistryError */
export async function pushImage(
  { content }: Store,
  { target }: Image,
  name: string,
  options: ClientOptions = {},
): Promise<void> {
  const reference = withTag(parseReference(name))
  if (reference.host === undefined)
    throw new RegistryError(
      `Cannot push "${name}": its name says no registry\n  Give it one more name: boxwright image tag ${name} registry.example/${name}`,
    )
  using client = new Client(options)
  await push(client.repository(reference), target, content, { tag: reference.tag })
}
// #endregion push
