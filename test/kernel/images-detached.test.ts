/** Containers that are left alone: they run when nobody sits there any more, and what became of them is known afterwards. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { allPids, parentOf } from '../../src/kernel/proc.ts'
import { Containers } from './containers-world.ts'
import { COMMAND, skipWithoutTools, tools } from './image-world.ts'
import { until } from './until.ts'

const skip = process.geteuid?.() !== 0 ? 'only root' : false

/** Says that it is there, and ends with 4 when it is asked to by that signal. */
const patient = (signal = 'TERM'): string =>
  `trap "echo bye; exit 4" ${signal}; echo up; echo wrong >&2; while :; do sleep 0.05; done`

suite('containers that are left alone', { skip }, () => {
  test('a container runs, and is told of, when nobody waits for it', async () => {
    await using world = new Containers()
    const id = await world.started('web', patient())
    assert.match(id, /^[0-9a-f]{12}$/)
    assert.equal(await world.status('web'), 'running')
    assert.match(await world.said('ps'), /up \d+ seconds?/)
    const { status, stdout } = await world.run(
      'exec',
      '-e',
      'A=a',
      '-w',
      '/tmp',
      'web',
      'sh',
      '-c',
      'echo $A $PWD; exit 9',
    )
    assert.deepEqual([status, stdout], [9, 'a /tmp\n'])
    assert.equal((await world.run('exec', 'web', 'nonexistent')).status, 127)
    const { stdout: out, stderr: err } = await world.run('logs', 'web')
    assert.deepEqual([out, err], ['up\n', 'wrong\n'])
    assert.equal(await world.said('stop', 'web'), 'web\n')
    assert.equal(await world.status('web'), 'exited 4')
    assert.match(await world.said('ps'), /exited \(4\) \d+ seconds? ago/)
    assert.equal(await world.said('wait', 'web'), '4\n')
    assert.deepEqual(world.left(), [])
  })

  test('a container goes on where it was when it is started again', async () => {
    await using world = new Containers()
    await world.started('web', 'echo up; echo x >> /count; wc -l < /count; exit 5')
    await world.said('wait', 'web')
    await world.said('start', 'web')
    assert.equal(await world.said('wait', 'web'), '5\n')
    assert.equal((await world.said('logs', 'web')).replaceAll(' ', ''), 'up\n1\nup\n2\n')
    const { status, stdout } = await world.run('start', '-a', 'web')
    assert.deepEqual([status, stdout.replaceAll(' ', '')], [5, 'up\n3\n'])
  })

  test('logs that are followed end with the container', async () => {
    await using world = new Containers()
    await world.started('web', 'echo up; sleep 1; echo later; sleep 1; printf end')
    assert.equal(await world.said('logs', '-f', 'web'), 'up\nlater\nend')
    assert.match(await world.said('logs', '-t', 'web'), /^\d{4}-\d\d-\d\dT[\d:.]+Z up$/m)
  })

  test('nothing is left of a container when it was to go with its end', async () => {
    await using world = new Containers()
    const id = await world.started('web', patient(), '--rm')
    await world.said('kill', '-s', 'TERM', 'web')
    const directory = join(world.directory, 'data/containers', id)
    await until('its end', async () => (await world.status('web')) === 'none' && !fs.existsSync(directory))
    assert.deepEqual(world.left(), [])
  })

  test('a container is removed, and makes room, when the disk is full to the last byte', async () => {
    await using world = new Containers()
    const data = world.env['BOXWRIGHT_DATA'] ?? ''
    fs.mkdirSync(data)
    const script = `set -e; mount -t tmpfs -o size=64m none "$1"
      "$0" run --name it boxwright/base sh -c 'echo x > /written'
      cat /dev/zero 2>&1 > "$1/filler" || "$0" rm it; "$0" ps -q`
    const { status, stdout, stderr } = await world.program('unshare', ['-m', 'sh', '-c', script, COMMAND, data])
    assert.equal(status, 0, stderr)
    assert.match(stdout, /No space left on device\nit\n$/)
  })

  test('its monitor is small, and has neither our streams nor our session', async () => {
    await using world = new Containers()
    const monitor = world.monitor(await world.started('web', patient()))
    assert.deepEqual(
      [0, 1, 2].map((fd) => fs.readlinkSync(`/proc/${monitor}/fd/${fd}`)),
      Array(3).fill('/dev/null'),
    )
    const stat = fs
      .readFileSync(`/proc/${monitor}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    assert.equal(Number(stat[3]), monitor, 'it leads a session')
    const kilobytes = Number(/^VmRSS:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${monitor}/status`, 'utf8'))?.[1])
    assert.ok(kilobytes < 1024, `${kilobytes} kB`)
  })

  test('a container is dead, and never running, when its monitor was killed', async () => {
    await using world = new Containers()
    const id = await world.started('web', patient())
    const monitor = world.monitor(id)
    process.kill(monitor, 'SIGKILL')
    await until('the end of both', () => !allPids().some((pid) => pid === monitor || parentOf(pid) === monitor))
    await until('its end', async () => (await world.status('web')) !== 'running')
    assert.equal(await world.status('web'), 'dead')
    assert.equal(await world.said('wait', 'web'), 'dead\n')
    assert.deepEqual(world.left(), [])
    await world.said('start', 'web')
    assert.equal(await world.status('web'), 'running')
  })

  test('a container is dead, and never running, when the machine has started anew', async () => {
    await using world = new Containers()
    const id = await world.started('web', patient())
    const monitor = world.monitor(id)
    process.kill(monitor, 'SIGKILL')
    await until('its end', async () => (await world.status('web')) === 'dead' && world.left().length === 0)
    fs.rmSync(world.env['BOXWRIGHT_RUN'] ?? '', { recursive: true })
    const file = join(world.directory, 'data/containers', id, 'begun.json')
    const begun = JSON.parse(fs.readFileSync(file, 'utf8')) as { maker: { boot: string; pid: number } }
    begun.maker = { ...begun.maker, boot: 'another', pid: process.pid }
    fs.writeFileSync(file, JSON.stringify(begun))
    assert.equal(await world.status('web'), 'dead')
  })

  test('a signal that has ended a container is its status: 128 and its number', async () => {
    await using world = new Containers()
    await world.started('web', patient())
    await world.said('kill', 'web')
    assert.equal(await world.said('wait', 'web'), '137\n')
    const { status, stderr } = await world.run('kill', 'web')
    assert.equal(status, 125)
    assert.match(stderr, /it does not run/)
  })

  test('stop sends what the image says', { skip: skipWithoutTools }, async () => {
    await using world = new Containers()
    const files = { ...tools(), 'bin/sleep': '→sh' }
    await world.said('load', '-i', await world.archive('test:1', { StopSignal: 'SIGUSR1', Env: ['PATH=/bin'] }, files))
    await world.said('run', '-d', '--name', 'web', 'test:1', '/bin/sh', '-c', patient('USR1'))
    await until('its first words', async () => (await world.run('logs', 'web')).stdout.includes('up'))
    await world.said('stop', 'web')
    assert.equal(await world.status('web'), 'exited 4')
  })

  test('stop kills who does not listen: at once who cannot, and when the time is up who will not', async () => {
    await using world = new Containers()
    await world.started('deaf', 'echo up; exec sleep 1000')
    await world.started('stubborn', 'trap "echo no" TERM; echo up; while :; do sleep 0.05; done')
    await world.said('stop', '--time', '1000000', 'deaf')
    await world.said('stop', '--time', '1', 'stubborn')
    assert.deepEqual([await world.status('deaf'), await world.status('stubborn')], ['exited 137', 'exited 137'])
    assert.match(await world.said('logs', 'stubborn'), /no/)
  })

  test('a container that runs is removed by force alone', async () => {
    await using world = new Containers()
    await world.started('web', patient())
    const { status, stderr } = await world.run('rm', 'web')
    assert.equal(status, 125)
    assert.match(stderr, /it runs\n {2}Stop it first/)
    assert.equal(await world.status('web'), 'running')
    await world.said('rm', '-f', 'web')
    assert.equal(await world.status('web'), 'none')
  })

  test('a container is not left alone when its command cannot be run, nor without root', async () => {
    await using world = new Containers()
    const { status, stdout } = await world.run('run', '-d', '--name', 'web', 'boxwright/base', 'nonexistent')
    assert.deepEqual([status, stdout], [127, ''])
    assert.equal(await world.status('web'), 'created')
    const bare = [process.execPath, join(import.meta.dirname, '../../src/cli/boxwright.mjs')]
    const somebody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', ...bare]
    const refused = await world.program('setpriv', [...somebody, 'run', '-d', 'boxwright/base', 'true'])
    assert.equal(refused.status, 125)
    assert.match(refused.stderr, /without root it ends with the command/)
  })
})
