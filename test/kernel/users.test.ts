/** Lesson 6, from outside: who the box's processes are to the host, whose the files are that they make, and who a command may be made to run as. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { namespaceOf, statusField } from '../../src/kernel/proc.ts'
import { skipWithoutRoot, World } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [6, 7, 8]
const FIRST = 524_288
const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]
const ids = (pid: number, field: string): number[] => statusField(pid, field).split(/\s+/).filter(Boolean).map(Number)
/** For strangers as well: root in the box is one. */
function readable(world: World): string {
  const place = world.newPlace()
  fs.chmodSync(place, 0o755)
  return place
}

const ownerOf = (path: string): number[] => [fs.statSync(path).uid, fs.statSync(path).gid]

for (const stage of STAGES) {
  test(`stage ${stage} has a root of numbers that nobody has outside`, options, async () => {
    await using world = new World()
    const { pid } = await world.start(run(stage, 'sleep', '1000'))
    for (const file of ['uid_map', 'gid_map'])
      assert.deepEqual(fs.readFileSync(`/proc/${pid}/${file}`, 'utf8').trim().split(/\s+/).map(Number), [
        0,
        FIRST,
        65_536,
      ])
    assert.deepEqual(ids(pid, 'Uid'), Array(4).fill(FIRST))
    assert.deepEqual(ids(pid, 'Gid'), Array(4).fill(FIRST))
    assert.deepEqual(ids(pid, 'Groups'), [])
    assert.notEqual(namespaceOf(pid, 'user'), namespaceOf('self', 'user'))
    assert.equal(fs.readFileSync(`/proc/${pid}/setgroups`, 'utf8').trim(), 'allow')
  })

  test(`stage ${stage} has left the groups that whoever started it is in`, options, async () => {
    await using world = new World()
    const inGroups = [
      'setpriv',
      '--groups',
      '7,4000000000',
      process.execPath,
      join(import.meta.dirname, '../../src/cli/boxwright.mjs'),
    ]
    const { pid } = await world.start(run(stage, 'sleep', '1000'), { program: inGroups })
    assert.deepEqual(ids(pid, 'Groups'), [])
  })

  test(`stage ${stage} sees the files of its root as its root's, and makes some that are`, options, async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    const { stdout } = await world.run(
      run(stage, '--rootfs', rootfs, 'sh', '-c', 'touch /mine; chown 33:34 /mine; stat -c %u:%g / /mine'),
    )
    assert.equal(stdout, '0:0\n33:34\n')
    assert.deepEqual(ownerOf(join(rootfs, 'mine')), [33, 34], 'on the disk the numbers are the box’s')
  })

  test(`stage ${stage} is a stranger to a volume, unless it is mapped`, options, async () => {
    await using world = new World()
    const data = readable(world)
    fs.writeFileSync(join(data, 'theirs'), '')
    fs.chownSync(join(data, 'theirs'), 33, 34)
    const look = (volume: string): Promise<{ stdout: string }> =>
      world.run(run(stage, '-v', volume, 'sh', '-c', 'stat -c %u:%g /data/theirs; touch /data/mine 2>&-; ls /data'))
    assert.equal((await look(`${data}:/data`)).stdout, '65534:65534\ntheirs\n')
    assert.equal((await look(`${data}:/data:ro,idmap`)).stdout, '33:34\ntheirs\n')
    assert.equal((await look(`${data}:/data:idmap`)).stdout, '33:34\nmine\ntheirs\n')
    assert.deepEqual(ownerOf(join(data, 'mine')), [0, 0])
  })

  test(`stage ${stage} runs its command as whom it is told to`, options, async () => {
    await using world = new World()
    const { pid } = await world.start(run(stage, '--user', '33:34', 'sleep', '1000'))
    assert.deepEqual(ids(pid, 'Uid'), Array(4).fill(FIRST + 33))
    assert.deepEqual(ids(pid, 'Gid'), Array(4).fill(FIRST + 34))
    assert.equal(statusField(pid, 'CapEff'), '0'.repeat(16))
    assert.equal(statusField(pid, 'CapPrm'), '0'.repeat(16))
    const { stdout } = await world.run(run(stage, '--user', 'nobody', 'sh', '-c', 'id -u; id -g'))
    assert.equal(stdout, '65534\n65534\n')
  })
}

test('stage 8 runs its command as another user when every capability has been dropped', options, async () => {
  await using world = new World()
  const { pid } = await world.start(run(8, '--cap-drop', 'ALL', '--user', '33', 'sleep', '1000'))
  assert.deepEqual(ids(pid, 'Uid'), Array(4).fill(FIRST + 33))
  assert.equal(statusField(pid, 'CapBnd'), '0'.repeat(16))
})

test('a user has the groups that the box’s own files say when they are named', options, async () => {
  await using world = new World()
  const rootfs = world.copyOfBase()
  fs.appendFileSync(join(rootfs, 'etc/passwd'), 'web:x:33:34::/:/bin/sh\n')
  fs.appendFileSync(join(rootfs, 'etc/group'), 'log:x:4:web\ntape:x:26:other,web\n')
  const { pid } = await world.start(run(6, '--rootfs', rootfs, '--user', 'web', 'sleep', '1000'))
  assert.deepEqual(ids(pid, 'Groups'), [FIRST + 4, FIRST + 26])
})

/** What somebody may have put in the place of the file: none of it is the host's. */
const STRANGE: [what: string, put: (file: string) => void][] = [
  ['a link to the host’s', (file) => fs.symlinkSync('/etc/passwd', file)],
  ['a link out of the root', (file) => fs.symlinkSync('../../../../../../etc/passwd', file)],
  ['a fifo', (file) => execFileSync('mkfifo', [file])],
  ['a directory', (file) => fs.mkdirSync(file)],
  ['as large as no machine has', (file) => fs.writeFileSync(file, Buffer.alloc((1 << 20) + 1, '\n'))],
]
for (const [what, put] of STRANGE)
  test(`a name is not looked up outside of the box when its /etc/passwd is ${what}`, options, async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    fs.rmSync(join(rootfs, 'etc/passwd'))
    put(join(rootfs, 'etc/passwd'))
    const { status, stderr } = await world.run(run(6, '--rootfs', rootfs, '--user', 'daemon', 'id'))
    assert.equal(status, 125)
    assert.match(stderr, /^boxwright: Cannot (run as "daemon": there is no user|read "\/etc\/passwd" of the box)/)
  })

for (const stage of [3, 5, 6, 8])
  test(`stage ${stage} has what a volume gives it, and leaves no place for it behind`, options, async () => {
    await using world = new World()
    const [rootfs, data] = [world.copyOfBase(), readable(world)]
    fs.writeFileSync(join(data, 'file'), 'words\n')
    const before = fs.readdirSync(rootfs)
    const words = ['--volume', `${data}:/data:ro`, '-v', `${data}/file:/etc/hosts`]
    const ran = await world.run(
      run(stage, '--rootfs', rootfs, ...words, 'sh', '-c', 'cat /data/file /etc/hosts; echo x > /data/more'),
    )
    assert.equal(ran.stdout, 'words\nwords\n', ran.stderr)
    assert.match(ran.stderr, /Read-only file system|Permission denied/)
    assert.deepEqual(fs.readdirSync(rootfs), before)
    assert.deepEqual(fs.readdirSync(data), ['file'])
  })
