/** Archives for tests, byte by byte and by nobody's rules: what a real program would never write can be made here. */

export interface Member {
  name: string | Buffer
  /** ustar's letter for it; a file when left out. */
  type?: string
  content?: string | Buffer
  linkname?: string | Buffer
  mode?: number
  uid?: number
  gid?: number
  mtime?: number
  /** What the header says, when it lies. */
  size?: number
  device?: [major: number, minor: number]
  /** Records for it: a header of their own comes first. */
  pax?: Record<string, string | Buffer>
  /** The last word on the header, before its sum is made. */
  spoil?: (block: Buffer) => void
}

export const END = Buffer.alloc(1024)

export const tar = (...members: Member[]): Buffer => Buffer.concat([...members.map(member), END])

export function member(made: Member): Buffer {
  const content = Buffer.from(made.content ?? '')
  return Buffer.concat([...(made.pax ? [paxOf(made.pax)] : []), header(made, content.length), filled(content)])
}

function header(made: Member, length: number): Buffer {
  const block = Buffer.alloc(512)
  const octal = (number: number, at: number, width: number): void =>
    void block.write(
      `${number
        .toString(8)
        .padStart(width - 1, '0')
        .slice(0, width - 1)}\0`,
      at,
      'latin1',
    )
  Buffer.from(made.name).copy(block, 0, 0, 100)
  octal(made.mode ?? 0o644, 100, 8)
  octal(made.uid ?? 0, 108, 8)
  octal(made.gid ?? 0, 116, 8)
  octal(made.size ?? length, 124, 12)
  octal(Math.max(0, made.mtime ?? 1_000_000_000), 136, 12)
  block.write(made.type ?? '0', 156, 'latin1')
  Buffer.from(made.linkname ?? '').copy(block, 157, 0, 100)
  block.write('ustar\x0000', 257, 'latin1')
  const [major, minor] = made.device ?? [0, 0]
  octal(major, 329, 8)
  octal(minor, 337, 8)
  made.spoil?.(block)
  block.fill(' ', 148, 156)
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  )
  return block
}

export const paxOf = (records: Record<string, string | Buffer>, type = 'x'): Buffer =>
  member({ name: 'PaxHeaders/x', type, content: Buffer.concat(Object.entries(records).map(record)) })

/** Its length is part of what it is the length of. */
function record([key, value]: [string, string | Buffer]): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')])
  let length = rest.length
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return Buffer.concat([Buffer.from(String(length)), rest])
}

export const filled = (content: Buffer): Buffer =>
  Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)])
