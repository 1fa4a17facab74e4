/**
 * What a program's file says of itself before it runs: for which machine, by which loader, with which
 * libraries. The layout is that of elf(5). Only program headers are read: they are all that the kernel and
 * the loader look at.
 */

export interface Elf {
  bits: 32 | 64
  endian: 'little' | 'big'
  /** `e_machine`: see machineName(). */
  machine: number
  type: 'relocatable' | 'executable' | 'shared' | 'core' | 'other'
  /** PT_INTERP: the loader. A program without one is static, and starts by itself. */
  interpreter?: string
  /** DT_NEEDED: names of libraries. */
  needed: string[]
  /** DT_RUNPATH, or else DT_RPATH: directories to search first. `$ORIGIN` is left in: ld.so(8). */
  runpath: string[]
  /** Is there a PT_DYNAMIC? A static program may have one too: it can then be loaded at any address. */
  dynamic: boolean
}

/**
 * @returns nothing when the file is not an ELF file.
 * @throws RangeError when it says that something lies where the file has nothing.
 */
export function readElf(bytes: Buffer): Elf | undefined {
  if (bytes.toString('latin1', 0, 4) !== '\x7fELF') return undefined
  const file = openFile(bytes)
  const segments = readSegments(file)
  const interpreter = segments.find(({ type }) => type === PT_INTERP)
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC)
  const tags = dynamic ? readTags(file, dynamic) : []
  const strings = (wanted: number): string[] => readStrings(file, segments, tags, wanted)
  const [runpath = strings(DT_RPATH)[0]] = strings(DT_RUNPATH)
  return {
    bits: file.bits,
    endian: file.endian,
    machine: file.number(18, 2),
    type: TYPES[file.number(16, 2)] ?? 'other',
    ...(interpreter && { interpreter: stringAt(file, interpreter.offset) }),
    needed: strings(DT_NEEDED),
    runpath: runpath?.split(':').filter(Boolean) ?? [],
    dynamic: dynamic !== undefined,
  }
}

/** `<elf.h>`: the names and numbers of elf(5). */
const TYPES = [undefined, 'relocatable', 'executable', 'shared', 'core'] as const
const PT_LOAD = 1
const PT_DYNAMIC = 2
const PT_INTERP = 3
const DT_NULL = 0
const DT_NEEDED = 1
const DT_STRTAB = 5
const DT_RPATH = 15
const DT_RUNPATH = 29

/**
 * Where fields lie in Elf32_Ehdr and Elf32_Phdr, Elf64_Ehdr and Elf64_Phdr. `header` is the size of a Phdr.
 */
const LAYOUTS = {
  32: { word: 4, phoff: 28, phentsize: 42, phnum: 44, header: 32, offset: 4, vaddr: 8, filesz: 16 },
  64: { word: 8, phoff: 32, phentsize: 54, phnum: 56, header: 56, offset: 8, vaddr: 16, filesz: 32 },
} as const

/** Longer than any search path in earnest; else a file that lies could have itself copied over and over. */
const LONGEST_STRING = 4096

interface ElfFile {
  bytes: Buffer
  bits: 32 | 64
  endian: 'little' | 'big'
  layout: (typeof LAYOUTS)[32 | 64]
  number: (at: number, size: 2 | 4 | 8) => number
}

interface Segment {
  type: number
  offset: number
  address: number
  size: number
}

interface Tag {
  tag: number
  value: number
}

function openFile(bytes: Buffer): ElfFile {
  const bits = ([undefined, 32, 64] as const)[bytes[4] ?? 0]
  const endian = ([undefined, 'little', 'big'] as const)[bytes[5] ?? 0]
  if (!bits || !endian) throw broken('its first bytes name no class or byte order that there is')
  const number = (at: number, size: 2 | 4 | 8): number => {
    if (at + size > bytes.length) throw broken(`it speaks of byte ${at}, and has only ${bytes.length}`)
    if (size === 8) return Number(endian === 'little' ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
    return endian === 'little' ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size)
  }
  return { bytes, bits, endian, layout: LAYOUTS[bits], number }
}

function readSegments({ layout, number }: ElfFile): Segment[] {
  const table = number(layout.phoff, layout.word)
  const count = number(layout.phnum, 2)
  const size = number(layout.phentsize, 2)
  if (count > 0 && size !== layout.header) throw broken(`it has program headers of ${size} bytes`)
  return Array.from({ length: count }, (_, index) => table + index * layout.header).map((at) => ({
    type: number(at, 4),
    offset: number(at + layout.offset, layout.word),
    address: number(at + layout.vaddr, layout.word),
    size: number(at + layout.filesz, layout.word),
  }))
}

function readTags({ layout: { word }, number }: ElfFile, { offset, size }: Segment): Tag[] {
  const tags: Tag[] = []
  for (let at = offset; at + 2 * word <= offset + size; at += 2 * word) {
    const tag = number(at, word)
    if (tag === DT_NULL) break
    tags.push({ tag, value: number(at + word, word) })
  }
  return tags
}

/**
 * What tags of a kind point to. DT_STRTAB is an address in memory: its segment tells where that is in the
 * file.
 */
function readStrings(file: ElfFile, segments: Segment[], tags: Tag[], wanted: number): string[] {
  const places = tags.filter(({ tag }) => tag === wanted)
  if (places.length === 0) return []
  const table = tags.find(({ tag }) => tag === DT_STRTAB)?.value ?? -1
  const loaded = segments.filter(({ type }) => type === PT_LOAD)
  const home = loaded.find(({ address, size }) => table >= address && table < address + size)
  if (!home) throw broken('its table of strings is in no segment')
  return places.map(({ value }) => stringAt(file, home.offset + table - home.address + value))
}

function stringAt({ bytes }: ElfFile, at: number): string {
  const candidate = bytes.subarray(at, at + LONGEST_STRING)
  const end = candidate.indexOf(0)
  if (end < 0) throw broken(`the string at byte ${at} has no end`)
  return candidate.toString('utf8', 0, end)
}

const broken = (why: string): RangeError => new RangeError(`Cannot read the ELF file: ${why}`)

/** `<elf.h>`, EM_*: the number, a name for people, and what Node calls it. */
const MACHINES = [
  [3, 'i386', 'ia32'],
  [8, 'MIPS', 'mipsel'],
  [20, 'ppc', 'ppc'],
  [21, 'ppc64', 'ppc64'],
  [22, 's390x', 's390x'],
  [40, 'ARM', 'arm'],
  [62, 'x86-64', 'x64'],
  [183, 'AArch64', 'arm64'],
  [243, 'RISC-V', 'riscv64'],
  [258, 'LoongArch', 'loong64'],
] as const

/** `62` → `x86-64`. */
export const machineName = (machine: number): string =>
  MACHINES.find(([number]) => number === machine)?.[1] ?? `machine ${machine}`

/**
 * `machineOf(process.arch)` is the `e_machine` of programs that run here; nothing when it is not in the
 * table.
 */
export const machineOf = (arch: string): number | undefined => MACHINES.find(([, , its]) => its === arch)?.[0]
