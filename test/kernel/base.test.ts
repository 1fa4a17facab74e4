import assert from 'node:assert/strict'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { ensureBase, type Base } from '../../src/image/base.ts'
import { imageDirectory, openImages } from '../../src/image/directory.ts'
import { readElf } from '../../src/kernel/elf.ts'

const NOBODY = 65_534
const needsRoot = process.geteuid?.() === 0 ? {} : { skip: 'only root may chroot, and own files as root' }
const places: string[] = []
after(() => places.forEach((place) => fs.rmSync(place, { recursive: true })))

function newPlace(): string {
  const place = fs.mkdtempSync(join(tmpdir(), 'base-test-'))
  places.push(place)
  return place
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

/** Names, kinds, modes, owners, times, targets and content of all that is in a tree. */
function digestOf(root: string): string {
  const rows = fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(root, name)
      const { mode, uid, gid, mtimeMs, size } = fs.lstatSync(path)
      const link = (mode & 0o170000) === 0o120000
      const file = (mode & 0o170000) === 0o100000
      const content = link ? fs.readlinkSync(path) : file ? sha256(fs.readFileSync(path)) : ''
      return [name, mode.toString(8), uid, gid, mtimeMs, file ? size : 0, content].join(' ')
    })
  return [fs.lstatSync(root).mode, fs.lstatSync(root).mtimeMs, ...rows].join('\n')
}

const withBusybox = [process.env['BOXWRIGHT_TEST_BUSYBOX'] ?? '', '/bin', '/usr/bin'].find((place) => {
  const path = join(place, 'busybox')
  return place !== '' && fs.existsSync(path) && readElf(fs.readFileSync(path))?.interpreter === undefined
})
const noBusybox = { skip: 'no static busybox; name the directory of one in BOXWRIGHT_TEST_BUSYBOX' }
const isOfBusybox = withBusybox !== undefined && withBusybox !== process.env['BOXWRIGHT_TEST_BUSYBOX']
const pathOf = (tool: string): string => execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
const copyOfSleep = (path: string): void => fs.copyFileSync(pathOf('sleep'), path)

const inside = (base: Base, ...command: string[]): { status: number | null; text: string } => {
  const options = { encoding: 'utf8', input: '', timeout: 10_000 } as const
  const { status, stdout, stderr } = spawnSync('chroot', [base.path, ...command], options)
  return { status, text: stdout + stderr }
}

test('ensureBase makes the same tree when it is called in two directories', needsRoot, () => {
  const [one, other] = [ensureBase(newPlace()), ensureBase(newPlace())]
  assert.deepEqual([one.made, other.made], [true, true])
  assert.equal(digestOf(one.path), digestOf(other.path))
  const notRootOrNot1970 = /^\S+ \d+ (?!0 0 0 )\d+ \d+ \d+/m
  assert.doesNotMatch(digestOf(one.path), notRootOrNot1970)
  assert.equal(fs.statSync(join(one.path, 'tmp')).mode & 0o7777, 0o1777)
  assert.equal(fs.statSync(join(one.path, 'root')).mode & 0o7777, 0o700)
})

test(
  'the usual directory of images is closed to others when it was made open, and one that was named is not',
  needsRoot,
  () => {
    const cache = newPlace()
    const modeOf = (path: string): number => fs.statSync(path).mode & 0o777
    const [images, named] = ['boxwright', 'named'].map((name) => join(cache, name)) as [string, string]
    for (const path of [images, named]) fs.mkdirSync(path, { mode: 0o755 })
    for (const path of [cache, images, named]) fs.chownSync(path, NOBODY, NOBODY)
    const { BOXWRIGHT_IMAGES: told, XDG_CACHE_HOME: usual } = process.env
    try {
      Object.assign(process.env, { BOXWRIGHT_IMAGES: '', XDG_CACHE_HOME: cache })
      process.seteuid?.(NOBODY)
      for (const path of [imageDirectory(), named]) openImages(path)
    } finally {
      process.seteuid?.(0)
      Object.assign(process.env, { ...(told && { BOXWRIGHT_IMAGES: told }), XDG_CACHE_HOME: usual ?? '' })
      if (usual === undefined) delete process.env['XDG_CACHE_HOME']
    }
    assert.deepEqual([modeOf(images), modeOf(named)], [0o700, 0o755])
  },
)

test('ensureBase does not depend on the umask when it makes an image', needsRoot, () => {
  const usual = ensureBase(newPlace())
  const before = process.umask(0o077)
  try {
    assert.equal(digestOf(ensureBase(newPlace()).path), digestOf(usual.path))
  } finally {
    process.umask(before)
  }
})

test('ensureBase finds the image again when nothing has changed', () => {
  const place = newPlace()
  const first = ensureBase(place)
  assert.deepEqual(ensureBase(place), { path: first.path, made: false, repaired: [] })
  assert.match(first.path, /\/base-[0-9a-f]{12}$/)
  assert.deepEqual(fs.readdirSync(place).length, 2, 'the image and its manifest, and no draft')
})

