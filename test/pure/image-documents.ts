/** Documents of the image specification with all in them that there can be. */
import { EMPTY, type Descriptor } from '../../src/oci/descriptor.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from '../../src/oci/media-types.ts'

export const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
export const about = (mediaType: string, text: string): Descriptor => ({
  mediaType,
  digest: digestOf(text),
  size: text.length,
})

export const CONFIG = about(OCI_CONFIG, '{}')
export const LAYER: Descriptor = {
  ...about(OCI_LAYER_GZIP, 'layer'),
  urls: ['http://127.0.0.1:5000/blob'],
  annotations: { a: 'b' },
}
export const MANIFEST = {
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  artifactType: 'application/x',
  config: CONFIG,
  layers: [LAYER, EMPTY],
  subject: about(OCI_MANIFEST, 'subject'),
  annotations: { 'org.opencontainers.image.title': 'x' },
}
export const INDEX = {
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: [
    {
      ...about(OCI_MANIFEST, 'm'),
      artifactType: 'application/x',
      platform: { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': '1', 'os.features': ['x'] },
    },
  ],
  subject: about(OCI_MANIFEST, 'subject'),
  annotations: { a: '' },
}
export const IMAGE_CONFIG = {
  architecture: 'amd64',
  os: 'linux',
  variant: 'v2',
  created: '2026-11-26T14:00:00.123+01:00',
  author: 'x',
  config: {
    User: '1000:1000',
    Env: ['PATH=/bin', 'EMPTY='],
    Entrypoint: ['/bin/sh'],
    Cmd: ['-c', 'x'],
    WorkingDir: '/',
    Volumes: { '/data': {} },
    ExposedPorts: { '80/tcp': {} },
    Labels: { a: 'b' },
    StopSignal: 'SIGTERM',
    ArgsEscaped: false,
  },
  rootfs: { type: 'layers', diff_ids: [digestOf('a'), digestOf('b', 'sha512')] },
  history: [{ created: '2026-11-26T14:00:00Z', created_by: 'x', comment: '', empty_layer: true, author: 'x' }],
}
