/** Bad layers: each is refused with the reason, nothing outside its tree is touched, and no process is left. */
import { test } from 'node:test'
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { applyLayer } from '../../src/layer/apply.ts'
import { HOSTILE } from './hostile-layers.ts'
import { openGround, pictureOf, skipWithoutRoot, TAR } from './layer-world.ts'
import { tar } from './tar-maker.ts'

const options = { skip: skipWithoutRoot }

for (const [what, { blob, refused, options: given }] of Object.entries(HOSTILE))
  test(`a layer is refused when it has ${what}`, options, async () => {
    using ground = openGround()
    const before = ground.outside()
    await assert.rejects(ground.apply(blob, { size: 1000, ...given }), { name: 'LayerError', message: refused })
    assert.equal(ground.outside(), before)
  })

test('every name and every link stays in the tree when a layer points out of it', options, async () => {
  using ground = openGround()
  const before = ground.outside()
  const up = '../'.repeat(20)
  await ground.apply(
    tar(
      { name: `${up}secret`, content: 'by dots' },
      { name: '/absolute', content: 'from the root' },
      { name: 'a/../../../b', content: 'by a way round' },
      { name: 'out', type: '2', linkname: `${up}${ground.directory.slice(1)}` },
      { name: 'out/secret', content: 'through a link' },
      { name: 'etc', type: '2', linkname: '/' },
      { name: 'etc/through', content: 'at the root' },
      { name: 'hard', type: '1', linkname: `${up}secret` },
      { name: 'link', type: '2', linkname: 'secret' },
      { name: 'link', content: 'in its place' },
    ),
  )
  assert.equal(ground.outside(), before)
  const picture = pictureOf(ground.root)
  const content = (name: string): string | undefined => picture[name]?.split(' ').slice(3).join(' ')
  assert.equal(content('secret'), 'by dots =hard')
  assert.equal(content('absolute'), 'from the root')
  assert.equal(content('b'), 'by a way round')
  assert.equal(content('through'), 'at the root')
  assert.equal(content(`${ground.directory.slice(1)}/secret`), 'through a link')
  assert.equal(content('link'), 'in its place')
})

test('a file that was there is not written to when an entry has its name', options, async () => {
  using ground = openGround()
  fs.writeFileSync(join(ground.root, 'here'), 'before')
  fs.linkSync(join(ground.root, 'here'), join(ground.directory, 'shared'))
  await ground.apply(tar({ name: 'here', content: 'after', mode: 0o600 }))
  assert.equal(fs.readFileSync(join(ground.directory, 'shared'), 'utf8'), 'before')
  assert.equal(fs.readFileSync(join(ground.root, 'here'), 'utf8'), 'after')
})

test('no xattr of overlay’s is taken over when a layer brings one, and that is said', options, async () => {
  using ground = openGround()
  const xattrs = {
    'SCHILY.xattr.trusted.overlay.opaque': 'y',
    'SCHILY.xattr.user.overlay.redirect': '/',
    'SCHILY.xattr.user.a': 'b',
  }
  const { skipped } = await ground.apply(tar({ name: 'd', type: '5', mode: 0o755, pax: xattrs }), { overlay: true })
  assert.match(pictureOf(ground.root)['d'] ?? '', /^40755 0:0 1000000000000000000 user\.a=b$/)
  assert.equal(skipped.length, 2)
})

test('unpacking ends with the blob’s own error when the blob breaks off', options, async () => {
  using ground = openGround()
  const blob = Readable.from(
    (function* () {
      yield gzipSync(tar({ name: 'a' })).subarray(0, 20)
      throw new Error('the line is dead')
    })(),
  )
  await assert.rejects(applyLayer(blob, TAR, ground.root), /the line is dead/)
})

test('a layer is refused when its media type is none of a layer’s', options, async () => {
  using ground = openGround()
  await assert.rejects(
    applyLayer(Readable.from([tar()]), 'text/plain', ground.root),
    /"text\/plain" is no layer’s media type/,
  )
})
