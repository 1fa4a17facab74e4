/**
 * A trial of a program that pulls images: the judge is the registry. What counts is the layout that is there afterwards, and what was asked of whom.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { digestOf, isDigest, type Digest } from '../../oci/digest.ts'
import type { Arena } from './arena.ts'
import type { Facts } from './facts.ts'
import { leftBehind, survey } from './left.ts'
import { lookAtHost } from './look.ts'
import { madeImage, spoil, type MadeImage } from './made-registry-image.ts'
import { openRegistry, type Manners } from './made-registry.ts'
import { Run } from './program.ts'
import type { LayoutFacts, PulledFacts, PullFacts } from './pull-facts.ts'
import type { Tool } from './tool.ts'

// #region trial
export async function pullTrial(puller: Tool, arena: Arena): Promise<Facts> {
  const before = survey(arena.newDirectory())
  const end: Facts['end'] = { stdout: '', stderr: '' }
  const play = async (image: MadeImage, manners: Manners = {}): Promise<PulledFacts> => {
    await using registry = await openRegistry(image, manners)
    const layout = arena.newDirectory()
    Object.assign(end, await new Run(puller.words(['pull', registry.reference, layout]), arena).end())
    const found = lookAtLayout(layout)
    return { status: end.status, ...found, isWhole: hasAll(found, image), asked: registry.asked }
  }
  const pulled: PullFacts = {
    plain: await play(madeImage()),
    platform: await ofSeveral(play),
    token: await play(madeImage(), { asksForToken: true }),
    broken: await brokenOff(play),
    spoilt: { layer: await spoilt(play, 'layer'), manifest: await spoilt(play, 'manifest') },
    sent: await play(madeImage(), { asksForToken: true, sendsAway: true }),
  }
  const asked = { lesson: 10, rootfs: '', args: [], status: 0, limits: {} }
  return { asked, host: lookAtHost(arena), pulled, end, left: await leftBehind(before, undefined, arena) }
}
// #endregion trial

type Play = (image: MadeImage, manners?: Manners) => Promise<PulledFacts>

async function ofSeveral(play: Play): Promise<PullFacts['platform']> {
  const image = madeImage({ isIndex: true })
  return { ...(await play(image)), foreign: image.foreign }
}

async function brokenOff(play: Play): Promise<PullFacts['broken']> {
  const image = madeImage()
  const facts = await play(image, { breaksOff: 2 })
  const starts = image.layers.map(({ digest }) =>
    facts.asked.filter(({ path }) => path.endsWith(digest)).map(({ start }) => start),
  )
  return { ...facts, starts }
}

function spoilt(play: Play, what: 'layer' | 'manifest'): Promise<PulledFacts> {
  const image = madeImage({ isIndex: true })
  const [layer] = image.layers
  spoil(image, what === 'manifest' ? `manifests/${image.manifest.digest}` : `blobs/${layer?.digest}`)
  return play(image)
}

// #region layout
/** image-spec image-layout.md: blobs by their digests, and the names in index.json. */
function lookAtLayout(layout: string): LayoutFacts {
  const blobs = join(layout, 'blobs/sha256')
  const names = existsSync(blobs) ? readdirSync(blobs) : []
  const [whole, wrong]: [Digest[], string[]] = [[], []]
  for (const name of names.filter((one) => isDigest(`sha256:${one}`))) {
    const own = digestOf(readFileSync(join(blobs, name)))
    if (own === `sha256:${name}`) whole.push(own)
    else wrong.push(name)
  }
  return { named: namedIn(layout), whole, wrong }
}

function namedIn(layout: string): Digest[] {
  try {
    const { imageLayoutVersion } = JSON.parse(readFileSync(join(layout, 'oci-layout'), 'utf8')) as Version
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as Named
    return imageLayoutVersion === '1.0.0' ? manifests.map(({ digest }) => digest) : []
  } catch {
    return []
  }
}
// #endregion layout

interface Version {
  imageLayoutVersion: string
}

interface Named {
  manifests: { digest: Digest }[]
}

/** Named may be the manifest, or the index that it came from. */
const hasAll = ({ named, whole }: LayoutFacts, { manifest, target, needed }: MadeImage): boolean =>
  [manifest, target].some(({ digest }) => named.includes(digest) && whole.includes(digest)) &&
  needed.every((digest) => whole.includes(digest))
