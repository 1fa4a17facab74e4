/** Mounts of the runtime's containers, as they are seen in them. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseMountInfo, type MountEntry } from '../../src/kernel/mountinfo.ts'
import type { Mount, Propagation } from '../../src/oci/spec.ts'
import { bind, contained, skipWithoutRuntime, tmpfs, withUsers, type Config } from './container-world.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutRuntime }
const INFO = 'cat /proc/self/mountinfo'

const at = (info: string, path: string): MountEntry | undefined =>
  parseMountInfo(info).findLast(({ mountPoint }) => mountPoint === path)

/** Whatever it is asked for is mounted, on a root of its own. */
const withMounts =
  (...mounts: Mount[]) =>
  (config: Config): void => {
    config.mounts.push(...mounts)
  }

const OPTIONS: [options: string[], has: RegExp, not?: RegExp][] = [
  [['ro', 'nosuid', 'nodev', 'noexec'], /^ro,nosuid,nodev,noexec,relatime$/],
  [['ro', 'rw', 'nosuid', 'suid'], /^rw,relatime$/],
  [['noatime', 'nodiratime', 'nosymfollow'], /^rw,noatime,nodiratime,nosymfollow$/],
  [['strictatime'], /^rw$/],
  [['rro', 'rnoexec', 'rnoatime'], /^ro,noexec,noatime$/],
  [['rnosuid', 'rsuid', 'rnosymfollow', 'rrelatime'], /^rw,relatime,nosymfollow$/],
]
for (const kind of ['tmpfs', 'bind'] as const)
  for (const [words, has] of OPTIONS)
    test(`a ${kind} is ${String(has)} when its options are ${words.join(', ')}`, options, async () => {
      await using world = new World()
      const mount = kind === 'tmpfs' ? tmpfs('/mnt', ...words) : bind(world.newPlace(), '/mnt', ...words)
      const { stdout, stderr } = await contained(world, INFO, withMounts(mount))
      assert.equal(stderr, '')
      assert.match(at(stdout, '/mnt')?.options.join(',') ?? '', has)
    })

test('only the mount itself is read-only when ro is asked for, and all below with rro', options, async () => {
  await using world = new World()
  const place = world.newPlace()
  const under = ['unshare', '--mount', 'sh', '-c', `mkdir ${place}/in; mount -t tmpfs t ${place}/in; exec "$@"`, 'sh']
  const mounts = withMounts(bind(place, '/one', 'rbind', 'ro'), bind(place, '/all', 'rbind', 'rro'))
  const { stdout } = await contained(world, INFO, mounts, { under })
  const seen = ['/one', '/one/in', '/all', '/all/in'].map((path) => at(stdout, path)?.options[0])
  assert.deepEqual(seen, ['ro', 'rw', 'ro', 'ro'])
})

test('a file, a socket and a directory are bound when their places are missing', options, async () => {
  await using world = new World()
  const [place, rootfs] = [world.newPlace(), world.copyOfBase()]
  fs.writeFileSync(join(place, 'file'), 'of the host\n')
  const { stdout, stderr } = await contained(world, 'cat /a/b/file; cat /c/d/file; stat -c %F /a/b', (config) => {
    config.root.path = rootfs
    config.mounts.push(bind(join(place, 'file'), '/a/b/file'), bind(place, '/c/d'))
  })
  assert.deepEqual([stderr, stdout], ['', 'of the host\nof the host\ndirectory\n'])
})

test('what is bound is relative to the bundle when it does not begin with a slash', options, async () => {
  await using world = new World()
  const { stdout } = await contained(world, 'ls /mnt', withMounts(bind('.', '/mnt')))
  assert.match(stdout, /^config\.json\n/)
})

test(
  'a tmpfs has the mode of what it covers, is for all where there was nothing, or has that which was asked for',
  options,
  async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    fs.mkdirSync(join(rootfs, 'own'))
    fs.chmodSync(join(rootfs, 'own'), 0o710)
    const { stdout } = await contained(world, 'stat -c %a /own /new /asked', (config) => {
      config.root.path = rootfs
      config.mounts.push(tmpfs('/own'), tmpfs('/new'), tmpfs('/asked', 'mode=700'))
    })
    assert.equal(stdout, '710\n1777\n700\n')
  },
)

