/** Commands that cannot be run in a container: what the runtime says of each, at create, start, run or exec. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { main } from '../../src/cli/runc/main.ts'
import { skipWithoutLauncher } from './native-world.ts'
import { World } from './world.ts'

const options = { skip: skipWithoutLauncher }

/** A program for ARM, as far as the kernel looks; and one of ours whose loader is nowhere. */
const elf = (machine: number, loader: string): Buffer => {
  const bytes = Buffer.alloc(120 + loader.length + 1)
  bytes.write('\x7fELF\x02\x01\x01', 'latin1')
  bytes.writeUInt16LE(2, 16)
  bytes.writeUInt16LE(machine, 18)
  bytes.writeUInt32LE(1, 20)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(64, 52)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(3, 64)
  bytes.writeBigUInt64LE(120n, 72)
  bytes.writeBigUInt64LE(BigInt(loader.length + 1), 96)
  bytes.write(`${loader}\0`, 120)
  return bytes
}
const [OURS, OTHER] = process.arch === 'arm64' ? [183, 62] : [62, 183]

interface Case {
  /** What lies at /it. */
  file?: string | Buffer
  mode?: number
  args: string[]
  mounts?: object[]
  says: RegExp
  /** Is it seen before `start`? */
  early?: true
}

const CASES: Record<string, Case> = {
  'there is none': {
    args: ['nowhere'],
    early: true,
    says: /access\(nowhere.*ENOENT: executable file not found in \$PATH; there is no such file in the box; The box's root is .*; in it these were searched: \/bin:\/usr\/bin/,
  },
  'it is a directory': { args: ['/bin'], early: true, says: /is a directory; Name a program in it/ },
  'it may not be executed': {
    file: '#!/bin/sh\n',
    mode: 0o644,
    args: ['/it'],
    early: true,
    says: /EACCES: permission denied; \/it is not executable; Its mode has no x: chmod \+x .*\/it/,
  },
  'it lies where nothing may be executed': {
    args: ['/noexec/sh'],
    mounts: [{ destination: '/noexec', type: 'bind', source: '/bin', options: ['bind', 'noexec'] }],
    early: true,
    says: /lies on a file system that is mounted noexec/,
  },
  'its interpreter is missing': {
    file: '#!/no/such/python3 -E\n',
    args: ['/it'],
    says: /\/it needs the interpreter "\/no\/such\/python3", and the box has none/,
  },
  'its lines end as on Windows': {
    file: '#!/bin/sh\r\necho\r\n',
    args: ['/it'],
    says: /ends in a carriage return, and so it asks for "\/bin\/sh\\\\*r"; .*sed -i/,
  },
  'its loader is missing': {
    file: elf(OURS, '/lib/ld-none.so.1'),
    args: ['/it'],
    says: /ENOENT: no such file or directory; \/it needs the loader "\/lib\/ld-none\.so\.1", and the box has none/,
  },
  'it is for another machine': {
    file: elf(OTHER, '/x'),
    args: ['/it'],
    says: /\/it is for [\w-]+, and this machine is/,
  },
  'it is no program': {
    file: 'hello\n',
    args: ['/it'],
    says: /ENOEXEC; \/it is neither a program nor a script/,
  },
}

/** @returns the last line of the log. */
async function told(world: World, root: string, words: string[]): Promise<string | undefined> {
  const log = join(world.directory, 'log')
  fs.rmSync(log, { force: true })
  const status = await main(['--root', root, '--log', log, '--log-format', 'json', ...words])
  if (!fs.existsSync(log)) return undefined
  assert.notEqual(status, 0)
  const { msg } = JSON.parse(fs.readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '{}') as { msg: string }
  return msg
}

for (const [what, { file, mode = 0o755, args, mounts = [], says, early }] of Object.entries(CASES))
  test(`the runtime says what is so, and what to do, when a command cannot be run since ${what}`, options, async () => {
    await using world = new World()
    const [bundle, root, rootfs] = [world.newPlace(), join(world.directory, 'runtime'), world.copyOfBase()]
    if (file !== undefined) fs.writeFileSync(join(rootfs, 'it'), file)
    if (file !== undefined) fs.chmodSync(join(rootfs, 'it'), mode)
    const config = {
      ociVersion: '1.3.0',
      root: { path: rootfs },
      process: { args, cwd: '/', env: ['PATH=/bin:/usr/bin'] },
      mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }, ...mounts],
      linux: { namespaces: ['pid', 'mount'].map((type) => ({ type })) },
    }
    fs.writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
    const id = `boxwright-test-words-${world.directory.slice(-6)}`
    const created = await told(world, root, ['create', '--bundle', bundle, id])
    if (early) assert.match(created ?? '', says)
    else {
      assert.equal(created, undefined)
      assert.match((await told(world, root, ['start', id])) ?? '', says)
      await told(world, root, ['delete', '--force', id])
      assert.match((await told(world, root, ['run', '--bundle', bundle, id])) ?? '', says)
    }
    assert.deepEqual(fs.readdirSync(root), [])
  })
