/** Devices and paths of the runtime's containers, and what an image may try with its links. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Device, Mount } from '../../src/oci/spec.ts'
import { bind, contained, skipWithoutRuntime, tmpfs, withUsers, type Config } from './container-world.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutRuntime }

test('devices are what they were asked to be when they are outside of /dev, and deep', options, async () => {
  await using world = new World()
  const rootfs = world.copyOfBase()
  const devices: Device[] = [
    { path: '/dev/x/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o640, uid: 3, gid: 4 },
    { path: '/odd/disk', type: 'b', major: 8, minor: 300, fileMode: 0o600 },
    { path: '/odd/pipe', type: 'p', major: 0, minor: 0, fileMode: 0o622, uid: 7 },
    { path: '/dev/u', type: 'u', major: 4, minor: 1, fileMode: 0o666 },
  ]
  const script =
    'stat -c "%F %t:%T %a %u:%g" /dev/x/fuse /odd/disk /odd/pipe /dev/u; readlink /dev/ptmx; readlink /dev/fd'
  const change = (config: Config): void => {
    config.root.path = rootfs
    config.linux.devices = devices
  }
  const seen = [
    ...['character special file a:e5 640 3:4', 'block special file 8:12c 600 0:0', 'fifo 0:0 622 7:0'],
    ...['character special file 4:1 666 0:0', 'pts/ptmx', '/proc/self/fd', ''],
  ]
  for (const time of ['first', 'second']) {
    const { stdout } = await contained(world, script, change)
    assert.deepEqual(stdout.split('\n'), seen, time)
  }
  const other = await contained(world, script, (config) => {
    change(config)
    config.linux.devices[1] = { ...(devices[1] as Device), minor: 301 }
  })
  assert.match(other.stderr, /mknod\(odd\/disk, S_IFBLK\|0600, 8:301\).*: EEXIST/)
})

test(
  'a device is refused in a user namespace when the host has another one, or none, of its name',
  options,
  async () => {
    await using world = new World()
    for (const [minor, fact] of [
      [1, /the host has c 1:3, and/],
      [3, /the host has none there, and/],
    ] as const) {
      const { stderr } = await contained(world, 'true', (config) => {
        withUsers(config)
        config.linux.devices = [
          { path: minor === 1 ? '/dev/null' : '/dev/none', type: 'c', major: 1, minor, fileMode: 0o666 },
        ]
      })
      assert.match(stderr, fact)
    }
  },
)

test('a /dev of somebody else’s is left as it is when it is bound', options, async () => {
  await using world = new World()
  const place = world.newPlace()
  const { stdout } = await contained(world, 'echo /dev/*', (config) => {
    config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'))
    config.mounts.push(bind(place, '/dev'))
    config.linux.maskedPaths = []
  })
  assert.equal(stdout, '/dev/*\n')
  assert.deepEqual(fs.readdirSync(place), [])
})

test('any path is hidden, or to be read alone, whatever it is', options, async () => {
  await using world = new World()
  const rootfs = world.copyOfBase()
  fs.mkdirSync(join(rootfs, 'dir'))
  for (const file of ['dir/in', 'file', 'kept']) fs.writeFileSync(join(rootfs, file), 'seen\n')
  fs.symlinkSync('/dir', join(rootfs, 'link'))
  const script =
    'cat /file; echo /link/*; echo /dir/*; cat /kept; echo x > /kept; cat /proc/1/status; echo y > /new; cat /new'
  const { stdout, stderr } = await contained(world, script, (config) => {
    config.root.path = rootfs
    config.linux.maskedPaths = ['/file', '/link', '/no/such', '/file/below', '/proc/1/status']
    config.linux.readonlyPaths = ['/kept', '/nowhere']
  })
  assert.equal(stdout, '/link/*\n/dir/*\nseen\ny\n')
  assert.match(stderr, /\/kept: Read-only file system/)
})

test(
  'CVE-2025-31133: a path is not hidden by what is no /dev/null, and there is no container then',
  options,
  async () => {
    await using world = new World()
    const place = world.newPlace()
    for (const what of ['a link', 'nothing']) {
      if (what === 'a link') fs.symlinkSync('/proc/sys/kernel/core_pattern', join(place, 'null'))
      const { status, stderr } = await contained(world, 'true', (config) => {
        config.mounts = config.mounts.filter(({ destination }) => !destination.startsWith('/dev'))
        config.mounts.push(bind(place, '/dev'))
        config.linux.maskedPaths = ['/proc/keys']
      })
      assert.equal(status, 1, what)
      assert.match(stderr, /mount\(\/dev\/null, \/proc\/keys, .*: ENXIO/)
      fs.rmSync(join(place, 'null'), { force: true })
    }
  },
)

/** An image with a link in the place of a directory, and what is mounted there. */
const LINKS: Record<string, { link: string; to: string; mount?: Mount; fact: RegExp }> = {
  'CVE-2023-28642: a proc is not mounted by a link': { link: 'proc', to: '/tmp', fact: /mount\(proc, proc, .*ELOOP/ },
  'CVE-2019-19921: a sysfs is not mounted by a link': {
    link: 'sys',
    to: '../../..',
    fact: /mount\(sysfs, sys, .*ELOOP/,
  },
  'CVE-2019-16884: nothing is mounted on /proc by a link': {
    link: 'x',
    to: '/proc',
    mount: tmpfs('/x'),
    fact: /ELOOP/,
  },
  'CVE-2019-16884: nothing is mounted in /proc by a link': {
    link: 'x',
    to: '/proc/sys',
    mount: tmpfs('/x'),
    fact: /ELOOP/,
  },
  'CVE-2019-16884: nothing is mounted on /proc': {
    link: 'x',
    to: '/',
    mount: tmpfs('/proc'),
    fact: /only a proc can be there/,
  },
  'CVE-2019-16884: nothing is mounted in /proc': {
    link: 'x',
    to: '/',
    mount: tmpfs('/proc/sys'),
    fact: /comes from the kernel alone/,
  },
  'CVE-2019-16884: what is no proc is not bound on /proc': {
    link: 'x',
    to: '/',
    mount: bind('/tmp', '/proc'),
    fact: /ENOTSUP/,
  },
  'nothing is mounted on the root': { link: 'x', to: '/', mount: tmpfs('/../..'), fact: /it is the root/ },
}
for (const [what, { link, to, mount, fact }] of Object.entries(LINKS))
  test(`${what}, and the host is left as it was`, options, async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    fs.rmSync(join(rootfs, link), { recursive: true, force: true })
    fs.symlinkSync(to, join(rootfs, link))
    const before = world.inventory()
    const { status, stderr } = await contained(world, 'true', (config) => {
      config.root.path = rootfs
      if (mount) config.mounts.push(mount)
    })
    assert.equal(status, 1)
    assert.match(stderr, fact)
    assert.deepEqual(world.left(before), [])
  })

for (const to of ['absolute', 'relative'])
  test(
    `CVE-2024-45310, CVE-2026-41579: nothing is made on the host when /dev and a place are ${to} links to it`,
    options,
    async () => {
      await using world = new World()
      const [rootfs, outside] = [world.copyOfBase(), world.newPlace()]
      fs.writeFileSync(join(outside, 'ptmx'), '')
      const target = to === 'absolute' ? outside : `../../../../../..${outside}`
      for (const link of ['dev', 'place']) {
        fs.rmSync(join(rootfs, link), { recursive: true, force: true })
        fs.symlinkSync(target, join(rootfs, link))
      }
      await contained(world, 'true', (config) => {
        config.root.path = rootfs
        config.mounts = [
          ...config.mounts.filter(({ destination }) => !destination.startsWith('/dev')),
          tmpfs('/place/a/b'),
        ]
      })
      assert.deepEqual(fs.readdirSync(outside), ['ptmx'])
    },
  )
