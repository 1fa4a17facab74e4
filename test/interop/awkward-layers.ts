/** Three layers with all that is awkward and allowed: what a reader that is a little less careful gets wrong. */
import { END, filled, member, tar, type Member } from '../kernel/tar-maker.ts'

const directory = (name: string, more: Partial<Member> = {}): Member => ({ name, type: '5', mode: 0o755, ...more })

/** GNU's header for a name that is too long. */
const gnuLong = (type: 'L' | 'K', text: string): Member => ({ name: '././@LongLink', type, content: `${text}\0` })

const base256 = (at: number, width: number, value: bigint) => (block: Buffer) => {
  const bits = BigInt.asUintN(8 * width, value)
  for (let n = 0; n < width; n++) block[at + width - 1 - n] = Number((bits >> BigInt(8 * n)) & 0xffn)
  block[at] = (block[at] ?? 0) | 0x80
}

const CAPABILITY = Buffer.from('0100000200200000000000000000000000000000', 'hex')
const LONG = `long/${'n'.repeat(200)}/${'m'.repeat(200)}`

const FIRST: Member[] = [
  directory('./', { mtime: 1_234_567_890 }),
  directory('modes/', { mode: 0o1777, uid: 5, gid: 6 }),
  { name: 'modes/setuid', mode: 0o4755, uid: 1000, gid: 1000, content: 'setuid' },
  { name: 'modes/setgid', mode: 0o2755, gid: 42 },
  { name: 'modes/none', mode: 0, content: 'x' },
  {
    name: 'modes/capable',
    mode: 0o755,
    uid: 7,
    content: 'ping',
    pax: { 'SCHILY.xattr.security.capability': CAPABILITY },
  },
  { name: 'modes/huge', pax: { uid: '4000000000', gid: '4000000001' } },
  { name: 'modes/base256', spoil: base256(108, 8, 3_000_000_000n) },
  directory('names/'),
  { name: 'names/new\nline' },
  { name: Buffer.from('names/\xff\xfe', 'latin1'), content: 'no UTF-8' },
  { name: 'names/ spaces and \\ and * ' },
  { name: '/names//./absolute' },
  { name: 'names/../names/dots' },
  directory('long/'),
  directory('x', { pax: { path: `long/${'n'.repeat(200)}/` } }),
  gnuLong('L', LONG),
  { name: 'cut off', content: 'GNU' },
  { name: 'x', content: 'PAX', pax: { path: `${LONG}-pax` } },
  gnuLong('K', 't'.repeat(300)),
  { name: 'long/link', type: '2' },
  directory('times/', { mtime: 86_400 }),
  { name: 'times/before', pax: { mtime: '-1.25' } },
  { name: 'times/nanoseconds', pax: { mtime: '1700000000.123456789' } },
  { name: 'times/late', pax: { mtime: '4000000000' } },
  { name: 'times/base256', spoil: base256(136, 12, -3600n) },
  directory('links/'),
  { name: 'links/file', content: 'file', mode: 0o640, uid: 3 },
  { name: 'links/hard', type: '1', linkname: 'links/file' },
  { name: 'links/symbolic', type: '2', linkname: 'file' },
  { name: 'links/dangling', type: '2', linkname: '/nowhere' },
  { name: 'links/hard-symbolic', type: '1', linkname: 'links/symbolic' },
  directory('special/'),
  { name: 'special/null', type: '3', device: [1, 3], mode: 0o666 },
  { name: 'special/disk', type: '4', device: [259, 70_000], mode: 0o660, gid: 6 },
  { name: 'special/fifo', type: '6', mode: 0o600 },
  directory('xattrs/', { pax: { 'SCHILY.xattr.user.directory': 'yes' } }),
  { name: 'xattrs/bytes', pax: { 'SCHILY.xattr.user.bytes': Buffer.from([0, 1, 255, 10]) } },
  { name: 'xattrs/trusted', pax: { 'SCHILY.xattr.trusted.key': 'value' } },
  directory('sparse/'),
  {
    name: 'sparse/pax',
    content: 'abcdef',
    pax: {
      'GNU.sparse.major': '0',
      'GNU.sparse.minor': '1',
      'GNU.sparse.name': 'sparse/0.1',
      'GNU.sparse.size': '9000',
      'GNU.sparse.numblocks': '2',
      'GNU.sparse.map': '0,3,8000,3',
    },
  },
  {
    name: 'sparse/x',
    content: Buffer.concat([filled(Buffer.from('1\n4096\n3\n')), Buffer.from('abc')]),
    pax: {
      'GNU.sparse.major': '1',
      'GNU.sparse.minor': '0',
      'GNU.sparse.name': 'sparse/1.0',
      'GNU.sparse.realsize': '5000',
    },
  },
  directory('below/'),
  directory('below/kept/'),
  { name: 'below/kept/file' },
  directory('below/opaque/'),
  { name: 'below/opaque/old' },
  { name: 'below/file-to-directory', content: 'file' },
  directory('below/directory-to-file/'),
  { name: 'below/directory-to-file/x' },
  { name: 'below/gone' },
  directory('below/gone-too/'),
  { name: 'below/gone-too/x' },
]

const SECOND: Member[] = [
  directory('below/', { mtime: 1_500_000_000 }),
  { name: 'below/.wh.gone' },
  { name: 'below/.wh.gone-too' },
  { name: 'below/.wh.never-there' },
  directory('below/opaque/', { mode: 0o700 }),
  { name: 'below/opaque/.wh..wh..opq' },
  { name: 'below/opaque/new' },
  directory('below/file-to-directory/'),
  { name: 'below/file-to-directory/x' },
  { name: 'below/directory-to-file', content: 'file' },
  { name: 'links/hard', content: 'a file of its own', mtime: 1_600_000_000 },
  { name: 'twice', content: 'first' },
  { name: 'twice', content: 'second', mode: 0o600 },
  { name: 'old-style/', type: '\0', mode: 0o711 },
]

/** With more zeros behind it than there need be, as GNU tar writes them. */
const THIRD = Buffer.concat([
  member(directory('xattrs/')),
  member({ name: '.wh.twice' }),
  member({ name: 'size-in-header-of-a-link', type: '2', linkname: 'x', size: 0 }),
  END,
  Buffer.alloc(10_240),
])

export const AWKWARD: Buffer[] = [tar(...FIRST), tar(...SECOND), THIRD]
