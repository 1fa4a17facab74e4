/** Images, run: what an image says is done, what somebody asks for goes before it, and nothing of what it says gets out of its container. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { Execution } from '../../src/oci/image-config.ts'
import { readMountInfo } from '../../src/kernel/mountinfo.ts'
import { COMMAND, type Files, ImageWorld, type Ran, skipWithoutTools, tools } from './image-world.ts'

const ACCOUNTS: Files = {
  etc: undefined,
  'etc/passwd': 'root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n2000:x:0:0::/:/bin/sh\n',
  'etc/group': 'root:x:0:\napp:x:1000:\nextra:x:44:app,other\n',
}

async function ran(config: Execution, files: Files, ...words: string[]): Promise<Ran> {
  using world = new ImageWorld()
  const loaded = await world.run('load', '-i', await world.archive('test:1', config, { ...tools(), ...files }))
  assert.equal(loaded.status, 0, loaded.stderr)
  return await world.run('run', '--rm', ...words)
}

const said = async (config: Execution, files: Files, ...words: string[]): Promise<string> => {
  const { status, stdout, stderr } = await ran(config, files, ...words)
  assert.equal(status, 0, stderr)
  return stdout
}

const SH: Execution = { Entrypoint: ['/bin/sh', '-c'], Env: ['PATH=/bin', 'A=image'] }

suite('images', { skip: skipWithoutTools }, () => {
  test('the built-in image runs when there is no network and nothing was pulled', async () => {
    using world = new ImageWorld()
    const before = readMountInfo().length
    const { status, stdout, stderr } = await world.run('run', 'boxwright/base', 'sh', '-c', 'echo $((6*7)); exit 3')
    assert.deepEqual([status, stdout], [3, '42\n'], stderr)
    assert.equal(readMountInfo().length, before, 'nothing is mounted on the host')
    const { stdout: id } = await world.run('ps', '-q')
    assert.equal((await world.run('rm', id.trim())).status, 0)
    assert.equal((await world.run('ps', '-q')).stdout, '')
    assert.deepEqual(fs.readdirSync(join(world.directory, 'data/containers/names')), [])
  })

  test('what an image says is done when nobody says otherwise', async () => {
    const config = { ...SH, Cmd: ['id; pwd; echo $A $HOME'], User: 'app', WorkingDir: '/made/for/it' }
    const stdout = await said(config, { ...ACCOUNTS, 'bin/id': '→sh', 'bin/busybox': '→sh' }, 'test:1')
    assert.equal(stdout, 'uid=1000(app) gid=1000(app) groups=44(extra)\n/made/for/it\nimage /home/app\n')
  })

  test('what somebody says goes before what the image says', async () => {
    const words = ['-e', 'A=mine', '-w', '/tmp', '-u', '7:8', '-h', 'me', '--entrypoint', '/bin/sh', 'test:1']
    const stdout = await said(
      { ...SH, User: 'app' },
      { ...ACCOUNTS, tmp: undefined },
      ...words,
      '-c',
      'echo $A $PWD $HOSTNAME',
    )
    assert.equal(stdout, 'mine /tmp me\n')
  })

  test('what follows the image belongs to the command when it looks like an option', async () => {
    assert.equal(await said(SH, {}, 'test:1', 'echo "$0" "$1" "$2"', '--rm', '-it', '--name'), '--rm -it --name\n')
  })

  for (const user of ['2147483648000', '4294967295', '-1', 'nobody-here', '1:2:3', '01'])
    test(`a user "${user}" is refused and never root (CVE-2024-40635, CVE-2016-3697)`, async () => {
      const { status, stdout, stderr } = await ran({ ...SH, User: user }, ACCOUNTS, 'test:1', 'echo ran')
      assert.deepEqual([status, stdout], [125, ''])
      assert.match(stderr, /Cannot run as/)
    })

  test('a user that is a number is that number when somebody is called so (CVE-2016-3697)', async () => {
    const files = { ...ACCOUNTS, 'bin/id': '→sh', 'bin/busybox': '→sh' }
    assert.match(await said({ ...SH, User: '2000' }, files, 'test:1', 'id -u'), /^2000$/m)
  })

  test('names are written into no file of an image when its own lead elsewhere (CVE-2025-24965)', async () => {
    using world = new ImageWorld()
    const victim = join(world.directory, 'victim')
    fs.writeFileSync(victim, 'untouched')
    const links = { etc: undefined, 'etc/hosts': `→${victim}`, 'etc/hostname': '→../../../../../etc/hostname' }
    await world.run('load', '-i', await world.archive('test:1', SH, { ...tools(), ...links }))
    await world.run('run', '--rm', 'test:1', ':')
    assert.equal(fs.readFileSync(victim, 'utf8'), 'untouched')
  })

  test('a volume has what the image has there, and nothing of the host when the image has a link (CVE-2022-23648)', async () => {
    const files = { data: undefined, 'data/f': 'in it', 'bin/cat': '→sh', 'bin/ls': '→sh', link: '→/../../../etc' }
    assert.equal(
      await said({ ...SH, Volumes: { '/data': {} } }, files, 'test:1', 'cat /data/f; echo x > /data/new'),
      'in it',
    )
    const { stdout } = await ran(
      { ...SH, Volumes: { '/link': {} } },
      { ...files, etc: undefined },
      'test:1',
      'ls /link',
    )
    assert.doesNotMatch(stdout, /shadow|passwd/)
  })

  test('a mistyped name is answered with the one that was meant', async () => {
    using world = new ImageWorld()
    await world.run('image', 'from-host')
    assert.match((await world.run('run', 'boxwright/bsae')).stderr, /Did you mean boxwright\/base\?/)
    assert.match((await world.run('run', '--nmae', 'x', 'boxwright/base')).stderr, /Did you mean --name\?/)
  })

  test('what is not wanted any more goes, and what others have stays, when images are removed', async () => {
    using world = new ImageWorld()
    const shared = tools()
    for (const name of ['one:1', 'two:1'])
      await world.run('load', '-i', await world.archive(name, SH, shared, { [name]: name }))
    for (const name of ['one:1', 'two:1']) assert.equal((await world.run('run', '--rm', name, ':')).status, 0)
    await world.run('image', 'rm', 'one:1')
    assert.equal((await world.run('run', '--rm', 'two:1', '[ -e /two:1 ]')).status, 0)
    await world.run('image', 'rm', 'two:1')
    const left = fs.readdirSync(join(world.directory, 'data/snapshots/overlay/snapshots'))
    assert.deepEqual(left, [])
    assert.deepEqual(fs.readdirSync(join(world.directory, 'data/content/blobs/sha256')), [])
    assert.equal((await world.run('fsck')).status, 0)
  })

  test('a layer is unpacked into the tree below it when it leads through a link there', async () => {
    using world = new ImageWorld()
    const below = { usr: undefined, 'usr/lib': undefined, lib: '→usr/lib', 'usr/lib/old': 'old', 'bin/cat': '→sh' }
    const above = { 'lib/new': 'new', 'usr/lib/.wh.old': '' }
    await world.run('load', '-i', await world.archive('test:1', SH, { ...tools(), ...below }, above))
    const script = '[ -L /lib ] && cat /usr/lib/new && [ ! -e /lib/old ]'
    const { status, stdout, stderr } = await world.run('run', '--rm', 'test:1', script)
    assert.deepEqual([status, stdout], [0, 'new'], stderr)
  })

  test('an archive that is none is refused', async () => {
    using world = new ImageWorld()
    fs.writeFileSync(join(world.directory, 'junk'), Buffer.alloc(4096, 'x'))
    const { status, stderr } = await world.run('load', '-i', 'junk')
    assert.equal(status, 125)
    assert.match(stderr, /^boxwright: Cannot /)
  })

  test('a file that is not there, or is a directory, is an error in words', async () => {
    using world = new ImageWorld()
    await world.run('load', '-i', await world.archive('test:1', SH, { f: 'x' }))
    for (const [words, error] of [
      [['load', '-i', 'none'], /^boxwright: Cannot load "none": ENOENT: .*\n$/],
      [['load', '-i', '.'], /^boxwright: Cannot load "\.": EISDIR: .*\n$/],
      [['save', '-o', 'none/x', 'test:1'], /^boxwright: Cannot save to "none\/x": ENOENT: .*\n$/],
      [['save', '-o', '.', 'test:1'], /^boxwright: Cannot save to "\.": EISDIR: .*\n$/],
    ] as const) {
      const { status, stderr } = await world.run(...words)
      assert.equal(status, 125)
      assert.match(stderr, error)
    }
  })

  test('a container whose maker was killed is swept when it was to be removed', async () => {
    using world = new ImageWorld()
    await world.run('image', 'from-host')
    const script = `exec "$0" "$@" >/dev/null 2>&1 & sleep 2; kill -9 $!`
    await world.program('sh', [
      '-c',
      script,
      COMMAND,
      'run',
      '--rm',
      '--name',
      'lost',
      'boxwright/base',
      'sleep',
      '1000',
    ])
    for (let n = 0; n < 50 && (await world.run('ps', '-q')).stdout !== ''; n += 1) await world.run('rm', '-f', 'lost')
    assert.equal((await world.run('ps', '-q')).stdout, '')
  })
})
