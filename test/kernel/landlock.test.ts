/** Landlock, our own extra wall, where it stands alone: no capability and no namespace is in the way here. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readSecurity } from '../../src/kernel/security.ts'
import { HostProcess } from '../../src/workshop/attacks/host-process.ts'
import { skipWithoutRoot, until, World } from './world.ts'

const { landlock } = readSecurity()
const ATTACK = join(import.meta.dirname, '../../dist/attack')

const skipFiles = skipWithoutRoot || (landlock < 2 && 'this kernel has no Landlock of version 2')
const skipSockets =
  skipWithoutRoot ||
  (landlock < 6 && 'this kernel’s Landlock has no scopes') ||
  (!fs.existsSync(ATTACK) && 'dist/attack is not built: npm run prepare says why')

test(
  'a device file is not made, not even one that is no device, and files are still moved',
  { skip: skipFiles },
  async () => {
    await using world = new World()
    const script = 'mknod /tmp/w c 0 0; mv /etc/passwd /tmp/p && echo moved'
    const words = ['--rootfs', world.copyOfBase(), 'sh', '-c', script]
    const made = await world.run([
      'stage',
      '7',
      'run',
      '--rootfs',
      world.copyOfBase(),
      'mknod',
      '/tmp/w',
      'c',
      '0',
      '0',
    ])
    assert.equal(made.status, 0, made.stderr)
    const { stdout, stderr } = await world.run(['stage', '8', 'run', ...words])
    assert.equal(stdout, 'moved\n')
    assert.match(stderr, /Permission denied/)
  },
)

test(
  'CVE-2020-15257: a socket without a file is out of reach when the box has the host’s network',
  { skip: skipSockets },
  async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    fs.copyFileSync(ATTACK, join(rootfs, 'attack'))
    const name = `boxwright-test-${process.pid}`
    for (const n of ['7', '8']) {
      using host = await new HostProcess('listener', name + n).ready()
      const shared = ['stage', n, 'run', '--network', 'host', '--rootfs', rootfs]
      const { status } = await world.run([...shared, '/attack', 'abstract-socket', name + n, 'a word'])
      if (n === '7') await until('the word', () => host.printed.includes('a word'))
      assert.equal(status === 0, n === '7', `stage ${n}`)
      assert.equal(host.printed.includes('a word'), n === '7', `stage ${n}`)
    }
  },
)
