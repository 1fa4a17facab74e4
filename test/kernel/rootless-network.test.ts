/** A way out without root: by pasta or slirp4netns. The machine, its neighbour and its /dev/net/tun are the test's own. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { S_IFCHR } from '../../src/kernel/constants.ts'
import { calls } from '../../src/kernel/libc.ts'
import { route } from '../../src/kernel/netlink-socket.ts'
import { newRoute } from '../../src/kernel/rtnetlink.ts'
import * as ground from './network-ground.ts'
import { skipWithoutRoot, until, World } from './world.ts'

const SOMEBODY = 1000
const TUN = (10 << 8) | 200

const skip = skipWithoutRoot || ground.enterOwnNetwork() || everybodysTun()

/** Where it is root's alone: another one, in this test's mount namespace. */
function everybodysTun(): string | false {
  try {
    calls.mount('none', '/dev/net', 'tmpfs', 0, 'mode=755')
    calls.mknod('/dev/net/tun', S_IFCHR | 0o666, TUN)
    fs.chmodSync('/dev/net/tun', 0o666)
    return false
  } catch (error) {
    return `there is no /dev/net here: ${(error as Error).message}`
  }
}

const PROGRAMS = ['pasta', 'slirp4netns'].map((name) => {
  const file = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim()
  return [name, skip || (file ? false : `there is no ${name}`)] as const
})

/** Gives a directory to somebody, and lets them get there. @returns its path. */
function theirs(directory: string): string {
  spawnSync('chown', ['-R', `${SOMEBODY}:${SOMEBODY}`, directory])
  fs.chmodSync(dirname(directory), 0o755)
  return directory
}

/** A PATH in which there is only one of the two. */
function pathWith(world: World, name: string): string {
  const place = world.newPlace()
  fs.chmodSync(place, 0o755)
  for (const file of [name, 'sh', 'node', 'newuidmap', 'newgidmap']) {
    const real = spawnSync('sh', ['-c', `command -v ${file}`], { encoding: 'utf8' }).stdout.trim()
    if (real) fs.symlinkSync(real, join(place, file))
  }
  return place
}

for (const [name, skipProgram] of PROGRAMS)
  test(
    `a box of nobody in particular reaches the world, and not the machine's loopback, by ${name}`,
    { skip: skipProgram },
    async () => {
      await using world = new World()
      await using neighbour = await new ground.Neighbour().connect()
      route(newRoute({ to: 'default', via: ground.NEIGHBOUR }))
      theirs(world.state)
      const before = ground.state()
      const env = { PATH: pathWith(world, name), XDG_RUNTIME_DIR: world.state }
      const words = [
        'stage',
        '7',
        'run',
        '--rootfs',
        theirs(world.copyOfBase()),
        '-p',
        '8080:80',
        'sh',
        '-c',
        'echo ready; read line',
      ]
      const box = await world.start(words, { env, uid: SOMEBODY })
      await box.line(/^ready$/)
      {
        await using _world = await new ground.Listener(neighbour.pid, 5001).listening()
        await using _machine = await new ground.Listener(process.pid, 5002).listening()
        await using _box = await new ground.Listener(box.pid, 80).listening()
        assert.equal(
          await ground.connect(box.pid, ground.NEIGHBOUR, 5001),
          ground.MACHINE,
          'the world sees the machine',
        )
        // The first packets may be lost while nobody knows yet who is where.
        await until('the published port', async () =>
          /^\d/.test(await ground.connect(neighbour.pid, ground.MACHINE, 8080)),
        )
        assert.match(await ground.connect(box.pid, '127.0.0.1', 5002), /^E/, 'its 127.0.0.1 is its own')
        for (const gateway of [ground.NEIGHBOUR, '10.0.2.2'])
          assert.match(await ground.connect(box.pid, gateway, 5002), /^E/, `and ${gateway} is not the machine's`)
      }
      box.stdin.end('\n')
      assert.equal((await box.ended).status, 0)
      assert.deepEqual(ground.state(), before)
      assert.equal(spawnSync('pgrep', ['-U', String(SOMEBODY), '-f', name], { encoding: 'utf8' }).stdout, '')
    },
  )

test('a box of nobody in particular is told what to install when neither program is there', { skip }, async () => {
  await using world = new World()
  theirs(world.state)
  const env = { PATH: pathWith(world, 'true'), XDG_RUNTIME_DIR: world.state }
  const { status, stderr } = await world.run(
    ['stage', '7', 'run', '--rootfs', theirs(world.copyOfBase()), '--network', 'bridge', 'true'],
    { env, uid: SOMEBODY },
  )
  assert.equal(status, 125)
  assert.match(
    stderr,
    /without root it takes pasta or slirp4netns, and neither is there\n {2}Install one \(Debian: passt\)/,
  )
})