test('ensureBase reads no program when sizes and times are those of its manifest', () => {
  const [place, programs] = [newPlace(), newPlace()]
  const search = `${programs}:${process.env['PATH']}`
  const sleep = join(programs, 'sleep')
  copyOfSleep(sleep)
  fs.utimesSync(sleep, 1000, 1000)
  ensureBase(place, search)
  fs.writeFileSync(sleep, Buffer.alloc(fs.statSync(sleep).size))
  fs.utimesSync(sleep, 1000, 1000)
  const { made, repaired } = ensureBase(place, search)
  assert.deepEqual({ made, repaired }, { made: false, repaired: [] })
})

test('the base image runs a shell and tools when it is a root', needsRoot, () => {
  const base = ensureBase(newPlace())
  const { status, text } = inside(base, '/bin/sh', '-c', 'echo ok; ls /; cat /etc/os-release')
  assert.equal(status, 0, text)
  const lines = text.split('\n')
  assert.equal(lines[0], 'ok')
  for (const name of 'bin dev etc home mnt proc root run sbin sys tmp usr var'.split(' '))
    assert.ok(lines.includes(name), name)
  assert.ok(lines.includes('NAME="Boxwright base"') && lines.includes('ID=boxwright'))
})

test('each tool of the base image finds its libraries when it starts', needsRoot, (t) => {
  const base = ensureBase(newPlace())
  const tools = fs.readdirSync(join(base.path, 'bin'))
  t.diagnostic(`${tools.length} tools`)
  const isBusybox = tools.includes('busybox')
  for (const tool of isBusybox ? ['sh', 'ls', 'ps', 'cat'] : tools) {
    const { text } = inside(base, '/bin/' + tool, '--version')
    assert.doesNotMatch(text, /error while loading shared|Error loading shared|No such file/, tool)
  }
})

test('ensureBase repairs what a box has damaged and keeps what it has added', needsRoot, () => {
  const place = newPlace()
  const { path } = ensureBase(place)
  const whole = digestOf(path)
  const at = (name: string): string => join(path, name)
  const tools = isOfBusybox ? ['busybox', 'ls', 'cat'] : ['ls', 'cat', 'sleep', 'wc']
  const [program = '', loosened = ''] = isOfBusybox ? ['busybox', 'busybox'] : ['wc', 'sleep']
  const { size } = fs.statSync(at(`bin/${program}`))
  fs.rmSync(at('bin/ls'))
  fs.writeFileSync(at('bin/ls'), 'not ls any more')
  fs.rmSync(at('bin/cat'))
  fs.chmodSync(at(`bin/${loosened}`), 0o4777)
  fs.chmodSync(at('tmp'), 0o700)
  fs.rmSync(at('usr/sbin'))
  fs.symlinkSync('../etc', at('usr/sbin'))
  fs.rmSync(at('home'), { recursive: true })
  fs.appendFileSync(at('etc/passwd'), 'intruder::0:0::/:/bin/sh\n')
  fs.writeFileSync(at(`bin/${program}`), Buffer.alloc(size))
  fs.utimesSync(at(`bin/${program}`), 0, 0)
  fs.writeFileSync(at('root/mine'), 'kept')
  const again = ensureBase(place)
  const paths = tools.map((name) => `/bin/${name}`).sort()
  assert.deepEqual(again.repaired, [...paths, '/etc/passwd', '/home', '/tmp', '/usr/sbin'])
  assert.equal(fs.readFileSync(at('root/mine'), 'utf8'), 'kept')
  assert.deepEqual(ensureBase(place).repaired, [])
  fs.rmSync(at('root/mine'))
  for (const name of ['', 'bin', 'etc', 'usr', 'root', 'tmp', 'home']) fs.utimesSync(at(name), 0, 0)
  assert.equal(digestOf(path), whole)
})

test('ensureBase writes nothing outside when a box has put a link where a directory was', needsRoot, () => {
  const place = newPlace()
  const trap = newPlace()
  const { path } = ensureBase(place)
  fs.renameSync(join(path, 'etc'), join(path, 'old'))
  fs.symlinkSync(trap, join(path, 'etc'))
  const { repaired } = ensureBase(place)
  assert.deepEqual(fs.readdirSync(trap), [])
  const files = ['group', 'hostname', 'hosts', 'os-release', 'passwd', 'resolv.conf']
  assert.deepEqual(repaired, ['/etc', ...files.map((name) => `/etc/${name}`)])
  assert.ok(fs.lstatSync(join(path, 'etc')).isDirectory())
})

