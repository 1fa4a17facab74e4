/** What to run, and what of: image-spec config.md. Docker's configuration is the same, with more in it, which is kept. */
import { digest } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { fields, readDocument } from './document.ts'
import { flag, list, oneOf, table, text, type Check, type Rule } from './rule.ts'

// #region image-config
export interface ImageConfig {
  architecture: string
  os: string
  variant?: string
  'os.version'?: string
  'os.features'?: string[]
  created?: string
  author?: string
  config?: Execution
  /** The digests of the layers as they are unpacked, the lowest first. */
  rootfs: { type: 'layers'; diff_ids: Digest[] }
  /** Who made which layer. */
  history?: History[]
}

/** What a container is given when nobody says otherwise. */
export interface Execution {
  User?: string
  Env?: string[]
  Entrypoint?: string[]
  Cmd?: string[]
  WorkingDir?: string
  Volumes?: Record<string, object>
  ExposedPorts?: Record<string, object>
  Labels?: Record<string, string>
  StopSignal?: string
  ArgsEscaped?: boolean
}

export interface History {
  created?: string
  created_by?: string
  author?: string
  comment?: string
  empty_layer?: boolean
}
// #endregion image-config

/** @throws NotADocument */
export const parseImageConfig = (bytes: Uint8Array): ImageConfig =>
  readDocument('image configuration', bytes, imageConfig) as ImageConfig

/** RFC 3339 §5.6. */
const isTime: Check<string> = [
  (value) => /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value),
  'it is no time as RFC 3339 has it',
]

const isVariable: Check<string> = [(value) => value.indexOf('=') > 0, 'it is no variable: NAME=value']

/** A set, as Go writes one. */
const names = table(fields({}, []))

const texts = list(text())

const execution: Rule = fields(
  {
    User: text(),
    Env: list(text(isVariable)),
    Entrypoint: texts,
    Cmd: texts,
    WorkingDir: text(),
    Volumes: names,
    ExposedPorts: names,
    Labels: table(text()),
    StopSignal: text(),
    ArgsEscaped: flag,
  },
  [],
)

const history: Rule = fields(
  { created: text(isTime), created_by: text(), author: text(), comment: text(), empty_layer: flag },
  [],
)

const imageConfig: Rule = fields(
  {
    architecture: text(),
    os: text(),
    variant: text(),
    'os.version': text(),
    'os.features': texts,
    created: text(isTime),
    author: text(),
    config: execution,
    rootfs: fields({ type: oneOf(['layers']), diff_ids: list(digest) }, ['type', 'diff_ids']),
    history: list(history),
  },
  ['architecture', 'os', 'rootfs'],
)
