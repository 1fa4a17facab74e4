/** An OCI image layout, as an archive has it: image-spec image-layout.md. */
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { hasManifests, parseManifest } from '../oci/manifest.ts'
import { OCI_INDEX } from '../oci/media-types.ts'
import { refuse, type Contents } from './contents.ts'

/** containerd's, and Docker's: the whole name. */
const NAME = 'io.containerd.image.name'
/** annotations.md: a tag, or whatever the writer takes for a name. */
const REF = 'org.opencontainers.image.ref.name'

export interface Named {
  target: Descriptor
  names: string[]
}

// #region layout
export function imagesOfLayout({ documents }: Contents): Named[] {
  const index = parseManifest(documents.get('index.json') ?? Buffer.alloc(0), OCI_INDEX)
  if (!hasManifests(index)) throw refuse('its index.json is no index')
  return byTarget(
    index.manifests.map(({ annotations = {}, ...target }) => {
      const name = annotations[NAME] ?? annotations[REF]
      return { target, names: name !== undefined && isName(name) ? [name] : [] }
    }),
  )
}

/** Each image once, with all its names. */
export function byTarget(images: readonly Named[]): Named[] {
  const all = new Map<Digest, Named>()
  for (const { target, names } of images) {
    const known = all.get(target.digest) ?? { target, names: [] }
    all.set(target.digest, { ...known, names: [...known.names, ...names] })
  }
  return [...all.values()]
}

/** `latest` alone is a tag of something that is not said. */
const isName = (text: string): boolean => /[/:]/.test(text)

/** The other way: a descriptor for each name. */
export function indexOf(named: readonly Named[]): object {
  const manifests = named.flatMap(({ target, names }) =>
    names.length === 0
      ? [target]
      : names.map((name) => ({ ...target, annotations: { [NAME]: name, [REF]: tagOf(name) } })),
  )
  return { schemaVersion: 2, mediaType: OCI_INDEX, manifests }
}

const tagOf = (name: string): string => name.slice(name.lastIndexOf(':') + 1)
// #endregion layout
