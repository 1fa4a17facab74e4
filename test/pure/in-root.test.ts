import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { resolveInRoot } from '../../src/kernel/in-root.ts'

const outside = mkdtempSync(join(tmpdir(), 'in-root-'))
const root = join(outside, 'root')
after(() => rmSync(outside, { recursive: true }))

const DIRECTORIES = ['root/etc', 'root/usr/bin', 'root/a/b/c', 'etc']
const FILES = ['root/etc/passwd', 'root/usr/bin/sh', 'etc/passwd', 'secret']
for (const path of DIRECTORIES) mkdirSync(join(outside, path), { recursive: true })
for (const path of FILES) writeFileSync(join(outside, path), '')

const LINKS: Record<string, string> = {
  bin: 'usr/bin',
  absolute: '/etc/passwd',
  'a/b/relative': '../../etc/passwd',
  'a/absolute': '/etc/passwd',
  'a/up': '../../../../../secret',
  'a/top': '/../..',
  out: '/tmp',
  outside: join(outside, 'secret'),
  directory: '/a/b',
  chain: 'absolute',
  dangling: '/a/new',
  self: 'self',
  ping: 'pong',
  pong: '/ping',
}
for (const [path, target] of Object.entries(LINKS)) symlinkSync(target, join(root, path))
for (let step = 1; step <= 41; step++)
  symlinkSync(step === 1 ? '/etc/passwd' : `step${step - 1}`, join(root, `step${step}`))

const FOUND: [path: string, place: string, cwd?: string][] = [
  ['/', ''],
  ['/etc/passwd', 'etc/passwd'],
  ['//etc/./passwd', 'etc/passwd'],
  ['/bin/sh', 'usr/bin/sh'],
  ['/absolute', 'etc/passwd'],
  ['/a/absolute', 'etc/passwd'],
  ['/a/b/relative', 'etc/passwd'],
  ['/chain', 'etc/passwd'],
  ['/../../../etc/passwd', 'etc/passwd'],
  ['/a/b/c/../../../../../etc', 'etc'],
  ['/a/top/etc', 'etc'],
  ['/a/up', 'secret'],
  ['/out', 'tmp'],
  ['/directory/..', 'a'],
  ['/bin/../bin', 'usr/bin'],
  ['/dangling', 'a/new'],
  ['/new', 'new'],
  ['/new/', 'new'],
  ['passwd', 'etc/passwd', '/etc'],
  ['../etc/passwd', 'etc/passwd', '/a'],
  ['c', 'a/b/c', '/directory'],
  ['..', 'a', '/directory'],
  ['/etc', 'etc', '/a/b'],
  ['/step40', 'etc/passwd'],
]

for (const [path, place, cwd] of FOUND)
  test(`resolveInRoot gives /${place} when asked for ${path}${cwd ? ` from ${cwd}` : ''}`, () => {
    assert.equal(resolveInRoot(root, path, cwd), join(root, place))
  })

const REFUSED: [path: string, code: string][] = [
  ['/self', 'ELOOP'],
  ['/ping', 'ELOOP'],
  ['/step41', 'ELOOP'],
  ['/self/below', 'ELOOP'],
  ['/missing/file', 'ENOENT'],
  ['/missing/..', 'ENOENT'],
  ['/outside', 'ENOENT'],
  ['/out/file', 'ENOENT'],
  ['/etc/passwd/x', 'ENOTDIR'],
  ['/absolute/..', 'ENOTDIR'],
  ['', 'ENOENT'],
]

for (const [path, code] of REFUSED)
  test(`resolveInRoot throws ${code} when asked for "${path}"`, () => {
    assert.throws(() => resolveInRoot(root, path), { code, message: /^Cannot resolve "/ })
  })

test('resolveInRoot does not follow the root itself when the root is a link', () => {
  symlinkSync(root, join(outside, 'alias'))
  assert.equal(resolveInRoot(join(outside, 'alias'), '/a/../absolute'), join(outside, 'alias/etc/passwd'))
})
