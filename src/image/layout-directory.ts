/**
 * Lesson 9. An image that lies in a directory: image-spec image-layout.md. Each thing in it is a file, and the file's name is the digest of what is in it.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { verified } from '../content/content.ts'
import { algorithmOf, encodedOf, type Digest } from '../oci/digest.ts'
import { MOST_BYTES } from '../oci/document.ts'
import { hasManifests, parseManifest } from '../oci/manifest.ts'
import { OCI_INDEX } from '../oci/media-types.ts'
import { hostPlatform } from '../oci/platform-name.ts'
import { runnable } from '../oci/platform.ts'
import { resolveImage, type Documents, type Resolved } from './find.ts'

export interface Source {
  image: Resolved
  /** The file that has a thing in it, whatever that is. */
  blob: (digest: Digest) => string
}

// #region layout
export const isLayout = (directory: string): boolean => existsSync(join(directory, 'index.json'))

/** @returns the image for this machine that is in it. @throws Error of what is no layout, NotADocument, Damaged */
export function openLayout(directory: string): Source {
  const blob = (digest: Digest): string => join(directory, 'blobs', algorithmOf(digest), encodedOf(digest))
  const content: Documents['content'] = {
    info: (digest) => infoOf(digest, blob(digest)),
    bytes: (digest, atMost) => verified(digest, atMost, { blob }),
  }
  const index = parseManifest(indexOf(directory), OCI_INDEX)
  const [target] = hasManifests(index) ? runnable(index.manifests, hostPlatform()) : []
  if (!target) throw refuse(directory, 'there is no image for this machine in it')
  return { image: resolveImage({ content }, target), blob }
}
// #endregion layout

/** The one file whose name says nothing of what is in it: here somebody has to be believed. */
function indexOf(directory: string): Buffer {
  const file = join(directory, 'index.json')
  const size = statSync(file, { throwIfNoEntry: false })?.size
  if (size === undefined) throw refuse(directory, 'it has no index.json')
  if (size > MOST_BYTES) throw refuse(directory, `its index.json has ${size} bytes, and ${MOST_BYTES} are the most`)
  return readFileSync(file)
}

function infoOf(digest: Digest, file: string): ReturnType<Documents['content']['info']> {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats && { digest, size: stats.size, createdAt: stats.mtime, labels: {} }
}

const refuse = (directory: string, fact: string): Error =>
  new Error(`Cannot read an image from "${directory}": ${fact}
  An image in a directory is an OCI layout: boxwright save IMAGE | tar -x -C DIRECTORY`)
