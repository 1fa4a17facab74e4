/** Images as a user has them who is not root: pulled, unpacked, run, committed, saved, loaded, served and collected, with one number and with many. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { BOXWRIGHT } from '../kernel/world.ts'
import { BUSYBOX } from '../kernel/image-world.ts'
import { tar, type Member } from '../kernel/tar-maker.ts'
import { putBy, skip as skipped, skipWithoutSubids, SUBIDS, UID, UserWorld } from './user.ts'

const skip = skipped || (BUSYBOX === undefined && 'there is no static busybox')
const NAME = 'registry.example/app:1'

/** A place of the user's own for images, and commands that have to succeed there. */
class Place implements AsyncDisposable {
  readonly world = new UserWorld()
  readonly directory = this.world.newPlace()
  readonly #env: Record<string, string>

  constructor(env: Record<string, string> = {}) {
    this.#env = { ...env, BOXWRIGHT_DATA: this.at('data'), TMPDIR: this.directory }
    fs.chownSync(this.directory, UID, UID)
  }

  at(name: string): string {
    return join(this.directory, name)
  }

  async said(...words: string[]): Promise<string> {
    return (await this.ran(...words)).stdout
  }

  async ran(...words: string[]): Promise<{ stdout: string; stderr: string }> {
    const { status, stdout, stderr } = await this.world.run(words, { env: this.#env })
    assert.equal(status, 0, `${words.join(' ')}\n${stderr}`)
    return { stdout, stderr }
  }

  async refused(...words: string[]): Promise<string> {
    const { status, stderr } = await this.world.run(words, { env: this.#env })
    assert.equal(status, 125)
    return stderr
  }

  /** @returns to whom it belongs outside, of each file in the snapshots whose path ends so. */
  ownersOf(name: string): number[] {
    const found = (fs.readdirSync(this.at('data/snapshots'), { recursive: true }) as string[]).filter((path) =>
      path.endsWith(name),
    )
    return found.map((path) => fs.lstatSync(join(this.at('data/snapshots'), path)).uid)
  }

  /** As `docker save` writes it. */
  async load(...layers: Member[][]): Promise<void> {
    const tars = layers.map((members) => tar(...members))
    const rootfs = { type: 'layers', diff_ids: tars.map((bytes) => digestOf(bytes)) }
    const config = { architecture: 'amd64', os: 'linux', config: { Env: ['PATH=/bin'], Cmd: ['sh'] }, rootfs }
    const names = tars.map((_, n) => `${n}.tar`)
    const manifest = [{ Config: 'config.json', RepoTags: [NAME], Layers: names }]
    const documents = Object.entries({ config, manifest }).map(([name, value]) => ({
      name: `${name}.json`,
      content: JSON.stringify(value),
    }))
    const archive = tar(...tars.map((content, n) => ({ name: names[n] ?? '', content })), ...documents)
    fs.writeFileSync(this.at('image.tar'), archive)
    await this.said('load', '-i', this.at('image.tar'))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]()
  }
}

const directory = (name: string): Member => ({ name: `${name}/`, type: '5', mode: 0o755 })
const whose = (uid: number): Pick<Member, 'uid' | 'gid'> => ({ uid, gid: uid })

const below = (uid: number): Member[] => [
  directory('bin'),
  { name: 'bin/sh', mode: 0o755, content: fs.readFileSync(BUSYBOX ?? '') },
  { ...directory('d'), ...whose(uid) },
  { name: 'd/mine', content: 'first', mode: 0o640, ...whose(uid) },
  { name: 'd/gone', content: 'x' },
  directory('o'),
  { name: 'o/hidden', content: 'x' },
  { name: 'null', type: '3', device: [1, 3] },
]
const ABOVE: Member[] = [
  { name: 'd/.wh.gone' },
  directory('o'),
  { name: 'o/.wh..wh..opq' },
  { name: 'o/new', content: 'x' },
]

/** The root file system's files; one that only its owner may read; and the words with which it was mounted. */
const LOOK = `echo bin/* d/* o/*; read a < d/mine || echo $a; [ -e null ] || echo no device; echo x > /d/written
  while read a b c d at e; do [ $at != / ] || echo \${e##* - }; done < /proc/self/mountinfo`
const SERVED = `set -e; image=$BOXWRIGHT_REGISTRY/our/app:1; "$0" "$@" push ${NAME} $image; "$0" "$@" image rm ${NAME}; "$0" "$@" gc
  "$0" "$@" pull $image; "$0" "$@" run --rm $image sh -c 'echo bin/* d/* o/*'`

for (const [numbers, why] of [
  ['one number', skip],
  ['numbers put by', skip || skipWithoutSubids],
] as const)
  suite(`images of a user with ${numbers}`, { skip: why }, () => {
    const many = numbers !== 'one number'
    const uid = many ? 1000 : 0

    for (const [driver, mounted] of [
      ['overlay', /^overlay overlay rw,.*userxattr/],
      ['native', /^(?!overlay)/],
    ] as const)
      test(`are unpacked, run, committed, saved and loaded by ${driver}, and nothing of them stays`, async () => {
        putBy(many)
        await using place = new Place({ BOXWRIGHT_SNAPSHOTTER: driver })
        const before = place.world.inventory()
        await place.load(below(uid), ABOVE)
        const { stdout, stderr } = await place.ran('run', '--name', 'box', NAME, 'sh', '-c', LOOK)
        assert.match(stderr, /left out: "null": a device, which no user namespace makes/)
        const [files, ...seen] = stdout.split('\n')
        assert.deepEqual([files, ...seen.slice(0, 2)], ['bin/sh d/mine o/new', 'first', 'no device'])
        assert.match(seen[2] ?? '', mounted)
        assert.deepEqual([...new Set(place.ownersOf('/d/mine'))], [many ? SUBIDS.first + uid - 1 : UID])
        assert.equal(await place.said('image', 'diff', 'box'), 'C /d\nA /d/written\n')
        await place.said('commit', 'box', 'registry.example/app:2')
        await place.said('save', '-o', place.at('saved.tar'), 'registry.example/app:2')
        await place.said('rm', 'box')
        await place.said('image', 'rm', NAME, 'registry.example/app:2')
        await place.said('gc')
        await place.said('fsck')
        assert.deepEqual([...fs.readdirSync(place.at('data/content/blobs/sha256')), ...place.ownersOf('/d/mine')], [])
        await place.said('load', '-i', place.at('saved.tar'))
        const again = await place.said('run', '--rm', 'registry.example/app:2', 'sh', '-c', LOOK)
        assert.equal(again.split('\n')[0], 'bin/sh d/mine d/written o/new')
        assert.deepEqual(place.world.left(before), [])
      })

    test('files are copied into a container that has ended, and out of it', async () => {
      putBy(many)
      await using place = new Place()
      const before = place.world.inventory()
      await place.load(below(uid))
      await place.said('run', '--name', 'box', NAME, 'sh', '-c', 'echo one > /d/one')
      await place.said('cp', 'box:/d/one', place.at('one'))
      assert.deepEqual([fs.readFileSync(place.at('one'), 'utf8'), fs.statSync(place.at('one')).uid], ['one\n', UID])
      await place.said('cp', place.at('one'), 'box:/d/two')
      assert.equal(await place.said('start', '-a', 'box'), '')
      await place.said('cp', 'box:/d', place.at('all'))
      assert.deepEqual(fs.readdirSync(place.at('all')).sort(), ['gone', 'mine', 'one', 'two'])
      await place.said('rm', 'box')
      assert.deepEqual(place.world.left(before), [])
    })

    test('are pushed to a registry of theirs, and pulled from it', async () => {
      putBy(many)
      await using place = new Place()
      await place.load(below(uid), ABOVE)
      const serve = ['registry', 'serve', '--listen', '127.0.0.1:0', '--data', place.at('registry')]
      const said = await place.said(...serve, '--', 'sh', '-c', SERVED, process.execPath, BOXWRIGHT)
      assert.match(said, /^bin\/sh d\/mine o\/new$/m)
      await place.said('fsck')
    })
  })

test(
  'an image with files of somebody else is refused when a user has one number, and nothing of it stays',
  { skip },
  async () => {
    putBy(false)
    await using place = new Place()
    await place.load(below(1000))
    assert.match(
      await place.refused('run', '--rm', NAME),
      /entry "d": it belongs to user 1000, whom .*\n {2}Ask the administrator/,
    )
    await place.said('image', 'rm', NAME)
    await place.said('gc')
    assert.deepEqual(place.ownersOf('/bin/sh'), [])
  },
)
