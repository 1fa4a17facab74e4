/** Two trees as a layer: what it says, and that unpacking it makes the second of the first, in both forms. */
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { PassThrough } from 'node:stream'
import { diffTrees, type DiffOptions } from '../../src/layer/diff.ts'
import { inode } from '../../src/layer/inode.ts'
import { openGround, pictureOf, skipWithoutRoot } from './layer-world.ts'
import { tar } from './tar-maker.ts'

const options = { skip: skipWithoutRoot }

async function layerOf(lower: string | undefined, upper: string, given?: DiffOptions): Promise<Buffer> {
  const out = new PassThrough()
  const [bytes, diff] = await Promise.all([buffer(out), diffTrees(lower, upper, out, given)])
  assert.equal(diff.size, bytes.length)
  return bytes
}

const namesIn = (layer: Buffer): string[] =>
  execFileSync('tar', ['-tf', '-'], { input: layer, encoding: 'utf8' })
    .trim()
    .split('\n')
    .filter((name) => name !== './')

test('a layer says what has changed, and what is on the way to it, when two trees are compared', options, async () => {
  using lower = openGround()
  using upper = openGround()
  const same = [
    { name: 'd/', type: '5' },
    { name: 'd/same', pax: { mtime: '5.5' } },
    { name: 'd/e/', type: '5' },
    { name: 'd/e/old', content: 'old' },
  ]
  await lower.apply(tar(...same, { name: 'd/gone' }, { name: 'was/', type: '5' }, { name: 'was/x' }))
  await upper.apply(
    tar(...same.slice(0, 3), { name: 'd/e/old', content: 'new' }, { name: 'was', content: 'a file now' }),
  )
  const layer = await layerOf(lower.root, upper.root)
  assert.deepEqual(namesIn(layer), ['d/', 'd/e/', 'd/e/old', 'd/.wh.gone', 'was'])
  await lower.apply(layer)
  assert.deepEqual(pictureOf(lower.root), pictureOf(upper.root))
})

test('a layer is the same bytes when the same trees are compared again', options, async () => {
  using ground = openGround()
  await ground.apply(tar({ name: 'b' }, { name: 'a', pax: { 'SCHILY.xattr.user.b': '1', 'SCHILY.xattr.user.a': '2' } }))
  assert.deepEqual(await layerOf(undefined, ground.root), await layerOf(undefined, ground.root))
})

test('no file is younger than asked for when a layer is made', options, async () => {
  using ground = openGround()
  await ground.apply(tar({ name: 'a', mtime: 100 }, { name: 'b', mtime: 300 }))
  const layer = await layerOf(undefined, ground.root, { latest: 200 })
  using copy = openGround()
  await copy.apply(layer)
  const times = ['a', 'b'].map((name) => fs.statSync(join(copy.root, name)).mtimeMs / 1000)
  assert.deepEqual(times, [100, 200])
})

test('names that have not changed come along when a file gets one more', options, async () => {
  using lower = openGround()
  using upper = openGround()
  const members = [
    { name: 'd/', type: '5' },
    { name: 'd/a', content: 'a' },
    { name: 'd/z', type: '1', linkname: 'd/a' },
  ]
  await lower.apply(tar(...members))
  await upper.apply(tar(...members, { name: 'm', type: '1', linkname: 'd/a' }))
  const layer = await layerOf(lower.root, upper.root)
  assert.deepEqual(namesIn(layer), ['m', 'd/', 'd/a', 'd/z'])
  using alone = openGround()
  await alone.apply(layer)
  assert.equal(fs.statSync(join(alone.root, 'd/z')).nlink, 3)
  await lower.apply(layer)
  assert.deepEqual(pictureOf(lower.root), pictureOf(upper.root))
})

test('overlay’s own form becomes whiteouts when an upper directory is read', options, async () => {
  using ground = openGround()
  await ground.apply(
    tar({ name: '.wh.gone' }, { name: 'd/', type: '5' }, { name: 'd/.wh..wh..opq' }, { name: 'd/new' }),
    { overlay: true },
  )
  assert.match(pictureOf(ground.root)['gone'] ?? '', /device 0:0/)
  assert.match(pictureOf(ground.root)['d'] ?? '', /trusted\.overlay\.opaque=y/)
  const layer = await layerOf(undefined, ground.root, { overlay: true })
  assert.deepEqual(namesIn(layer), ['d/', 'd/.wh..wh..opq', 'd/new', '.wh.gone'])
  using again = openGround()
  await again.apply(layer, { overlay: true })
  assert.deepEqual(pictureOf(again.root), pictureOf(ground.root))
})

test('directories stay as old as the layer says when what they are in becomes opaque after them', options, async () => {
  using ground = openGround()
  const members = [
    { name: 'd/', type: '5', mtime: 100 },
    { name: 'd/e/', type: '5', mtime: 200 },
    { name: 'd/e/.wh.gone' },
    { name: 'd/.wh..wh..opq' },
  ]
  await ground.apply(tar(...members), { overlay: true })
  const times = ['d', 'd/e'].map((name) => fs.statSync(join(ground.root, name)).mtimeMs / 1000)
  assert.deepEqual(times, [100, 200])
  assert.deepEqual(fs.readdirSync(join(ground.root, 'd/e')), [])
})

test('an upper directory is refused when part of it is elsewhere', options, async () => {
  using ground = openGround()
  fs.mkdirSync(join(ground.root, 'moved'))
  inode().lsetxattr(
    Buffer.from(join(ground.root, 'moved')),
    Buffer.from('trusted.overlay.redirect'),
    Buffer.from('before'),
  )
  await assert.rejects(layerOf(undefined, ground.root, { overlay: true }), /"moved".*part of it is in a lower one/)
})

test('a name is refused when a layer would take it for a whiteout', options, async () => {
  using ground = openGround()
  fs.writeFileSync(join(ground.root, '.wh.file'), '')
  await assert.rejects(layerOf(undefined, ground.root), /"\.wh\.file".*something is gone/)
})
