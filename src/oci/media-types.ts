/** What kind of thing a descriptor points at: image-spec media-types.md, and the names that Docker's schema 2 has for the same things. */

const oci = (name: string): string => `application/vnd.oci.${name}`
const docker = (name: string): string => `application/vnd.docker.${name}`

// #region media-types
export const OCI_MANIFEST = oci('image.manifest.v1+json')
export const OCI_INDEX = oci('image.index.v1+json')
export const OCI_CONFIG = oci('image.config.v1+json')
export const OCI_LAYER = oci('image.layer.v1.tar')
export const OCI_LAYER_GZIP = oci('image.layer.v1.tar+gzip')
export const OCI_LAYER_ZSTD = oci('image.layer.v1.tar+zstd')
export const OCI_EMPTY = oci('empty.v1+json')

export const DOCKER_MANIFEST = docker('distribution.manifest.v2+json')
export const DOCKER_LIST = docker('distribution.manifest.list.v2+json')
export const DOCKER_CONFIG = docker('container.image.v1+json')
export const DOCKER_LAYER = docker('image.rootfs.diff.tar')
export const DOCKER_LAYER_GZIP = docker('image.rootfs.diff.tar.gzip')
export const DOCKER_LAYER_ZSTD = docker('image.rootfs.diff.tar.zstd')
// #endregion media-types

/** Layers that are to be had at their `urls`: image-spec layer.md §Non-Distributable Layers. */
const FOREIGN = [oci('image.layer.nondistributable.v1.tar'), docker('image.rootfs.foreign.diff.tar')]

export const isForeignLayer = (mediaType: string): boolean => FOREIGN.some((name) => mediaType.startsWith(name))

export const isManifest = (mediaType: string): boolean => [OCI_MANIFEST, DOCKER_MANIFEST].includes(mediaType)

export const isIndex = (mediaType: string): boolean => [OCI_INDEX, DOCKER_LIST].includes(mediaType)

export const isConfig = (mediaType: string): boolean => [OCI_CONFIG, DOCKER_CONFIG].includes(mediaType)

const LAYERS = [OCI_LAYER, OCI_LAYER_GZIP, OCI_LAYER_ZSTD, DOCKER_LAYER, DOCKER_LAYER_GZIP, DOCKER_LAYER_ZSTD]

export const isLayer = (mediaType: string): boolean => LAYERS.includes(mediaType) || isForeignLayer(mediaType)

/** RFC 6838 §4.2. */
export const isMediaType = (text: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/.test(text)

/** `application/json; charset=utf-8` → `application/json`: of a header, RFC 9110 §8.3.1. */
export const essenceOf = (header: string): string => header.replace(/;.*/s, '').trim().toLowerCase()
