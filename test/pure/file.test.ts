/** Files that may not be there, or not be ours; and one that is read while it is written. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  firstBytes,
  mayAccess,
  readOrEmpty,
  removeDrafts,
  removeEmpty,
  replaceFile,
  writeAll,
} from '../../src/kernel/file.ts'

const place = fs.mkdtempSync(join(tmpdir(), 'boxwright-file-'))
after(() => fs.rmSync(place, { recursive: true }))

test('a file that is not there is empty when it is read, and nobody may do anything with it', () => {
  const missing = join(place, 'missing')
  assert.equal(readOrEmpty(missing), '')
  assert.throws(() => readOrEmpty(place), { code: 'EISDIR' })
  assert.equal(mayAccess(missing, fs.constants.R_OK), false)
  assert.equal(mayAccess(place, fs.constants.X_OK), true)
})

test('a file is replaced whole, with its mode, and nothing is left beside it', () => {
  const file = join(place, 'file')
  for (const text of ['one', 'another']) {
    replaceFile(file, text)
    assert.equal(readOrEmpty(file), text)
  }
  assert.equal(fs.statSync(file).mode & 0o777, 0o600)
  assert.deepEqual(fs.readdirSync(place), ['file'])
})

test('a file that cannot be replaced is what it was, and nothing is left beside it', () => {
  const directory = join(place, 'directory')
  fs.mkdirSync(join(directory, 'full'), { recursive: true })
  assert.throws(() => replaceFile(directory, 'text'), { code: 'EISDIR' })
  assert.deepEqual(fs.readdirSync(place).sort(), ['directory', 'file'])
})

test('bytes stand where they were to be when they are written, and a short file gives what it has', () => {
  const written = join(place, 'written')
  const file = fs.openSync(written, 'w')
  writeAll(file, Buffer.from('one two'))
  writeAll(file, Buffer.from('TWO'), 4)
  writeAll(file, Buffer.from(', three'))
  fs.closeSync(file)
  assert.equal(readOrEmpty(written), 'one TWO, three')
  assert.equal(firstBytes(written, 3).toString(), 'one')
  assert.equal(firstBytes(written, 100).toString(), 'one TWO, three')
})

test('drafts go when their writer has, and a directory goes when it is empty', () => {
  const directory = join(place, 'drafts')
  const { pid } = spawnSync('true')
  fs.mkdirSync(directory)
  for (const name of [`page.json.${pid}`, `page.json.${process.pid}`, `page.${pid}`, 'page.json'])
    fs.writeFileSync(join(directory, name), '')
  removeDrafts(directory)
  assert.deepEqual(fs.readdirSync(directory).sort(), [`page.${pid}`, 'page.json', `page.json.${process.pid}`].sort())
  removeEmpty(directory)
  for (const name of fs.readdirSync(directory)) fs.rmSync(join(directory, name))
  for (const _ of ['there', 'not there']) removeEmpty(directory)
  removeDrafts(directory)
  assert.ok(!fs.existsSync(directory))
  assert.throws(() => removeEmpty(join(place, 'file')), { code: 'ENOTDIR' })
})
