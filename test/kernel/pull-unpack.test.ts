/** An image is unpacked while it comes: what waits for what, what is left when something is wrong with it, and that it is the same tree. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { digestOf } from '../../src/oci/digest.ts'
import { openPullWorld, served } from './pull-world.ts'
import { probedDrivers } from './snapshot-world.ts'
import { tar } from './tar-maker.ts'
import { until } from './until.ts'

const drivers = await probedDrivers()
const skipOf = (wanted: string): string | false => drivers.find(({ driver }) => driver.name === wanted)?.skip ?? false
const skip = skipOf('overlay')

const directory = (name: string) => ({ name, type: '5', mode: 0o755 })
const layerWith = (name: string): Buffer => tar(directory('d'), { name: `d/${name}`, content: name })
const THREE = ['a', 'b', 'c'].map(layerWith)

for (const { driver, skip } of drivers)
  test(`a layer is unpacked before a later one has come when ${driver.name} keeps it`, { skip }, async (t) => {
    const world = await openPullWorld(t, driver.name)
    const first: string[] = []
    const server = await served(t, { layers: THREE }, async (n) => {
      if (n < 2) return
      await until('the first of them', () => first.some((name) => world.committed().includes(name)))
    })
    first.push(...server.chain.slice(0, 1))
    await world.pull(server.host)
    assert.deepEqual(world.committed().sort(), [...server.chain].sort())
    assert.deepEqual(world.active(), [])
  })

test(
  'a layer is unpacked before those below it have come when snapshots are laid over each other',
  { skip },
  async (t) => {
    const world = await openPullWorld(t, 'overlay')
    const { snapshots } = world.stores
    const unpacked = (): boolean =>
      world.active().some((key) => existsSync(join(snapshots.writing(key).directory, 'd/c')))
    const server = await served(t, { layers: THREE }, async (n) => {
      if (n !== 2) await until('the last of them', unpacked)
    })
    await world.pull(server.host)
    assert.deepEqual(world.committed().sort(), [...server.chain].sort())
  },
)

/** What each of them says needs what is below: a directory it does not bring, a link out of one, something that is gone. */
const LEANING = [
  [
    directory('./'),
    directory('usr'),
    directory('usr/lib'),
    { name: 'usr/lib/x', content: 'x', mode: 0o600 },
    { name: 'lib', type: '2', linkname: 'usr/lib' },
  ],
  [{ name: 'lib/y', content: 'y' }],
  [{ name: 'hard', type: '1', linkname: 'usr/lib/x' }],
  [directory('usr'), { name: 'usr/.wh.lib' }],
  [directory('new'), { name: 'new/.wh.never', content: '' }],
]

test(
  'the tree is the same when layers that need what is below are laid over each other, and when they are copied',
  { skip },
  async (t) => {
    const server = await served(t, { layers: LEANING.map((members) => tar(...members)) })
    const pictures = []
    for (const snapshotter of ['native', 'overlay']) {
      const world = await openPullWorld(t, snapshotter)
      await world.pull(server.host)
      pictures.push(server.chain.slice(1).map((chain) => world.picture(chain)))
    }
    const [copied, laid] = pictures
    assert.deepEqual(Object.keys(copied?.at(-1) ?? {}), ['', 'hard', 'lib', 'new', 'usr'])
    assert.deepEqual(laid, copied)
  },
)

test('nothing is left when a layer in the middle unpacks to something else', { skip }, async (t) => {
  const world = await openPullWorld(t, 'overlay')
  const diffIds = THREE.map((layer, n) => digestOf(n === 1 ? 'something else' : layer))
  const server = await served(t, { layers: THREE, diffIds })
  await assert.rejects(world.pull(server.host), /it unpacks to sha256:.* and the image says/)
  assert.deepEqual(world.active(), [])
  assert.ok(world.committed().every((name) => name === server.chain[0]))
  assert.deepEqual(world.left(), { blobs: 0, snapshots: [], images: 0 })
})

test('nothing is left when a layer in the middle is another than was asked for', { skip }, async (t) => {
  const world = await openPullWorld(t, 'overlay')
  const spoilt = THREE.map((layer) => Buffer.from(layer))
  const server = await served(t, { layers: spoilt, diffIds: THREE.map((layer) => digestOf(layer)) })
  spoilt[1]?.fill('z', 512, 513)
  await assert.rejects(world.pull(server.host), /the bytes that came are others/)
  assert.deepEqual(world.active(), [])
  assert.deepEqual(world.left(), { blobs: 0, snapshots: [], images: 0 })
})

test('only what is new is asked for when an image shares layers with one that is here', { skip }, async (t) => {
  const world = await openPullWorld(t, 'overlay')
  const one = await served(t, { layers: THREE })
  await world.pull(one.host)
  assert.deepEqual(one.asked(), [0, 1, 2])
  const other = await served(t, { layers: [...THREE.slice(0, 2), layerWith('new')] })
  await world.pull(other.host)
  assert.deepEqual(other.asked(), [2])
  await world.pull(one.host)
  assert.deepEqual(one.asked(), [0, 1, 2])
})