test('what lay there is in a tmpfs when it copies up', options, async () => {
  await using world = new World()
  const rootfs = world.copyOfBase()
  const own = join(rootfs, 'own')
  fs.mkdirSync(join(own, 'sub'), { recursive: true })
  fs.writeFileSync(join(own, 'sub/file'), 'kept\n', { mode: 0o644 })
  fs.chownSync(join(own, 'sub/file'), 3, 4)
  fs.symlinkSync('/etc/passwd', join(own, 'link'))
  const script = 'cat /own/sub/file; stat -c "%a %u %g" /own/sub/file; readlink /own/link; touch /own/x; echo $?'
  const { stdout } = await contained(world, script, (config) => {
    config.root.path = rootfs
    config.mounts.push(tmpfs('/own', 'tmpcopyup', 'ro'))
  })
  assert.equal(stdout, 'kept\n644 3 4\n/etc/passwd\n1\n')
})

test('owners are seen by other numbers when a mount is id-mapped', options, async () => {
  await using world = new World()
  const place = world.newPlace()
  fs.chmodSync(place, 0o755)
  for (const id of [0, 5]) {
    fs.writeFileSync(join(place, String(id)), '')
    fs.chownSync(join(place, String(id)), id, id)
  }
  const mapped = {
    ...bind(place, '/mnt', 'idmap'),
    uidMappings: [{ containerID: 0, hostID: 1000, size: 10 }],
    gidMappings: [{ containerID: 0, hostID: 2000, size: 10 }],
  }
  const { stdout, stderr } = await contained(world, 'stat -c "%u %g" /mnt/0 /mnt/5', withMounts(mapped))
  assert.deepEqual([stderr, stdout], ['', '1000 2000\n1005 2005\n'])
})

test(
  'files of root’s are root’s in a user namespace when their mount is id-mapped by its numbers',
  options,
  async () => {
    await using world = new World()
    const place = world.newPlace()
    fs.writeFileSync(join(place, 'file'), '')
    const { stdout, stderr } = await contained(world, 'stat -c %u /dev/plain /dev/mapped', (config) => {
      withUsers(config)
      config.mounts.push(bind(place, '/dev/plain'), bind(place, '/dev/mapped', 'ridmap'))
    })
    assert.deepEqual([stderr, stdout], ['', '65534\n0\n'])
  },
)

for (const users of [false, true])
  test(
    `a thousand mounts are there when they are asked for${users ? ' in a user namespace' : ''}`,
    options,
    async () => {
      await using world = new World()
      const place = world.newPlace()
      fs.chmodSync(world.directory, 0o700) // the box's root could not go there
      const { stdout, stderr } = await contained(world, `${INFO} | grep -c ' /dev/m/'`, (config) => {
        if (users) withUsers(config)
        config.mounts.push(...Array.from({ length: 1000 }, (_, n) => bind(place, `/dev/m/${n}`, 'ro')))
      })
      assert.deepEqual([stderr, stdout], ['', '1000\n'])
    },
  )

/** On a host that shares its mounts: how `/` and what is bound are in touch with it. */
const PROPAGATION: Record<Propagation, [root: RegExp, bound: RegExp]> = {
  private: [/^$/, /^$/],
  rprivate: [/^$/, /^$/],
  slave: [/^master:\d+$/, /^master:\d+$/],
  rslave: [/^master:\d+$/, /^master:\d+$/],
  shared: [/^shared:\d+$/, /^$/],
  rshared: [/^shared:\d+$/, /^shared:\d+$/],
  unbindable: [/^unbindable$/, /^$/],
  runbindable: [/^unbindable$/, /^unbindable$/],
}
for (const [propagation, [root, bound]] of Object.entries(PROPAGATION))
  test(
    `mounts are in touch with the host, which is left as it was, when the root is ${propagation}`,
    options,
    async () => {
      await using world = new World()
      const LOOK =
        'look() { cat /proc/self/mountinfo; }; before=$(look); "$@"; test "$before" = "$(look)" || echo changed'
      const under = ['unshare', '--mount', '--propagation', 'shared', 'sh', '-c', LOOK, 'sh']
      const change = (config: Config): void => {
        config.linux.rootfsPropagation = propagation as Propagation
        config.mounts.push(bind('/tmp', '/mnt'))
      }
      const { stdout, stderr } = await contained(world, INFO, change, { under })
      assert.equal(stderr, '')
      assert.doesNotMatch(stdout, /^changed$/m)
      assert.match(at(stdout, '/')?.propagation.join() ?? 'none', root)
      assert.match(at(stdout, '/mnt')?.propagation.join() ?? 'none', bound)
    },
  )

test('the host is out of sight, and left as it was, when the root is moved and not pivoted to', options, async () => {
  await using world = new World()
  const { stdout, stderr } = await contained(world, `${INFO}; ls /..`, undefined, { words: ['--no-pivot'] })
  assert.equal(stderr, '')
  assert.equal(at(stdout, '/')?.root.endsWith(world.base()), true)
  assert.doesNotMatch(stdout, /^work$/m)
})
