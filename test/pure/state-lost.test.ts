/** What a loss of power leaves of a container whose state is kept on a disk. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { load, StateLost } from '../../src/runtime/container.ts'
import { deleteContainer } from '../../src/runtime/delete.ts'
import { list } from '../../src/runtime/list.ts'

const root = mkdtempSync(join(tmpdir(), 'boxwright-lost-'))
after(() => rmSync(root, { recursive: true }))
const settings = { root, systemdCgroup: false, rootless: 'auto' } as const

for (const [what, text] of Object.entries({ 'is empty': '', 'holds nothing but zeros': '\0\0\0' }))
  test(`a container can be deleted by force when its state ${what}`, () => {
    mkdirSync(join(root, 'lost'))
    writeFileSync(join(root, 'lost', 'state.json'), text)
    assert.throws(() => load(settings, 'lost'), StateLost)
    assert.throws(() => deleteContainer(settings, 'lost'), /delete --force lost/)
    assert.deepEqual(list(settings), [])
    deleteContainer(settings, 'lost', { force: true })
    assert.ok(!existsSync(join(root, 'lost')))
  })
