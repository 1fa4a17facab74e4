/** Who loads no FFI: what is privileged goes through native/ there. Read from what esbuild would bundle of them, in which no type is left. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'

const repository = join(import.meta.dirname, '../..')

async function filesOf(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(repository, entry)],
    absWorkingDir: repository,
    bundle: true,
    format: 'esm',
    logLevel: 'silent',
    metafile: true,
    packages: 'external',
    platform: 'node',
    write: false,
  })
  return Object.keys(metafile.inputs)
}

for (const [who, entry] of [
  ['the runtime', 'src/cli/runc/main.ts'],
  ['a process that makes many boxes', 'src/launch/whole.ts'],
  ['a container of an image', 'src/engine/run.ts'],
] as const)
  test(`${who} loads no FFI when it is started`, async () => {
    const files = await filesOf(entry)
    assert.ok(files.includes(entry))
    assert.ok(!files.includes('src/kernel/libc.ts'))
  })

test('the launcher of the first lessons loads FFI', async () => {
  assert.ok((await filesOf('src/launch/inline.ts')).includes('src/kernel/libc.ts'))
})
