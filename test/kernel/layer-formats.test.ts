/** What other programs write, and where there is less to be had: holes, zstd, several gzip members, a user namespace. */
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { openGround, pictureOf, skipWithoutRoot, TAR } from './layer-world.ts'
import { member, tar } from './tar-maker.ts'

const options = { skip: skipWithoutRoot }

const HOLES = [
  ['--format=gnu'],
  ...['0.0', '0.1', '1.0'].map((version) => ['--format=posix', `--sparse-version=${version}`]),
]

for (const form of HOLES)
  test(`a file has its holes when GNU tar has written them with ${form.join(' ')}`, options, async () => {
    using ground = openGround()
    const hollow = join(ground.directory, 'hollow')
    fs.writeFileSync(hollow, 'begin')
    for (let n = 1; n < 40; n++) writeAt(hollow, n * 300_000, `part ${n}`)
    fs.truncateSync(hollow, 40 * 300_000)
    const { stdout } = spawnSync('tar', ['-C', ground.directory, '--sparse', ...form, '-cf', '-', 'hollow'], {
      maxBuffer: 1 << 30,
    })
    await ground.apply(stdout)
    const unpacked = join(ground.root, 'hollow')
    assert.ok(fs.readFileSync(unpacked).equals(fs.readFileSync(hollow)))
    assert.ok(fs.statSync(unpacked).blocks < fs.statSync(unpacked).size / 512 / 4)
  })

function writeAt(path: string, position: number, text: string): void {
  const fd = fs.openSync(path, 'r+')
  fs.writeSync(fd, text, position)
  fs.closeSync(fd)
}

test('a layer is one when its gzip has several members, wherever the blob is cut', options, async () => {
  using ground = openGround()
  const layer = tar({ name: 'a', content: 'x'.repeat(100_000) }, { name: 'b' })
  const blob = Buffer.concat([
    gzipSync(layer.subarray(0, 700)),
    gzipSync(Buffer.alloc(0)),
    gzipSync(layer.subarray(700)),
  ])
  await ground.apply(blob)
  assert.deepEqual(Object.keys(pictureOf(ground.root)), ['', 'a', 'b'])
})

test('a layer is one when it ends with the last byte of a file, as some of umoci’s do', options, async () => {
  using ground = openGround()
  const layer = Buffer.concat([member({ name: 'a/', type: '5' }), member({ name: 'a/b', content: 'content' })])
  await ground.apply(layer.subarray(0, 2 * 512 + 'content'.length))
  assert.equal(fs.readFileSync(join(ground.root, 'a/b'), 'utf8'), 'content')
  await assert.rejects(ground.apply(layer.subarray(0, 2 * 512 + 6)), /"a\/b".*ends within its content/)
})

const noZstd =
  skipWithoutRoot || (spawnSync('zstd', ['--version']).error ? 'zstd is not there: apt-get install zstd' : false)

test(
  'a layer is unpacked when it is zstd, in several frames and with frames to be skipped',
  { skip: noZstd },
  async () => {
    using ground = openGround()
    const content = Buffer.from(Array.from({ length: 400_000 }, (_, n) => (n * n) % 251))
    const layer = tar({ name: 'a', content }, { name: 'b' })
    const zstd = (bytes: Buffer, ...words: string[]): Buffer =>
      spawnSync('zstd', ['-c', ...words], { input: bytes }).stdout
    const skipped = Buffer.concat([Buffer.from('502a4d1803000000', 'hex'), Buffer.from('toc')])
    const { diffId } = await ground.apply(
      Buffer.concat([zstd(layer.subarray(0, 3000)), skipped, zstd(layer.subarray(3000), '-19', '--no-check'), skipped]),
    )
    using plain = openGround()
    assert.equal((await plain.apply(layer)).diffId, diffId)
    assert.ok(fs.readFileSync(join(ground.root, 'a')).equals(content))
  },
)

test('a time is kept when it is before 1970 or after 2242', options, async () => {
  using ground = openGround()
  const times = { early: '-1000000000.25', late: '8589934592.5' }
  await ground.apply(tar(...Object.entries(times).map(([name, mtime]) => ({ name, pax: { mtime } }))))
  const picture = pictureOf(ground.root)
  assert.match(picture['early'] ?? '', / -1000000000250000000$/)
  assert.match(picture['late'] ?? '', / 8589934592500000000$/)
})

test('a user namespace gets what it can have, and is told the rest when it has one user', options, () => {
  using ground = openGround()
  const inside = (...members: Parameters<typeof tar>): { status: number | null; stdout: string } => {
    fs.writeFileSync(join(ground.directory, 'layer'), tar(...members))
    const apply = fileURLToPath(new URL('../../src/layer/apply.ts', import.meta.url))
    const code = `import { applyLayer } from ${JSON.stringify(apply)}
      await applyLayer(${JSON.stringify(join(ground.directory, 'layer'))}, '${TAR}', ${JSON.stringify(ground.root)}, { overlay: true })
        .then(({ skipped }) => console.log(skipped.join()), (error) => console.log(error.message))`
    return spawnSync('unshare', ['-Ur', process.execPath, '--import', 'tsx', '--input-type=module', '-e', code], {
      encoding: 'utf8',
    })
  }
  const { stdout } = inside(
    { name: 'null', type: '3', device: [1, 3] },
    { name: 'd/', type: '5', mode: 0o755 },
    { name: 'd/.wh..wh..opq' },
    { name: '.wh.x' },
  )
  assert.equal(stdout, '"null": a device, which no user namespace makes\n')
  const picture = pictureOf(ground.root)
  assert.match(picture['d'] ?? '', /user\.overlay\.opaque=y/)
  assert.match(picture['x'] ?? '', /device 0:0/)
  assert.match(
    inside({ name: 'theirs', uid: 5 }).stdout,
    /"theirs": it belongs to user 5, whom this user namespace does not have: it has 0\n/,
  )
})
