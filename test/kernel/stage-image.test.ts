/** Stage 9: the walls of stage 8 around an image, by its name or as a layout in a directory. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { repository } from './court.ts'
import { ImageWorld } from './image-world.ts'
import { skipWithoutRoot } from './world.ts'

let world: ImageWorld
let layout: string
before(async () => {
  world = new ImageWorld()
  world.env['BOXWRIGHT_IMAGES'] = join(world.directory, 'images')
  layout = await layoutWith({ 'etc/motd': 'of a layer', 'etc/.wh.passwd': '' })
})
after(() => world[Symbol.dispose]())

/** The base image, and a layer made by hand as the lesson makes one. */
async function layoutWith(files: Record<string, string>): Promise<string> {
  const place = fs.mkdtempSync(join(world.directory, 'layout-'))
  const change = fs.mkdtempSync(join(world.directory, 'change-'))
  const [saved, layer] = [join(world.directory, 'saved.tar'), `${change}.tar`]
  await world.run('image', 'from-host')
  await world.run('save', '-o', saved, 'boxwright/base')
  execFileSync('tar', ['-xf', saved, '-C', place])
  fs.mkdirSync(join(change, 'etc'))
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(join(change, name), content)
  execFileSync('tar', ['-cf', layer, '-C', change, 'etc'])
  execFileSync(process.execPath, [join(repository, 'lessons/09-images/add-layer.mjs'), place, layer])
  return place
}

const stage = (...words: string[]) => world.run('stage', '9', ...words)
const trees = (): string[] => fs.readdirSync(join(world.directory, 'images'))

suite('stage 9', { skip: skipWithoutRoot }, () => {
  test('stage 9 has the files of an image in the box when it is given its name', async () => {
    const { stdout, stderr, status } = await stage(
      'run',
      '--image',
      'boxwright/base',
      'head',
      '-n',
      '1',
      '/etc/os-release',
    )
    assert.deepEqual([status, stdout], [0, 'NAME="Boxwright base"\n'], stderr)
  })

  test('stage 9 has what each layer adds, and not what it hides, when it is given a layout', async () => {
    const script = 'cat /etc/motd; test -e /etc/passwd || echo " alone"; ls -a /etc | grep -c "^.wh"; exit 7'
    const { stdout, stderr, status } = await stage('run', '--image', layout, 'sh', '-c', script)
    assert.deepEqual([status, stdout], [7, 'of a layer alone\n0\n'], stderr)
  })

  test('stage 9 unpacks an image once, and its boxes have one tree, when it runs twice', async () => {
    await stage('run', '--image', layout, 'sh', '-c', 'echo before me >/etc/left')
    const { stdout } = await stage('run', '--image', layout, 'cat', '/etc/left')
    assert.equal(stdout, 'before me\n')
    assert.ok(trees().length <= 2 && trees().every((name) => /^image-[0-9a-f]{12}$/.test(name)), trees().join())
  })

  test('stage 9 makes one tree of an image when several boxes want it at once', async () => {
    const other = await layoutWith({ 'etc/motd': 'at once' })
    const all = await Promise.all([1, 2, 3].map(() => stage('run', '--image', other, 'cat', '/etc/motd')))
    assert.deepEqual(
      all.map(({ stdout }) => stdout),
      ['at once', 'at once', 'at once'],
    )
    assert.ok(
      trees().every((name) => name.startsWith('image-')),
      trees().join(),
    )
  })

  test('stage 9 refuses an image, and leaves nothing of it, when a bit of it has changed', async () => {
    const spoilt = await layoutWith({ 'etc/motd': 'as it was' })
    const before = trees()
    const blobs = join(spoilt, 'blobs/sha256')
    for (const name of fs.readdirSync(blobs)) {
      const bytes = fs.readFileSync(join(blobs, name)).toString('latin1')
      fs.writeFileSync(join(blobs, name), bytes.replace('as it was', 'as it is '), 'latin1')
    }
    const { stderr, status } = await stage('run', '--image', spoilt, 'cat', '/etc/motd')
    assert.equal(status, 125)
    assert.match(stderr, /Cannot unpack sha256:[0-9a-f]{64}: its file has other content than its name says/)
    assert.deepEqual(trees(), before)
  })

  test('stage 9 says what is so when what it is given is no image', async () => {
    for (const [words, said] of [
      [['run', '--image', world.directory, 'sh'], /Cannot run ".*": it is no image: it has no index\.json/],
      [['run', '--image', layout, '--rootfs', layout, 'sh'], /Cannot take both --rootfs and --image/],
      [
        ['run', '--image', 'nobodys', 'sh'],
        /Cannot look for "nobodys": this machine has not been told of any registry/,
      ],
      [['unpack', layout], /Cannot unpack: two words are wanted/],
      [
        ['unpack', world.directory, join(world.directory, 'out')],
        /Cannot read an image from ".*": it has no index\.json/,
      ],
      [['pack'], /it knows two verbs, run and unpack/],
    ] as const)
      assert.match((await stage(...words)).stderr, said)
  })

  test('--image is refused with the lesson that brings it when the stage is an earlier one', async () => {
    assert.match((await world.run('stage', '8', 'run', '--image', layout, 'sh')).stderr, /it comes with lesson 9/)
  })
})
