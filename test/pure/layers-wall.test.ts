/** The wall of lesson 11 as a table: what is to be mounted goes in, and steps come out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layers } from '../../src/box/layers.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { machines } from './machines.ts'

const spec = defaultSpec({ id: 'stands', rootfs: '/root/of/box', args: ['true'] })
const overlay = { type: 'overlay', source: 'overlay', options: ['lowerdir=/b:/a', 'upperdir=/u', 'workdir=/w'] }
const PRIVATE = ['mount', 'none', '/', '']

for (const [what, mounts, expected] of [
  [
    'layers are laid over each other where the root is',
    [overlay],
    [PRIVATE, ['mount', 'overlay', '/root/of/box', 'overlay']],
  ],
  [
    'a single directory is bound there',
    [{ type: 'bind', source: '/one', options: [] }],
    [PRIVATE, ['mount', '/one', '/root/of/box', '']],
  ],
  ['nothing is mounted there when there is nothing to mount', [], [PRIVATE]],
] as const)
  test(what, () => {
    for (const machine of Object.values(machines)) {
      const steps = layers([...mounts].map((mount) => ({ ...mount, options: [...mount.options] }))).steps(spec, machine)
      assert.deepEqual(
        steps.map(({ call, args }) => [call, ...args.slice(0, 3)]),
        expected,
      )
    }
  })
