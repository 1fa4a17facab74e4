/** An image of given layers at a registry that answers when the test says so, and a place to pull it to. */
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collectGarbage } from '../../src/image/collect.ts'
import { pullImage } from '../../src/image/pull.ts'
import { openStores, type Stores } from '../../src/image/stores.ts'
import { chainIds } from '../../src/layer/chain.ts'
import { digestOf, type Digest } from '../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from '../../src/oci/media-types.ts'
import type { RootMount } from '../../src/oci/root-mount.ts'
import { openApart } from '../../src/snapshot/apart.ts'
import { answerWith, describe, fake, LINUX, type Fake } from '../pure/registry-ground.ts'

interface Ending {
  after: (act: () => void | Promise<void>) => void
}

export interface Made {
  layers: readonly Buffer[]
  /** What the configuration says that they unpack to. */
  diffIds?: readonly Digest[]
}

export interface Served extends Fake {
  chain: Digest[]
  digests: Digest[]
  /** Which of the layers have been asked for. */
  asked: () => number[]
}

/** @param before a layer is sent: it is waited for. */
export async function served(
  t: Ending,
  made: Made,
  before = (_n: number): Promise<void> => Promise.resolve(),
): Promise<Served> {
  const diffIds = made.diffIds ?? made.layers.map((layer) => digestOf(layer))
  const config = Buffer.from(JSON.stringify({ ...LINUX, config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }))
  const layers = made.layers.map((layer) => describe(layer, OCI_LAYER))
  const document = { schemaVersion: 2, mediaType: OCI_MANIFEST, config: describe(config, OCI_CONFIG), layers }
  const bytes = new Map([config, ...made.layers].map((one) => [digestOf(one), one]))
  const digests = layers.map(({ digest }) => digest)
  const digestIn = (url = ''): Digest => url.split('/').at(-1) as Digest
  const server = await fake(t, async ({ url = '' }, response) => {
    const digest = digestIn(url)
    if (digests.includes(digest)) await before(digests.indexOf(digest))
    const found = bytes.get(digest)
    if (found) answerWith(response, 200, {}, found)
    else answerWith(response, 200, { 'content-type': OCI_MANIFEST }, JSON.stringify(document))
  })
  const asked = (): number[] =>
    server.requests.map(({ url }) => digests.indexOf(digestIn(url))).filter((n) => n >= 0).sort() // prettier-ignore
  return { ...server, chain: chainIds(diffIds), digests, asked }
}

export interface PullWorld {
  stores: Stores
  pull: (host: string, tag?: string) => Promise<unknown>
  committed: () => string[]
  active: () => string[]
  /** What a root of that snapshot looks like. */
  picture: (chain: Digest) => Record<string, string>
  /** What is left when nobody needs it any more. */
  left: () => { blobs: number; snapshots: string[]; images: number }
}

export async function openPullWorld(t: Ending, snapshotter: string): Promise<PullWorld> {
  const directory = fs.mkdtempSync(join(tmpdir(), 'boxwright-pull-'))
  const stores = await openStores(join(directory, 'data'), snapshotter)
  t.after(() => {
    stores[Symbol.dispose]()
    fs.rmSync(directory, { recursive: true })
  })
  const { store, snapshots } = stores
  const named = (wanted: string): string[] =>
    [...snapshots.walk()].filter(({ kind }) => kind === wanted).map(({ name }) => name)
  const options = { environment: {}, settings: { search: [], registries: {} }, patience: PATIENCE }
  return {
    stores,
    pull: (host, tag = '1') => pullImage(store, `${host}/team/app:${tag}`, LINUX, { ...options, unpackInto: stores }),
    committed: () => named('committed'),
    active: () => named('active'),
    picture: (chain) => pictureIn(snapshots.view(`shown ${chain}`, chain)),
    left: () => {
      collectGarbage(stores, { idleHours: 0 })
      return {
        blobs: [...store.content.walk()].length,
        snapshots: named('committed'),
        images: store.images.list().length,
      }
    },
  }
}

const PATIENCE = { attempts: 2, first: 1, most: 1 }

function pictureIn(mounts: readonly RootMount[]): Record<string, string> {
  using apart = openApart(mounts)
  const [program = '', ...words] = apart.words([process.execPath, ...process.execArgv, PICTURE, apart.root])
  return JSON.parse(execFileSync(program, words, { encoding: 'utf8' })) as Record<string, string>
}

const PICTURE = fileURLToPath(new URL('picture.ts', import.meta.url))