test('ensureBase puts a directory aside when it stands in the place of a file', needsRoot, () => {
  const place = newPlace()
  const { path } = ensureBase(place)
  fs.rmSync(join(path, 'bin/ls'))
  fs.mkdirSync(join(path, 'bin/ls'))
  fs.writeFileSync(join(path, 'bin/ls/work'), 'of hours')
  assert.deepEqual(ensureBase(place).repaired, ['/bin/ls'])
  const aside = fs.readdirSync(join(path, 'bin')).find((name) => name.startsWith('ls.displaced-'))
  assert.equal(fs.readFileSync(join(path, 'bin', String(aside), 'work'), 'utf8'), 'of hours')
})

test('ensureBase leaves a mount alone when it hides an entry', needsRoot, (t) => {
  const place = newPlace()
  const guest = newPlace()
  const { path } = ensureBase(place)
  const { status } = spawnSync('mount', ['--bind', guest, join(path, 'mnt')])
  if (status !== 0) {
    t.skip('this root may not mount')
    return
  }
  try {
    fs.chmodSync(guest, 0o711)
    assert.deepEqual(ensureBase(place).repaired, [])
    assert.equal(fs.statSync(guest).mode & 0o777, 0o711)
  } finally {
    execFileSync('umount', [join(path, 'mnt')])
  }
})

test('ensureBase compares the image with the host when its manifest is lost', () => {
  const place = newPlace()
  const { path } = ensureBase(place)
  fs.rmSync(`${path}.json`)
  fs.appendFileSync(join(path, 'etc/hosts'), '# mine\n')
  assert.deepEqual(ensureBase(place), { path, made: false, repaired: ['/etc/hosts'] })
  fs.writeFileSync(`${path}.json`, '{"format":1,')
  assert.deepEqual(ensureBase(place), { path, made: false, repaired: [] })
  assert.ok(fs.statSync(`${path}.json`).size > 1000)
})

test('ensureBase makes another image when a program of the host has changed', () => {
  const place = newPlace()
  const programs = newPlace()
  const search = `${programs}:${process.env['PATH']}`
  const tool = isOfBusybox ? 'busybox' : 'sleep'
  fs.copyFileSync(pathOf(tool), join(programs, tool))
  const first = ensureBase(place, search)
  assert.equal(ensureBase(place, search).path, first.path)
  fs.utimesSync(join(programs, tool), 1000, 1000)
  const second = ensureBase(place, search)
  assert.notEqual(second.path, first.path)
  assert.equal(second.made, true)
  fs.writeFileSync(join(programs, tool), '#!/bin/sh\n', { mode: 0o755 })
  const third = ensureBase(place, search)
  assert.ok(![first.path, second.path].includes(third.path), 'the script is passed over')
  assert.equal(fs.readFileSync(join(third.path, `bin/${tool}`)).toString('latin1', 1, 4), 'ELF')
})

test('ensureBase ends with one image when two processes make it at once', async () => {
  const place = newPlace()
  const script = `import { ensureBase } from '${join(import.meta.dirname, '../../src/image/base.ts')}'
    while (Date.now() < ${Date.now() + 4000});
    console.log(JSON.stringify(ensureBase('${place}')))`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const run = (): Promise<{ stdout: string }> => promisify(execFile)(process.execPath, args)
  const bases = (await Promise.all([run(), run()])).map(({ stdout }) => JSON.parse(stdout) as Base)
  assert.equal(new Set(bases.map(({ path }) => path)).size, 1)
  assert.equal(bases.filter(({ made }) => made).length, 1)
  assert.deepEqual(
    bases.flatMap(({ repaired }) => repaired),
    [],
  )
  assert.deepEqual(ensureBase(place).repaired, [])
  assert.equal(fs.readdirSync(place).length, 2)
})

const needsBusybox = withBusybox ? needsRoot : noBusybox

test('ensureBase makes the image of a static busybox when the host has one', needsBusybox, () => {
  const base = ensureBase(newPlace(), withBusybox)
  assert.equal(fs.readlinkSync(join(base.path, 'bin/sh')), 'busybox')
  assert.equal(fs.existsSync(join(base.path, 'lib')), false)
  assert.match(inside(base, '/bin/sh', '-c', 'echo ok; ls /; ps --help').text, /^ok\nbin\n/)
  const { text } = inside(base, '/usr/sbin/chroot', '/', '/bin/cat', '/etc/hosts')
  assert.equal(text, '127.0.0.1 localhost\n')
})

test('ensureBase says what to do when there is no sh in PATH', (t) => {
  if (isOfBusybox) {
    t.skip('this host has a static busybox, which is a shell')
    return
  }
  assert.throws(() => ensureBase(newPlace(), '/nowhere'), {
    message: /^Cannot make the base image: there is no sh in PATH\n {2}Put another sh .*busybox-static/,
  })
})

test('ensureBase says why when the directory cannot be written', () => {
  const file = join(newPlace(), 'file')
  fs.writeFileSync(file, '')
  assert.throws(() => ensureBase(join(file, 'below')), /^Error: Cannot make the base image: ENOTDIR/)
})
