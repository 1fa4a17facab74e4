/** What goes on in a store, drawn by chance: images are pulled, given up, collected. What is said before and after each act is all that others may rely on. */
import { collect } from '../../src/content/gc.ts'
import type { Store } from '../../src/content/store.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import type { Random } from '../pure/random.ts'

/** `putting NAME DIGEST`, `put NAME DIGEST`, `removing NAME`, `removed NAME`. */
export type Say = (line: string) => void

export interface Actor {
  store: Store
  random: Random
  /** Names of this one's images; things are everybody's. */
  name: string
  say: Say
}

export async function act(actor: Actor): Promise<void> {
  const { store, random } = actor
  const what = random.below(10)
  const name = `${actor.name}/${random.below(4)}`
  if (what < 6) await pull(actor, name)
  else if (what < 8) collect(store, { idleHours: 0 })
  else remove(actor, name)
}

async function pull({ store, random, say }: Actor, name: string): Promise<void> {
  const lease = store.leases.create().id
  const layers: Descriptor[] = []
  for (let n = 1 + random.below(3); n > 0; n--)
    layers.push(await fetch(store, random, lease, OCI_LAYER, layer(random.below(12))))
  const config = await fetch(
    store,
    random,
    lease,
    OCI_CONFIG,
    Buffer.from(JSON.stringify({ random: random.below(1000) })),
  )
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers })
  const target = await fetch(store, random, lease, OCI_MANIFEST, Buffer.from(manifest))
  say(`putting ${name} ${target.digest}`)
  store.images.put(name, target)
  say(`put ${name} ${target.digest}`)
  store.leases.remove(lease)
}

function remove({ store, say }: Actor, name: string): void {
  say(`removing ${name}`)
  store.images.remove(name)
  say(`removed ${name}`)
}

/** The same bytes for the same number, from none to 300 kB. */
const layer = (number: number): Buffer => Buffer.alloc(number * 25_000, `layer ${number}`)

/** In pieces, and sometimes after an interruption. */
async function fetch(
  store: Store,
  random: Random,
  lease: string,
  mediaType: string,
  bytes: Buffer,
): Promise<Descriptor> {
  const [digest, size] = [digestOf(bytes), bytes.length]
  const piece = 1 + random.below(100_000)
  const interruption = random.below(2 * size + 1)
  let writer = await store.content.write(digest, { digest, size, lease })
  try {
    while (writer.offset < size) {
      await writer.write(bytes.subarray(writer.offset, writer.offset + piece))
      if (writer.offset < interruption) continue
      await writer.close()
      writer = await store.content.write(digest, { digest, size, lease })
    }
    await writer.commit(digest)
  } finally {
    await writer.close()
  }
  return { mediaType, digest, size }
}

/** Which targets each name may have, by what was said. */
export class Expectation {
  readonly #allowed = new Map<string, Set<string>>()

  hear(line: string): void {
    const [verb, name = '', target = 'none'] = line.split(' ')
    const allowed = this.#allowed.get(name) ?? new Set(['none'])
    const isOver = verb === 'put' || verb === 'removed'
    this.#allowed.set(name, isOver ? new Set([target]) : allowed.add(target))
  }

  /** @returns what is otherwise; and from now on what is there is what may be there. */
  check({ images }: Store): string[] {
    return [...this.#allowed].flatMap(([name, allowed]) => {
      const found = images.get(name)?.target.digest ?? 'none'
      this.#allowed.set(name, new Set([found]))
      return allowed.has(found) ? [] : `${name} is ${found}, and may be ${[...allowed].join(' or ')}`
    })
  }

  get count(): number {
    return this.#allowed.size
  }
}
