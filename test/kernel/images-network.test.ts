/** Containers of images with a way out, and ports of the machine that lead to them. In a network namespace of the test's own. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { suite, test } from 'node:test'
import { parentOf } from '../../src/kernel/proc.ts'
import { signalProcess } from '../../src/kernel/signal.ts'
import { Containers } from './containers-world.ts'
import * as ground from './network-ground.ts'
import { skipWithoutRoot, until } from './world.ts'

const skip = skipWithoutRoot || ground.enterOwnNetwork()

const WAIT = 'echo up; exec sleep 1000'

class Networked extends Containers {
  constructor() {
    super()
    this.env['CNI_PATH'] = '/nowhere' // plugins of its own
  }

  /** @returns the number of its first process. */
  async with(name: string, ...options: string[]): Promise<number> {
    return this.first(await this.started(name, WAIT, ...options))
  }
}

suite('containers with a network', { skip }, () => {
  test('each port leads to its container, and nothing is left when they have ended', async () => {
    await using world = new Networked()
    const before = ground.state()
    const [one, other] = [await world.with('one', '-p', '8080:80'), await world.with('other', '-p', '8081:80')]
    {
      await using _one = await new ground.Listener(one, 80).listening()
      assert.match(await ground.connect('self', '127.0.0.1', 8080), /^\d+\.\d+\.\d+\.1$/)
      assert.equal(await ground.connect('self', '127.0.0.1', 8081), 'ECONNREFUSED')
    }
    {
      await using _other = await new ground.Listener(other, 80).listening()
      assert.match(await ground.connect('self', '127.0.0.1', 8081), /^\d+\.\d+\.\d+\.1$/)
    }
    await world.said('rm', '-f', 'one', 'other')
    assert.deepEqual(ground.state(), before)
  })

  test('a container is in the network again when it is started again', async () => {
    await using world = new Networked()
    const before = ground.state()
    await world.with('it', '--network', 'bridge')
    await world.said('stop', '-t', '0', 'it')
    assert.deepEqual(ground.state(), before)
    await world.said('start', 'it')
    assert.match(await world.said('exec', 'it', 'cat', '/proc/net/route'), /^eth0\t00000000/m)
    await world.said('kill', 'it')
    await world.run('wait', 'it')
    assert.deepEqual(ground.state(), before)
  })

  test('nothing of a network is left when a container and its monitor were killed, and somebody looks', async () => {
    await using world = new Networked()
    const before = ground.state()
    const pid = await world.with('it', '-p', '8080:80')
    const monitor = parentOf(pid) ?? 0
    for (const victim of [monitor, pid]) signalProcess(victim, 'SIGKILL') // the second dies with the first
    await until('both to be gone', () => [monitor, pid].every((one) => !fs.existsSync(`/proc/${one}`)))
    assert.notDeepEqual(ground.state(), before)
    assert.match(await world.said('ps'), /dead/)
    assert.deepEqual(ground.state(), before)
  })

  test('a command that is waited for reaches the machine by its way out, and is refused a port that is taken', async () => {
    await using world = new Networked()
    const before = ground.state()
    const words = ['--rm', '--network', 'bridge', 'boxwright/base', 'cut', '-f', '3', '/proc/net/route']
    assert.match(await world.said('run', ...words), /^Gateway \n[0-9A-F]{6}0A\n/)
    await world.with('it', '-p', '8080:80')
    const { status, stderr } = await world.run('run', '--rm', '-p', '8080:81', 'boxwright/base', 'true')
    assert.equal(status, 125)
    assert.match(stderr, /Cannot publish port 8080: it leads to .* already/)
    await world.said('rm', '-f', 'it')
    assert.deepEqual(ground.state(), before)
  })
})
