/** A second Node, which has to read the same files as this one. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { loaders } from '../../src/kernel/loaders.ts'

test('a Node with our loaders reads our files', () => {
  const file = new URL('../../src/kernel/error.ts', import.meta.url).href
  const { status, stderr } = spawnSync(process.execPath, [...loaders(), '-e', `import('${file}')`], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr)
})
