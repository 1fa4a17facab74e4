/** Layers that somebody has made to do harm, or that are simply broken; each with what has to be said of it. */
import { gzipSync } from 'node:zlib'
import type { ApplyOptions } from '../../src/layer/apply.ts'
import { END, filled, member, paxOf, tar, type Member } from './tar-maker.ts'

export interface Hostile {
  blob: Buffer
  refused: RegExp
  options?: ApplyOptions
}

const WRONG = `sha256:${'0'.repeat(64)}` as const

const of = (refused: RegExp, ...members: Member[]): Hostile => ({ blob: tar(...members), refused })

/** A number of any length, as GNU writes it. */
const base256 = (at: number, width: number, value: bigint) => (block: Buffer) => {
  for (let n = 0; n < width; n++) block[at + width - 1 - n] = Number((value >> BigInt(8 * n)) & 0xffn)
  block[at] = (block[at] ?? 0) | 0x80
}

const sparse = (records: Record<string, string>, content = 'abc'): Member => ({
  name: 'hollow',
  content,
  pax: { 'GNU.sparse.major': '0', 'GNU.sparse.minor': '1', ...records },
})

const file: Member = { name: 'file', content: 'content' }

/** By what is wrong with them. */
export const HOSTILE: Record<string, Hostile> = {
  'a file below a file': of(/"a".*is none/, { name: 'a' }, { name: 'a/b' }),
  'a directory below a device': of(
    /"null\/x\/y".*file where a directory/,
    { name: 'null', type: '3', device: [1, 3] },
    { name: 'null/x/y' },
  ),
  'a link to nothing': of(/"a".*link to "b", and there is no such file/, { name: 'a', type: '1', linkname: 'b' }),
  'a link to what comes later': of(
    /"a".*there is no such file/,
    { name: 'a', type: '1', linkname: 'b' },
    { name: 'b' },
  ),
  'a link to a directory': of(
    /"a".*can have no other name/,
    { name: 'd/', type: '5' },
    { name: 'a', type: '1', linkname: 'd' },
  ),
  'a link to itself': of(/"a".*there is no such file/, { name: 'a' }, { name: 'a', type: '1', linkname: 'a' }),
  'links in a circle': of(
    /"a\/x".*circle/,
    { name: 'a', type: '2', linkname: 'b' },
    { name: 'b', type: '2', linkname: 'a' },
    { name: 'a/x' },
  ),
  'a root that is no directory': of(/"\/".*root is a directory/, { name: './', type: '2', linkname: '/etc' }),
  'a name of 256 bytes': of(/too long/, { name: 'x', pax: { path: 'n'.repeat(256) } }),
  'a path of 10,000 directories': of(/too long/, { name: 'x', pax: { path: 'd/'.repeat(10_000) + 'x' } }),
  'a whiteout of nothing': of(/"\.wh\.".*no name/, { name: '.wh.' }),
  'a whiteout of the directory itself': of(/"a\/\.wh\.\.".*no name/, { name: 'a/.wh..' }),
  'a whiteout of what is above': of(/"a\/\.wh\.\.\.".*no name/, { name: 'a/.wh...' }),
  'a size below 0': of(/"file".*-1/, { ...file, spoil: base256(124, 12, -1n) }),
  'a size of 2^63': of(/"file".*9223372036854776000/, { ...file, spoil: base256(124, 12, 1n << 63n) }),
  'a user below 0': of(/"file".*-5/, { ...file, spoil: base256(108, 8, -5n) }),
  'a user that no system has': of(/"file".*user 4294967295/, { ...file, pax: { uid: '4294967295' } }),
  'a number that is none': of(/"file".*not one/, { ...file, spoil: (block) => void block.write('12x', 100) }),
  'two sizes': of(/"file" has two sizes: 7 in its header, 3 in its PAX/, { ...file, pax: { size: '3' } }),
  'a size in PAX below 0': of(/"size".*"-3"/, { ...file, pax: { size: '-3' } }),
  'a NUL in a name': of(/"path" has a NUL/, { ...file, pax: { path: 'a\0b' } }),
  'a time that is none': of(/"mtime".*"soon"/, { ...file, pax: { mtime: 'soon' } }),
  'a record longer than it is': {
    blob: Buffer.concat([member({ name: 'x', type: 'x', content: '99 path=a\n' }), member(file), END]),
    refused: /PAX record is none/,
  },
  'a record of no length': {
    blob: Buffer.concat([member({ name: 'x', type: 'x', content: '0 \n' }), member(file), END]),
    refused: /PAX record is none/,
  },
  'records and no entry': { blob: paxOf({ path: 'a' }), refused: /ends where an entry should follow/ },
  'records of two megabytes': of(/more than 1048576/, { ...file, pax: { 'SCHILY.xattr.user.x': 'v'.repeat(2 << 20) } }),
  'a kind that there is not': of(/"file".*no kind of file "V"/, { ...file, type: 'V' }),
  'holes that overlap': of(/"hollow".*overlap/, sparse({ 'GNU.sparse.map': '0,2,1,1', 'GNU.sparse.size': '9' })),
  'holes behind the end': of(/"hollow".*end of the file/, sparse({ 'GNU.sparse.map': '7,3', 'GNU.sparse.size': '9' })),
  'holes that leave content over': of(
    /"hollow".*2 bytes, and there are 3/,
    sparse({ 'GNU.sparse.map': '0,2', 'GNU.sparse.size': '9' }),
  ),
  'holes that want more content': of(
    /"hollow".*5 bytes, and there are 3/,
    sparse({ 'GNU.sparse.map': '0,5', 'GNU.sparse.size': '9' }),
  ),
  'holes in no numbers': of(/"hollow".*no number/, sparse({ 'GNU.sparse.map': '0,many', 'GNU.sparse.size': '9' })),
  'a map of holes without end': of(
    /"hollow".*no end/,
    sparse({ 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '9' }, '999999\n'),
  ),
  'a hole of a petabyte': of(
    /unpacks to more than/,
    sparse({ 'GNU.sparse.map': '0,3', 'GNU.sparse.size': '1125899906842624' }),
  ),
  'a sum that is not that of the header': { blob: spoilt(tar(file), 0), refused: /no tar header at byte 0/ },
  'no tar at all': { blob: Buffer.alloc(1024, 'x'), refused: /no tar header/ },
  nothing: { blob: Buffer.alloc(0), refused: /it is empty/ },
  'half a header': { blob: tar(file).subarray(0, 300), refused: /ends within a header/ },
  'half a file': {
    blob: tar({ ...file, content: 'x'.repeat(5000) }).subarray(0, 2000),
    refused: /"file".*ends within its content/,
  },
  'half a gzip': { blob: gzipSync(tar(file)).subarray(0, 60), refused: /gzip is damaged: unexpected end of file/ },
  'a gzip with other bytes in it': { blob: spoilt(gzipSync(tar(file)), 30), refused: /gzip is damaged/ },
  'something behind the archive': {
    blob: Buffer.concat([tar(file), filled(Buffer.from('more'))]),
    refused: /follows after the end/,
  },
  'something behind the gzip': {
    blob: Buffer.concat([gzipSync(tar(file)), Buffer.from('more')]),
    refused: /gzip is damaged/,
  },
  'xz by another name': { blob: Buffer.from('fd377a585a00000000', 'hex'), refused: /compressed by xz/ },
  'zstd that wants two gigabytes': {
    blob: Buffer.from('28b52ffd00a8' + '010000', 'hex'),
    refused: /2147483648 bytes of memory/,
  },
  'zstd that wants all memory': { blob: Buffer.from('28b52ffde0' + 'ff'.repeat(8), 'hex'), refused: /zstd wants/ },
  'half a zstd frame': { blob: Buffer.from('28b52ffd0458', 'hex'), refused: /ends within a zstd frame/ },
  'something behind the zstd frame': {
    blob: Buffer.from('28b52ffd2000010000' + '6d6f7265', 'hex'),
    refused: /no zstd frame where one should begin/,
  },
  'another diffID': {
    blob: tar(file),
    refused: /it unpacks to sha256:[0-9a-f]{64}, and the image says sha256:0{64}/,
    options: { diffId: WRONG },
  },
  'more than it may unpack to': {
    blob: gzipSync(Buffer.alloc(64 << 20)),
    refused: /more than 1048576 bytes/,
    options: { limits: { size: 1 << 20 } },
  },
  'more entries than it may have': {
    blob: tar(...Array<Member>(101).fill(file)),
    refused: /more than 100 entries/,
    options: { limits: { entries: 100 } },
  },
}

function spoilt(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes)
  other.writeUInt8((bytes[at] ?? 0) ^ 0xff, at)
  return other
}
