/** Things by their digest: how they come in, and what is there afterwards. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { digestOf } from '../../src/oci/digest.ts'
import { openStore } from '../../src/content/store.ts'
import { add, present, storeFor } from './store.ts'

const HELLO = digestOf('hello')

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

test('what was written is there by its digest, for all to read, when it is committed and not before', async (t) => {
  const { content, places } = storeFor(t)
  const writer = await content.write('r', { digest: HELLO, size: 5 })
  await writer.write(Buffer.from('hel'))
  await writer.write(Buffer.from('lo'))
  assert.equal(content.info(HELLO), undefined)
  assert.throws(() => content.read(HELLO), { code: 'ENOENT' })
  assert.throws(() => content.bytes(HELLO, 10), { code: 'ENOENT', message: `Cannot read ${HELLO}: it is not there` })
  await writer.commit(HELLO, 5, { a: 'b' })
  assert.equal(content.info(HELLO)?.size, 5)
  assert.deepEqual(content.info(HELLO)?.labels, { a: 'b' })
  assert.equal(String(content.bytes(HELLO, 5)), 'hello')
  assert.equal(await textOf(content.read(HELLO)), 'hello')
  assert.equal(await textOf(content.read(HELLO, { start: 1, end: 3 })), 'el')
  assert.equal(await textOf(content.read(HELLO, { start: 3 })), 'lo')
  assert.match(content.path(HELLO), /content\/blobs\/sha256\/[0-9a-f]{64}$/)
  assert.equal(statSync(content.path(HELLO)).mode & 0o777, 0o444)
  assert.deepEqual(readdirSync(places.ingest), [])
})

test('sha512 is as good, also for whoever says it only at the end', async (t) => {
  const { content } = storeFor(t)
  const digest = digestOf('hello', 'sha512')
  const writer = await content.write('r')
  await writer.write(Buffer.from('hello'))
  await writer.commit(digest)
  assert.equal(String(content.bytes(digest, 5)), 'hello')
})

test('what is not what was asked for is thrown away', async (t) => {
  const { content, places } = storeFor(t)
  const wrong = await content.write('wrong', { digest: HELLO })
  await wrong.write(Buffer.from('hallo'))
  await assert.rejects(
    wrong.commit(HELLO),
    /Cannot keep "wrong": it is sha256:.*, of 5 bytes, and sha256:.* was wanted/,
  )
  const long = await content.write('long', { digest: HELLO, size: 5 })
  await assert.rejects(long.write(Buffer.from('hello!')), /Cannot keep "long": more than 5 bytes have come/)
  await assert.rejects(long.write(Buffer.from('x')), /its writer is closed/)
  assert.deepEqual([...content.walk()], [])
  assert.deepEqual(readdirSync(places.ingest), [])
})

test('what is too short stays, and is gone on with', async (t) => {
  const { content } = storeFor(t)
  const first = await content.write('r', { digest: HELLO, size: 5 })
  await first.write(Buffer.from('hel'))
  await assert.rejects(first.commit(HELLO), /3 bytes have come, and 5 were wanted/)
  const second = await content.write('r', { digest: HELLO, size: 5 })
  assert.equal(second.offset, 3)
  await second.write(Buffer.from('lo'))
  await second.commit(HELLO)
  assert.equal(String(content.bytes(HELLO, 5)), 'hello')
})

test('one begins anew when something else is wanted, or there is more than there should be', async (t) => {
  const { content, places } = storeFor(t)
  const first = await content.write('r', { digest: digestOf('other') })
  await first.write(Buffer.from('oth'))
  await first.close()
  const second = await content.write('r', { digest: HELLO, size: 5 })
  assert.equal(second.offset, 0)
  await second.close()
  writeFileSync(places.part('r'), 'more than five')
  const third = await content.write('r', { digest: HELLO, size: 5 })
  assert.equal(third.offset, 0)
  await third.abort()
  assert.equal(existsSync(places.part('r')), false)
})

test('what is there need not come again, and its writer has nothing left to do', async (t) => {
  const store = storeFor(t)
  await add(store, 'a/b', 'hello')
  const writer = await store.content.write('other', { digest: HELLO, size: 5 })
  assert.equal(writer.offset, 5)
  await assert.rejects(writer.write(Buffer.from('x')), /all of it is there/)
  await writer.commit(HELLO)
  const unknowing = await store.content.write('unknowing')
  await unknowing.write(Buffer.from('hello'))
  await unknowing.commit(HELLO)
  assert.equal(present(store).size, 1)
})

test('one at a time writes to one ref: others wait, or are told', async (t) => {
  const { content } = storeFor(t)
  const first = await content.write('r', { digest: HELLO, size: 5 })
  await assert.rejects(content.write('r', { wait: false }), { code: 'EBUSY', message: /process \d+ is at it/ })
  const waiting = content.write('r', { digest: HELLO, size: 5 })
  await first.write(Buffer.from('hello'))
  await first.commit(HELLO)
  assert.equal((await waiting).offset, 5)
})

test('a writer that was killed has had its turn, and what it wrote is gone on with', async (t) => {
  const { content, directory } = storeFor(t)
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL('writing.ts', import.meta.url)), directory, HELLO],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  await assert.rejects(content.write('r', { digest: HELLO, wait: false }), { code: 'EBUSY' })
  child.kill('SIGKILL')
  await once(child, 'close')
  const writer = await content.write('r', { digest: HELLO, size: 5, wait: false })
  assert.equal(writer.offset, 3)
  await writer.write(Buffer.from('lo'))
  await writer.commit(HELLO)
})

test('a file whose content has changed is never taken for what its name says', async (t) => {
  const store = storeFor(t)
  const { digest } = await add(store, 'a/b', 'x')
  appendFileSync(store.content.path(digest), 'y')
  assert.throws(() => store.content.bytes(digest, 10), { name: 'Damaged' })
  assert.throws(() => store.content.bytes(digest, 1), /it has 2 bytes, and 1 are the most here/)
})

test('another process, or another opening, sees the same', async (t) => {
  const store = storeFor(t)
  using other = openStore(store.directory)
  const { digest } = await add(store, 'a/b', 'x')
  store.images.put('name', { mediaType: 'a/b', digest, size: 1 }, { a: 'b' })
  assert.equal(other.content.info(digest)?.size, 1)
  assert.deepEqual(other.images.get('name')?.labels, { a: 'b' })
  assert.deepEqual(
    other.images.list().map(({ name }) => name),
    ['name'],
  )
  assert.equal(other.images.remove('name'), true)
  assert.equal(other.images.remove('name'), false)
  assert.equal(store.images.get('name'), undefined)
})

test('labels are put, changed and taken away', async (t) => {
  const store = storeFor(t)
  const { digest } = await add(store, 'a/b', 'x')
  store.content.label(digest, { a: '1', b: '2' })
  store.content.label(digest, { a: '', c: '3' })
  assert.deepEqual(store.content.info(digest)?.labels, { b: '2', c: '3' })
  store.content.remove(digest)
  assert.equal(store.content.info(digest), undefined)
})

test('a change that throws has changed nothing', (t) => {
  const { metadata } = storeFor(t)
  const table = metadata.table<number>('x')
  table.put('a', 1)
  assert.throws(() =>
    metadata.change(() => {
      table.put('a', 2)
      assert.equal(table.get('a'), 2)
      metadata.change(() => table.put('b', 3))
      throw new Error('no')
    }),
  )
  assert.deepEqual(table.all(), [{ key: 'a', row: 1 }])
  for (const key of ['', 'x\0y', 'x'.repeat(2000)]) assert.throws(() => table.put(key, 1), RangeError)
})

test('several processes that come to an empty place at once make one store, and each finds there what it has put', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'boxwright-many-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  const program = fileURLToPath(new URL('naming.ts', import.meta.url))
  const children = ['a', 'b', 'c', 'd'].map((who) =>
    spawn(process.execPath, ['--import', 'tsx', program, join(directory, 'store'), who], { stdio: 'inherit' }),
  )
  const ends = await Promise.all(children.map((child) => once(child, 'close')))
  assert.deepEqual(ends.flat(), [0, null, 0, null, 0, null, 0, null])
  using store = openStore(join(directory, 'store'))
  assert.equal(store.images.list().length, 40)
  assert.deepEqual(readdirSync(store.directory).sort(), ['content', 'meta.db', 'meta.db-lock'])
})
