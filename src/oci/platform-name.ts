/** Platforms as people write them, `linux/arm/v7`, and the one that this machine is. */
import { readOrEmpty } from '../kernel/file.ts'
import { normal, type Platform } from './platform.ts'

/** `linux`, `arm64`, `linux/arm/v7`, `windows(10.0.17763)/amd64`: what is not said is as it is here. @throws RangeError naming the value. */
export function parsePlatform(text: string, here: Platform = hostPlatform()): Platform {
  const [first = '', architecture, variant, ...more] = text.split('/')
  const [, os = '', version] = /^([\w-]+)(?:\(([\w.-]+)\))?$/.exec(first) ?? []
  const isGood =
    os !== '' && more.length === 0 && [architecture, variant].every((part) => part === undefined || WORD.test(part))
  if (!isGood) throw refuse(text, 'it is not OS[/ARCHITECTURE[/VARIANT]]')
  if (architecture === undefined) return alone(text, os, here)
  return normal({ os, architecture, ...(variant && { variant }), ...(version && { 'os.version': version }) })
}

const WORD = /^[\w.-]+$/

/** One word is a system, or else a processor. Of another system's processor nothing is known but that it is like ours. */
function alone(text: string, word: string, here: Platform): Platform {
  if (SYSTEMS.includes(word.toLowerCase())) return normal({ ...here, os: word })
  const one = normal({ os: here.os, architecture: word })
  if (PROCESSORS.includes(one.architecture)) return one
  throw refuse(text, 'it is neither a system nor a processor that this program knows')
}

/** Go's names of them, which the image specification has taken: image-index.md. */
const SYSTEMS = ['linux', 'windows', 'darwin', 'macos', 'freebsd', 'netbsd', 'openbsd', 'solaris', 'illumos', 'aix']
const PROCESSORS =
  '386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x sparc64 wasm'.split(' ')

const refuse = (text: string, fact: string): RangeError =>
  new RangeError(
    `Cannot read ${JSON.stringify(text)} as a platform: ${fact}\n  Write linux/amd64, linux/arm64, linux/arm/v7`,
  )

export function formatPlatform({ os, architecture, variant, 'os.version': version }: Platform): string {
  return [version ? `${os}(${version})` : os, architecture, ...(variant ? [variant] : [])].join('/')
}

/** @param machine as Node names processors. @param cpuinfo proc_cpuinfo(5). */
export function hostPlatform(machine: string = process.arch, cpuinfo = readOrEmpty('/proc/cpuinfo')): Platform {
  const one = normal({ os: 'linux', architecture: LITTLE[machine] ?? machine })
  const [, generation] = /^CPU architecture\s*:\s*(\d+)/m.exec(cpuinfo) ?? []
  if (one.architecture === 'amd64') return normal({ ...one, variant: `v${levelOf(cpuinfo)}` })
  return one.architecture === 'arm' && generation ? normal({ ...one, variant: `v${generation}` }) : one
}

/** Node does not say of the second that it is little-endian; Linux is nothing else there nowadays. */
const LITTLE: Record<string, string> = { mipsel: 'mipsle', ppc64: 'ppc64le' }

/** What a processor can do from each level on, in the kernel's words: x86-64 psABI §3.1.1. */
const LEVELS = [
  'cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2',
  'abm avx avx2 bmi1 bmi2 f16c fma movbe xsave',
  'avx512f avx512bw avx512cd avx512dq avx512vl',
]

function levelOf(cpuinfo: string): number {
  const flags = new Set((/^flags\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? '').trim().split(/\s+/))
  const missing = LEVELS.findIndex((level) => !level.split(' ').every((flag) => flags.has(flag)))
  return 1 + (missing < 0 ? LEVELS.length : missing)
}
