/** Random layers, one upon the other: unpacked into one tree, stacked by overlay, and written again from the trees, they are what a simple model says. */
import { test } from 'node:test'
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { MNT_DETACH, MS_RDONLY } from '../../src/kernel/constants.ts'
import { calls } from '../../src/kernel/libc.ts'
import { applyLayer } from '../../src/layer/apply.ts'
import { diffTrees } from '../../src/layer/diff.ts'
import { seeded } from '../pure/random.ts'
import { emptyModel, LayerMaker, pictureOfModel } from './layer-model.ts'
import { openGround, pictureOf, TAR } from './layer-world.ts'
import { tar } from './tar-maker.ts'
import { skipWithoutRoot } from './world.ts'

test(
  'random layers make the tree that the model has when they are unpacked, stacked and written again',
  { skip: skipWithoutRoot },
  async (t) => {
    const random = seeded(t)
    for (let round = 0; round < 4; round++) {
      const model = emptyModel()
      const layers = Array.from({ length: 3 }, () => tar(...new LayerMaker(model, random).members))
      using place = openPlace()
      await Promise.all([place.unpack(layers), place.stack(layers)])
      const expected = pictureOfModel(model)
      assert.deepEqual(pictureOf(place.at('plain')), expected, `unpacked, round ${round}`)
      assert.deepEqual(pictureOf(place.at('merged')), expected, `stacked, round ${round}`)
      await place.writeAgain(layers.length)
      assert.deepEqual(pictureOf(place.at('again')), expected, `written again, round ${round}`)
    }
  },
)

interface Place extends Disposable {
  at(name: string): string
  /** All into one tree; each state of it is kept. */
  unpack(layers: readonly Buffer[]): Promise<void>
  /** Each into a directory of its own, and overlay makes one of them. */
  stack(layers: readonly Buffer[]): Promise<void>
  /** The differences from state to state, unpacked one upon the other. */
  writeAgain(count: number): Promise<void>
}

function openPlace(): Place {
  const ground = openGround()
  calls.mount('tmpfs', ground.root, 'tmpfs', 0, 'mode=700')
  const at = (name: string): string => {
    fs.mkdirSync(join(ground.root, name), { recursive: true })
    return join(ground.root, name)
  }
  const apply = (layer: Buffer, target: string, overlay = false): Promise<unknown> =>
    applyLayer(Readable.from([layer]), TAR, target, { overlay })
  return {
    at,
    unpack: async (layers) => {
      for (const [n, layer] of layers.entries()) {
        await apply(layer, at('plain'))
        await copyTree(at('plain'), at(`state${n}`))
      }
    },
    stack: async (layers) => {
      for (const [n, layer] of layers.entries()) await apply(layer, at(`layer${n}`), true)
      const lower = layers.map((_, n) => at(`layer${n}`)).reverse()
      calls.mount('overlay', at('merged'), 'overlay', MS_RDONLY, `lowerdir=${lower.join(':')}`)
    },
    writeAgain: async (count) => {
      for (let n = 0; n < count; n++)
        await throughLayer(n === 0 ? undefined : at(`state${n - 1}`), at(`state${n}`), (layer) =>
          applyLayer(layer, TAR, at('again')),
        )
    },
    [Symbol.dispose]: () => {
      calls.umount2(ground.root, MNT_DETACH)
      ground[Symbol.dispose]()
    },
  }
}

const copyTree = (from: string, to: string): Promise<void> =>
  throughLayer(undefined, from, (layer) => applyLayer(layer, TAR, to))

async function throughLayer(
  lower: string | undefined,
  upper: string,
  take: (layer: Readable) => Promise<unknown>,
): Promise<void> {
  const out = new PassThrough()
  await Promise.all([take(out), diffTrees(lower, upper, out)])
}
