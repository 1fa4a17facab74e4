/** The same layers, unpacked by umoci and by us: the same trees. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { applyLayer } from '../../src/layer/apply.ts'
import { diffTrees } from '../../src/layer/diff.ts'
import { openGround, pictureOf, skipWithoutRoot, TAR, type Ground } from '../kernel/layer-world.ts'
import { AWKWARD } from './awkward-layers.ts'

const skip =
  skipWithoutRoot || (spawnSync('umoci', ['--version']).error ? 'umoci is not there: apt-get install umoci' : false)

function umoci(...words: string[]): void {
  const { status, stderr } = spawnSync('umoci', words, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

/** @returns the tree that umoci makes of them. */
function byUmoci({ directory }: Ground, layers: readonly string[]): string {
  const [layout, tree] = [join(directory, 'layout'), join(directory, 'umoci')]
  umoci('init', '--layout', layout)
  umoci('new', '--image', `${layout}:x`)
  for (const layer of layers) umoci('raw', 'add-layer', '--image', `${layout}:x`, layer)
  umoci('raw', 'unpack', '--image', `${layout}:x`, tree)
  return tree
}

async function byUs({ root }: Ground, layers: readonly string[]): Promise<string> {
  for (const layer of layers) await applyLayer(layer, TAR, root)
  return root
}

test('awkward layers become the tree that umoci makes of them', { skip }, async () => {
  using ground = openGround()
  const layers = AWKWARD.map((layer, n) => {
    fs.writeFileSync(join(ground.directory, `${n}.tar`), layer)
    return join(ground.directory, `${n}.tar`)
  })
  const theirs = pictureOf(byUmoci(ground, layers))
  assert.deepEqual(pictureOf(await byUs(ground, layers)), theirs)
})

test(
  'a Debian of 10,000 files becomes the tree that umoci makes of it, and is the same when we write and read it',
  { skip },
  async (t) => {
    using ground = openGround()
    const debian = debootstrapped(t, ground)
    if (debian === undefined) return
    const layer = join(ground.directory, 'debian.tar')
    const made = spawnSync('tar', [
      '--xattrs',
      '--xattrs-include=*',
      '--numeric-owner',
      '-C',
      debian,
      '-cf',
      layer,
      '.',
    ])
    assert.equal(made.status, 0, made.stderr.toString())
    const ours = pictureOf(await byUs(ground, [layer]))
    t.diagnostic(`${Object.keys(ours).length} files`)
    assert.ok(Object.keys(ours).length >= 10_000)
    assert.deepEqual(ours, pictureOf(byUmoci(ground, [layer])))
    assert.deepEqual(pictureOf(await writtenAndRead(ground, debian)), pictureOf(debian))
  },
)

/** BOXWRIGHT_TEST_DEBIAN names a tree that is there, for who has run this before. */
function debootstrapped(t: TestContext, { directory }: Ground): string | undefined {
  const given = process.env['BOXWRIGHT_TEST_DEBIAN']
  if (given !== undefined) return given
  const tree = join(directory, 'debian')
  const made = spawnSync('debootstrap', ['--variant=minbase', '--include=git,perl,python3', 'stable', tree], {
    encoding: 'utf8',
  })
  if (made.status === 0) return tree
  t.skip(`debootstrap makes no Debian here: ${made.error?.message ?? made.stdout.trim().split('\n').at(-1)}`)
  return undefined
}

async function writtenAndRead({ directory }: Ground, tree: string): Promise<string> {
  const [layer, again] = [join(directory, 'again.tar'), join(directory, 'again')]
  fs.mkdirSync(again)
  await diffTrees(undefined, tree, fs.createWriteStream(layer))
  await applyLayer(layer, TAR, again)
  return again
}
