/** `boxwright registry serve`: for as long as something else runs, or until a signal comes; and what is there when it is started again. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { ask, begin, filesIn, upload } from './registry-asked.ts'
import { describe, directory, registry } from './registry-ground.ts'

const COMMAND = ['--import', 'tsx', 'src/cli/main.ts', 'registry', 'serve']

const serveWhile = (t: TestContext, ...words: string[]) =>
  spawnSync(process.execPath, [...COMMAND, '--listen', '127.0.0.1:0', '--data', directory(t), '--', ...words], {
    encoding: 'utf8',
  })

const ASK = `
const { BOXWRIGHT_REGISTRY: address } = process.env
fetch('http://' + address + '/v2/').then(({ status }) => { console.log(status, process.argv[1]); process.exit(7) })`

test('a registry is there as long as a command runs, which is told where, and ends as that does', (t) => {
  const { status, stdout, stderr } = serveWhile(t, process.execPath, '-e', ASK, '--', '--007')
  assert.deepEqual([status, stdout, stderr], [7, '200 --007\n', ''])
})

test('a registry is an error in words when it is to be there for what cannot be run', (t) => {
  const { status, stderr } = serveWhile(t, '/no/such/command')
  assert.equal(status, 125)
  assert.match(stderr, /^boxwright: Cannot run "\/no\/such\/command": .*ENOENT/)
})

suite('boxwright registry serve', () => {
  const serving = async (t: TestContext, place: string): Promise<{ child: ChildProcess; host: string }> => {
    const child = spawn(process.execPath, [...COMMAND, '--listen', '127.0.0.1:0', '--data', place])
    t.after(() => child.kill('SIGKILL'))
    const [line] = (await once(child.stderr, 'data')) as [Buffer]
    return { child, host: /127\.0\.0\.1:\d+/.exec(line.toString())?.[0] ?? '' }
  }

  for (const [signal, ended] of [
    ['SIGINT', [0, null]],
    ['SIGKILL', [null, 'SIGKILL']],
  ] as const)
    test(`keeps what was pushed, and goes on with what has begun, when it is started again after ${signal}`, async (t) => {
      const place = directory(t)
      const { child, host } = await serving(t, place)
      await upload(host, 'kept')
      const location = await begin(host)
      await ask(host, 'PATCH', location, { body: '0123' })
      child.kill(signal)
      assert.deepEqual(await once(child, 'exit'), ended)
      const again = await registry(t, { directory: place })
      assert.equal((await ask(again, 'GET', `/v2/team/app/blobs/${describe('kept').digest}`)).text, 'kept')
      assert.equal((await ask(again, 'GET', location.replace('team/app', 'other'))).status, 404)
      assert.equal((await ask(again, 'GET', location)).headers['range'], '0-3')
      const piece = { headers: { 'content-range': '4-5' }, body: '45' }
      assert.equal((await ask(again, 'PATCH', location, piece)).headers['range'], '0-5')
      const { digest } = describe('01234567')
      const last = { headers: { 'content-range': '6-7' }, body: '67' }
      assert.equal((await ask(again, 'PUT', `${location}?digest=${digest}`, last)).status, 201)
      assert.equal((await ask(again, 'GET', `/v2/team/app/blobs/${digest}`)).text, '01234567')
      assert.deepEqual([...fs.readdirSync(join(place, 'uploads')), ...filesIn(join(place, 'content/ingest'))], [])
    })

  for (const [listen, error] of [
    ['nowhere', /Cannot listen on "nowhere": it is not an address, a colon and a port/],
    ['127.0.0.1:99999', /it is not an address, a colon and a port/],
    ['192.0.2.1:5000', /Cannot listen on "192.0.2.1:5000": .*EADDRNOTAVAIL/],
  ] as const)
    test(`is an error in words when it is to listen on ${listen}`, (t) => {
      const words = [...COMMAND, '--listen', listen, '--data', directory(t)]
      const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
      assert.equal(status, 125)
      assert.match(stderr, error)
    })
})
