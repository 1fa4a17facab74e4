/** That everything is measured which the bench says it measures. What comes out is nobody's condition. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { built } from '../../src/launch/addon.ts'
import { skipWithoutRoot, World } from './world.ts'

const BENCH = join(import.meta.dirname, '../bench/bench.ts')
const options = { skip: skipWithoutRoot || (!existsSync(built('launch')) && 'the native launcher is not built') }

interface Measured {
  native: {
    networked: Record<string, { median: number }>
    hundred: Record<string, { median: number }>
    monitor: { processes: number; kibibytes: number }
    steps: { microseconds: number }[]
  }
}

test('each program has made its box, and nothing is left, when the bench has run once', options, async (t) => {
  await using world = new World()
  const before = world.inventory()
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', BENCH, 'native', '--runs', '1', '--json'],
    { encoding: 'utf8' },
  )
  assert.deepEqual([status, stderr], [0, ''])
  const { networked, hundred, monitor, steps } = (JSON.parse(stdout) as Measured).native
  const missing = ['bwrap', 'crun'].filter((peer) => !existsSync(`/usr/bin/${peer}`))
  if (missing.length > 0) t.diagnostic(`not compared, since this machine has none: ${missing.join(', ')}`)
  assert.equal(Object.keys(networked).length, 4 - missing.length)
  assert.ok([...Object.values(networked), ...Object.values(hundred)].every(({ median }) => median > 0))
  assert.ok(steps.length > 30 && steps.every(({ microseconds }) => microseconds >= 0))
  assert.equal(monitor.processes, 1)
  t.diagnostic(`resident: ${monitor.kibibytes} KiB`)
  assert.deepEqual(world.left(before), [])
})
