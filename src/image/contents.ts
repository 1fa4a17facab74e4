/** What was in an archive of images. */
import type { Digest } from '../oci/digest.ts'

/** By their paths in it. */
export interface Contents {
  documents: Map<string, Buffer>
  blobs: Map<string, Blob>
  links: Map<string, string>
}

interface Blob {
  digest: Digest
  size: number
}

/** Docker has written a layer that two images share once, and a link to it: it may lead to another link. */
export function blobAt({ blobs, links }: Contents, path: string): Blob {
  let place = path
  for (let steps = 0; steps < 8 && !blobs.has(place); steps += 1) place = links.get(place) ?? place
  const blob = blobs.get(place)
  if (blob) return blob
  throw refuse(`it lacks "${path}", which it says that it has`)
}

export const refuse = (fact: string): Error =>
  new Error(
    `Cannot load the archive: ${fact}\n  It is to be what boxwright save, docker save or skopeo has written: oci-archive, docker-archive`,
  )
