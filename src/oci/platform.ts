/** Which of an index's manifests a machine can run: image-spec image-index.md, and the order in which a processor's elders are as good. */
import { fields } from './document.ts'
import { list, text, type Rule } from './rule.ts'

// #region platform
export interface Platform {
  os: string
  architecture: string
  /** Of a processor: `v7` of arm, `v3` of amd64. */
  variant?: string
  'os.version'?: string
  'os.features'?: string[]
}
// #endregion platform

export const platform: Rule = fields(
  { os: text(), architecture: text(), variant: text(), 'os.version': text(), 'os.features': list(text()) },
  ['os', 'architecture'],
)

// #region choose
/** @returns those that run here, the best first, in the order of the index where they are as good; then those that do not say what they are for. */
export function runnable<Thing extends { platform?: Platform }>(things: readonly Thing[], wanted: Platform): Thing[] {
  const ways = waysToRun(wanted)
  const matching = ways.flatMap((way) => things.filter((one) => one.platform && isSame(normal(one.platform), way)))
  return [...new Set(matching), ...things.filter((one) => one.platform === undefined)]
}
// #endregion choose

/** The processor itself, then what it runs as well: each level that came before, and its family of 32 bits. */
function waysToRun(wanted: Platform): Platform[] {
  const one = normal(wanted)
  return processorsLike(one.architecture, one.variant).map(([architecture, variant]) => ({
    ...without(one, 'variant'),
    architecture,
    ...(variant !== undefined && { variant }),
  }))
}

type Processor = readonly [architecture: string, variant: string | undefined]

function processorsLike(architecture: string, variant: string | undefined): Processor[] {
  const [major = 0, minor = 0] = (variant ?? '')
    .replace(/^v/, '')
    .split('.')
    .map((digits) => Number(digits) || 0)
  if (architecture === 'amd64') return [...down('amd64', major || 1, 1), ['386', undefined]]
  if (architecture === 'arm') return major ? down('arm', major, 5) : [['arm', variant]]
  if (architecture !== 'arm64') return [[architecture, variant]]
  return [...arm64(major || 8, minor), ...down('arm', 8, 5)]
}

/** Level 1 of amd64 is what every one of them is, and has no name. */
const down = (architecture: string, from: number, to: number): Processor[] =>
  Array.from({ length: Math.max(from - to + 1, 1) }, (_, n) => [architecture, nameOf(architecture, from - n)])

const nameOf = (architecture: string, level: number): string | undefined =>
  architecture === 'amd64' && level === 1 ? undefined : `v${level}`

/** Version 9.n of Arm's architecture is 8.(n + 5) with more to it; 8.0 has no name. */
function arm64(major: number, minor: number): Processor[] {
  const steps = (of: number, from: number): Processor[] =>
    Array.from({ length: from + 1 }, (_, n) => ['arm64', `v${of}${from - n ? `.${from - n}` : ''}`])
  const all = major === 9 ? [...steps(9, minor), ...steps(8, minor + 5)] : steps(major, minor)
  return all.map(([name, variant]) => [name, variant === 'v8' ? undefined : variant])
}

/** A manifest's features are asked of the machine; a version of the system is compared as far as both say it. */
function isSame(one: Platform, wanted: Platform): boolean {
  const version = [one, wanted].map((each) => each['os.version']?.split('.') ?? [])
  const features = wanted['os.features'] ?? []
  return (
    one.os === wanted.os &&
    one.architecture === wanted.architecture &&
    one.variant === wanted.variant &&
    (version[0] ?? []).slice(0, 3).every((part, n) => part === (version[1]?.[n] ?? part)) &&
    (one['os.features'] ?? []).every((feature) => features.includes(feature))
  )
}

const without = <Name extends keyof Platform>(one: Platform, name: Name): Omit<Platform, Name> => {
  const { [name]: _, ...rest } = one
  return rest
}

/** Names that other systems have for the same processor. */
const ALSO: Record<string, Processor> = {
  i386: ['386', undefined],
  x86_64: ['amd64', undefined],
  'x86-64': ['amd64', undefined],
  x64: ['amd64', undefined],
  ia32: ['386', undefined],
  aarch64: ['arm64', undefined],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
}

/** One way to write each platform: `linux/x86_64` is `linux/amd64`, and so is `linux/amd64/v1`. */
export function normal(one: Platform): Platform {
  const name = one.architecture.toLowerCase()
  const [architecture, implied] = ALSO[name] ?? [name, undefined]
  const written = one.variant?.toLowerCase().replace(/^(?=\d)/, 'v') || implied
  const variant = written ?? (architecture === 'arm' ? 'v7' : undefined)
  const isPlain = `${architecture}/${variant}` === 'amd64/v1' || `${architecture}/${variant}` === 'arm64/v8'
  const os = one.os.toLowerCase()
  return {
    ...without(one, 'variant'),
    os: os === 'macos' ? 'darwin' : os,
    architecture,
    ...(variant !== undefined && !isPlain && { variant }),
  }
}
