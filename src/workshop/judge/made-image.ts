/** Images for a program that is judged: a layout with layers of names and words made of chance. Some are not what they say, or mean to get out. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, END, padding, type Described } from '../../layer/tar-write.ts'
import { goneName, opaqueName } from '../../layer/whiteout.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { digestOf, encodedOf, type Digest } from '../../oci/digest.ts'
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../oci/media-types.ts'
import { hostPlatform } from '../../oci/platform-name.ts'

/** An entry of a layer. */
type Part = Pick<Described, 'name' | 'kind'> & { target?: string; mode?: number; content?: string }

// #region parts
export const file = (name: string, content: string, mode = 0o644): Part => ({ name, kind: 'file', content, mode })
export const directory = (name: string): Part => ({ name, kind: 'directory', mode: 0o755 })
export const symlink = (name: string, target: string): Part => ({ name, kind: 'symlink', target, mode: 0o777 })
export const hardLink = (name: string, target: string): Part => ({ name, kind: 'link', target })
export const gone = (name: string): Part => file(goneName(name), '')
export const opaque = (name: string): Part => file(opaqueName(name), '')
// #endregion parts

// #region layout
/** @param spoil changes the topmost layer's bytes when its name has been made of them. */
export function writeLayout(
  place: string,
  layers: readonly (readonly Part[])[],
  spoil?: (bytes: Buffer) => Buffer,
): void {
  mkdirSync(join(place, 'blobs/sha256'), { recursive: true })
  const put = (mediaType: string, bytes: Buffer, written = bytes): Descriptor => {
    const digest = digestOf(bytes)
    writeFileSync(join(place, 'blobs/sha256', encodedOf(digest)), written)
    return { mediaType, digest, size: bytes.length }
  }
  const putJson = (mediaType: string, value: object): Descriptor => put(mediaType, Buffer.from(JSON.stringify(value)))
  const tars = layers.map((parts) => Buffer.concat([...parts.map(entry), END]))
  const descriptors = tars.map((tar, n) =>
    n % 2 === 1 && !spoil
      ? put(OCI_LAYER_GZIP, gzipSync(tar))
      : put(OCI_LAYER, tar, n === tars.length - 1 && spoil ? spoil(tar) : tar),
  )
  const config = putJson(OCI_CONFIG, configOf(tars.map((tar) => digestOf(tar))))
  const manifest = putJson(OCI_MANIFEST, {
    ...{ schemaVersion: 2, mediaType: OCI_MANIFEST },
    ...{ config, layers: descriptors },
  })
  writeFileSync(join(place, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  writeFileSync(
    join(place, 'index.json'),
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [manifest] }),
  )
}
// #endregion layout

const configOf = (diffIds: readonly Digest[]): object => {
  const { architecture, os } = hostPlatform()
  return { architecture, os, rootfs: { type: 'layers', diff_ids: diffIds } }
}

function entry({ name, kind, target = '', mode = 0o644, content = '' }: Part): Buffer {
  const bytes = Buffer.from(content)
  const said = { name, kind, target, mode, size: bytes.length }
  return Buffer.concat([describe({ ...said, ...PLAIN, xattrs: new Map() }), bytes, padding(bytes.length)])
}

const PLAIN = { uid: 0, gid: 0, major: 0, minor: 0, mtime: { seconds: 0, nanoseconds: 0 } }
