/** Memory that the collector does not see. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countGarbage } from '../../src/kernel/garbage.ts'

test('a gigabyte comes and goes in a tenth of it when its chunks are counted', () => {
  let most = 0
  for (let n = 0; n < 16_384; n++) {
    countGarbage(Buffer.alloc(65_536, n).length)
    most = Math.max(most, process.memoryUsage().arrayBuffers)
  }
  assert.ok(most < 100 << 20, `${most} bytes`)
})
