/** umoci makes a bundle of an image, and the runtime is told to run it: nobody is in between. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { before, suite, test } from 'node:test'
import { until } from '../kernel/until.ts'
import { makeRootfs, ran, RUNTIME, said } from './ground.ts'
import { enterMachine } from './machine.ts'

const skip = enterMachine(import.meta.filename, [RUNTIME, 'umoci', 'unshare'])

const LAYOUT = '/tmp/layout'
const umoci = (...words: string[]): string[] => ['umoci', ...words]

interface Config {
  process: { args: string[]; terminal?: boolean; rlimits?: unknown[] }
}

/** An unpacked image; its command as given, and with no terminal, since there is none. */
async function bundle(args: readonly string[], ...options: string[]): Promise<string> {
  const directory = fs.mkdtempSync('/tmp/bundle-')
  await said(umoci('unpack', ...options, '--image', `${LAYOUT}:small`, directory))
  const file = join(directory, 'config.json')
  const config = JSON.parse(fs.readFileSync(file, 'utf8')) as Config
  config.process = { ...config.process, args: [...args], terminal: false }
  fs.writeFileSync(file, JSON.stringify(config))
  return directory
}

suite('umoci', { skip }, () => {
  before(async () => {
    await said(umoci('init', '--layout', LAYOUT))
    await said(umoci('new', '--image', `${LAYOUT}:small`))
    await said(umoci('insert', '--image', `${LAYOUT}:small`, makeRootfs('/tmp/rootfs'), '/'))
    const told = ['--config.env', 'PATH=/bin', '--config.user', '1000:1000', '--config.workingdir', '/tmp']
    await said(umoci('config', '--image', `${LAYOUT}:small`, ...told, '--config.cmd', 'sh'))
  })

  test('a bundle of umoci runs as its image says when the runtime is given it', async () => {
    const directory = await bundle(['sh', '-c', 'id -u; pwd; echo $PATH; hostname; exit 9'])
    const { status, stdout, stderr } = await ran([RUNTIME, 'run', '--bundle', directory, 'small'])
    assert.deepEqual([status, stdout, stderr], [9, '1000\n/tmp\n/bin\numoci-default\n', ''])
    assert.doesNotMatch(await said([RUNTIME, 'list', '--quiet']), /small/)
  })

  test('a bundle of umoci is created, started and deleted when each is asked for', async () => {
    const directory = await bundle(['sh', '-c', 'echo "$$" >/tmp/started; exec sleep 1000'])
    const started = join(directory, 'rootfs/tmp/started')
    await said(['sh', '-c', '"$@" </dev/null >/dev/null 2>&1', 'sh', RUNTIME, 'create', '--bundle', directory, 'steps'])
    assert.match(await said([RUNTIME, 'state', 'steps']), /"status": "created"/)
    assert.ok(!fs.existsSync(started))
    await said([RUNTIME, 'start', 'steps'])
    assert.match(await said([RUNTIME, 'state', 'steps']), /"status": "running"/)
    await until('its word', () => fs.existsSync(started) && fs.readFileSync(started, 'utf8') === '1\n')
    assert.equal(await said([RUNTIME, 'exec', 'steps', 'cat', '/tmp/started']), '1')
    const refused = await ran([RUNTIME, 'delete', 'steps'])
    assert.notEqual(refused.status, 0, 'what runs is deleted by force only')
    await said([RUNTIME, 'delete', '--force', 'steps'])
    assert.doesNotMatch(await said([RUNTIME, 'list', '--quiet']), /steps/)
  })

  test('what a container has written is a layer when umoci packs its bundle again', async () => {
    const directory = await bundle(['sh', '-c', 'echo kept >/tmp/note'])
    assert.equal((await ran([RUNTIME, 'run', '--bundle', directory, 'writer'])).status, 0)
    await said(umoci('repack', '--image', `${LAYOUT}:more`, directory))
    const again = fs.mkdtempSync('/tmp/again-')
    await said(umoci('unpack', '--image', `${LAYOUT}:more`, again))
    assert.equal(fs.readFileSync(join(again, 'rootfs/tmp/note'), 'utf8'), 'kept\n')
  })
})
