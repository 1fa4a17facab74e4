/** Files that are copied into a container and out of it, by docker's rules; and nothing that a container does leads a copy anywhere else. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pack } from 'tar-stream'
import { Containers } from './containers-world.ts'
import { COMMAND, type Ran } from './image-world.ts'
import { until } from './until.ts'

const skip = process.geteuid?.() !== 0 ? 'only root' : false

/** What both sides of a copy begin with: `file`, and `tree` with two names of one file, and a link. */
const MAKE =
  'mkdir -p tree/sub; echo one > file; echo two > tree/two; ln tree/two tree/sub/again; ln -s /etc/passwd tree/link'

class Copies extends Containers {
  /** @param script is run in a container of that name, in /srv, which has ended then. */
  async ended(name: string, script = MAKE): Promise<void> {
    await this.said('run', '--name', name, '-w', '/srv', 'boxwright/base', 'sh', '-c', script)
  }

  here(...names: string[]): string {
    return join(this.directory, ...names)
  }

  text(...names: string[]): string {
    return fs.readFileSync(this.here(...names), 'utf8')
  }

  /** What is below a directory of ours. */
  found(...names: string[]): string[] {
    return (fs.readdirSync(this.here(...names), { recursive: true }) as string[]).sort()
  }

  /** What a container has written below /srv. */
  async written(name: string): Promise<string[]> {
    const lines = (await this.said('image', 'diff', name)).split('\n')
    return lines.filter((line) => line.startsWith('A /srv/')).map((line) => line.slice('A /srv/'.length))
  }

  bundle(name: string): string {
    return fs.realpathSync(this.here('data/containers/names', name))
  }

  async refused(...words: string[]): Promise<string> {
    const { status, stderr } = await this.run('cp', ...words)
    assert.equal(status, 125, stderr)
    return stderr
  }

  /** With an archive as standard input. */
  async fed(archive: Buffer, ...words: string[]): Promise<Pick<Ran, 'status' | 'stderr'>> {
    const child = spawn(COMMAND, words, { env: this.env, cwd: this.directory, stdio: ['pipe', 'ignore', 'pipe'] })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    child.stdin.on('error', () => {}) // who refuses reads no more
    child.stdin.end(archive)
    return { stderr: (await buffer(child.stderr)).toString(), status: await ended }
  }
}

/** An archive with nothing in it. */
const END = Buffer.alloc(1024)

const TREE = ['link', 'sub', 'sub/again', 'two']

suite('cp', { skip }, () => {
  test('what is copied out goes into a directory that is there, and takes a name that is not', async () => {
    await using world = new Copies()
    await world.ended('it')
    fs.mkdirSync(world.here('there'))
    for (const target of ['there', 'there/', 'named', '.']) await world.said('cp', 'it:/srv/file', target)
    for (const name of ['there/file', 'named', 'file']) assert.equal(world.text(name), 'one\n')
    await world.said('cp', 'it:srv/tree', 'there')
    await world.said('cp', 'it:/srv/tree', 'new')
    await world.said('cp', 'it:/srv/tree/.', '.')
    assert.deepEqual(world.found('there', 'tree'), TREE)
    assert.deepEqual(world.found('new'), TREE)
    assert.equal(world.text('sub/again'), 'two\n')
  })

  test('what is copied in goes into a directory that is there, and takes a name that is not', async () => {
    await using world = new Copies()
    await world.ended('it', ':')
    fs.mkdirSync(world.here('tree/sub'), { recursive: true })
    fs.writeFileSync(world.here('tree/sub/leaf'), 'green')
    for (const target of ['it:/srv', 'it:/srv/new', 'it:/srv/new']) await world.said('cp', 'tree', target)
    await world.said('cp', 'tree/.', 'it:/srv')
    await world.said('cp', 'tree/sub/leaf', 'it:/srv/tree/../other')
    const leaf = (directory: string): string[] => [directory, `${directory}/sub`, `${directory}/sub/leaf`]
    const expected = [...leaf('new'), ...leaf('new/tree'), 'other', 'sub', 'sub/leaf', ...leaf('tree')]
    assert.deepEqual(await world.written('it'), expected)
  })

  test('a file keeps its rights, time and second name, and not its owner, when it is copied', async () => {
    await using world = new Copies()
    await world.ended('it', `${MAKE}; chown -R 7:8 .; chmod 4750 tree/two; touch -d @1000000000 tree/two`)
    await world.said('cp', 'it:/srv/tree', 'plain')
    await world.said('cp', '-a', 'it:/srv/tree', 'whole')
    const facts = (...names: string[]): number[] => {
      const { uid, gid, mode, mtimeMs, nlink } = fs.statSync(world.here(...names))
      return [uid, gid, mode & 0o7777, mtimeMs / 1000, nlink]
    }
    assert.deepEqual(facts('plain/two'), [0, 0, 0o750, 1e9, 2])
    assert.deepEqual(facts('whole/two'), [7, 8, 0o4750, 1e9, 2])
    assert.equal(fs.readlinkSync(world.here('plain/link')), '/etc/passwd')
    await world.said('cp', '-L', 'it:/srv/tree/link', 'followed')
    assert.match(world.text('followed'), /^root:/)
  })

  test('an archive is written and read when a dash stands for it', async () => {
    await using world = new Copies()
    await world.ended('it')
    const archive = fs.openSync(world.here('out.tar'), 'w')
    const child = spawn(COMMAND, ['cp', 'it:/srv/tree', '-'], { env: world.env, stdio: ['ignore', archive, 'inherit'] })
    assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0)
    fs.closeSync(archive)
    const { stdout } = await world.program('tar', ['-tf', 'out.tar'])
    assert.deepEqual(stdout.split('\n').filter(Boolean).sort(), [
      'tree/',
      'tree/link',
      'tree/sub/',
      'tree/sub/again',
      'tree/two',
    ])
    await world.ended('other', ':')
    assert.deepEqual(await world.fed(fs.readFileSync(world.here('out.tar')), 'cp', '-', 'other:/srv'), {
      status: 0,
      stderr: '',
    })
    assert.deepEqual(await world.written('other'), ['tree', ...TREE.map((name) => `tree/${name}`)])
  })

  test('what does not fit is refused in words, and nothing of it is there', async () => {
    await using world = new Copies()
    await world.ended('it')
    fs.writeFileSync(world.here('file'), 'mine')
    fs.mkdirSync(world.here('tree/two'), { recursive: true })
    assert.match(await world.refused('it:/srv/none', '.'), /Cannot copy "it:\/srv\/none": there is no such file/)
    assert.match(await world.refused('it:/srv/file', 'none/'), /Cannot copy to "none\/": there is no such directory/)
    assert.match(
      await world.refused('it:/srv/tree', 'file'),
      /Cannot copy to "file": it is no directory, and what is copied is one/,
    )
    assert.match(await world.refused('it:/srv/tree', '.'), /tree\/two" is a directory, and what is copied is none/)
    assert.match(await world.refused('file', 'tree'), /neither is in a container/)
    assert.match(await world.refused('it:/a', 'it:/b'), /both are in a container/)
    assert.match(await world.refused('none:/a', 'b'), /there is none of that name/)
    const bad = await world.fed(Buffer.from('no archive'), 'cp', '-', 'it:/srv')
    assert.deepEqual([bad.status, /Cannot copy to "it:\/srv": it ends within a header/.test(bad.stderr)], [125, true])
    assert.equal(world.text('file'), 'mine')
  })

  test('a container that runs is copied from and to as it sees itself', async () => {
    await using world = new Copies()
    fs.mkdirSync(world.here('volume'))
    await world.started('it', 'echo up; exec sleep 1000', '-v', `${world.here('volume')}:/data`)
    fs.writeFileSync(world.here('file'), 'from outside')
    await world.said('cp', 'file', 'it:/data/inside')
    assert.equal(await world.said('exec', 'it', 'cat', '/data/inside'), 'from outside')
    await world.said('cp', 'it:/data', 'back')
    assert.equal(world.text('back/inside'), 'from outside')
    assert.match(
      await world.refused('it:/proc/1/status', '.'),
      /is made by the kernel for whoever looks, and is no file/,
    )
    const { status, stderr } = await world.run('cp', 'it:/', 'all')
    assert.equal(status, 0, stderr)
    assert.match(stderr, /left out: ".*\/all\/dev\/null": a device/)
    assert.deepEqual(world.found('all/proc'), [])
  })
})

suite('cp, and others at the same container', { skip }, () => {
  test('one at a time is in the tree of a container that has ended, and the next finds what was done', async () => {
    await using world = new Copies()
    await world.ended('it', 'cat file 2>/dev/null || echo none > file')
    const archive = async (text: string): Promise<Buffer> => {
      const tar = pack()
      tar.entry({ name: 'file' }, text)
      tar.finalize()
      return buffer(tar)
    }
    const turn = join(world.bundle('it'), 'turn.json')
    /** Somebody copies, and is not done before the other has begun: whoever does not wait is there by then. */
    const beside = async <T>(text: string, begin: () => Promise<T>): Promise<T> => {
      const slow = spawn(COMMAND, ['cp', '-', 'it:/srv'], { env: world.env, stdio: ['pipe', 'ignore', 'inherit'] })
      await until('its turn', () => fs.existsSync(turn))
      const other = begin()
      await sleep(500)
      slow.stdin.end(await archive(text))
      return other
    }
    assert.equal(await beside('one', () => world.said('start', '-a', 'it')), 'one')
    const fed = await beside('two', async () => world.fed(await archive('three'), 'cp', '-', 'it:/srv'))
    assert.deepEqual(fed, { stderr: '', status: 0 })
    assert.equal(await world.said('start', '-a', 'it'), 'three')
    assert.ok(!fs.existsSync(turn))
  })

  test('a container is taken away when nobody copies any more, and a copier that was killed is nobody', async () => {
    await using world = new Copies()
    await world.ended('it', ':')
    const open = (): ChildProcess =>
      spawn(COMMAND, ['cp', '-', 'it:/srv'], { env: world.env, stdio: ['pipe', 'ignore', 'ignore'] })
    const turn = join(world.bundle('it'), 'turn.json')
    const killed = open()
    await until('its turn', () => fs.existsSync(turn))
    killed.kill('SIGKILL')
    killed.stdin?.destroy()
    assert.equal((await world.fed(END, 'cp', '-', 'it:/srv')).status, 0)
    const slow = open()
    await until('its turn', () => fs.existsSync(turn))
    const removed = world.said('rm', 'it')
    await sleep(500)
    assert.ok(fs.existsSync(turn), 'it is there while it is copied to')
    slow.stdin?.end(END)
    assert.equal(await removed, 'it\n')
    assert.ok(!fs.existsSync(turn))
  })
})

suite('cp, and a container that would lead it astray', { skip }, () => {
  test('CVE-2018-15664: links of a container lead to the container’s own files, in whatever way they are used', async () => {
    await using world = new Copies()
    fs.mkdirSync(world.here('host'))
    fs.writeFileSync(world.here('host/token'), 'the host’s')
    const target = world.here('host')
    await world.ended(
      'it',
      `mkdir -p ${target}; ln -s ${target} out; ln -s ../../../../..${target} up; ln -s ${target}/token file`,
    )
    fs.writeFileSync(world.here('token'), 'copied')
    for (const path of ['out', 'out/token', 'up/', 'file']) await world.said('cp', 'token', `it:/srv/${path}`)
    assert.match(await world.refused('it:/srv/none/../../../../../etc', '.'), /there is no such file/)
    assert.deepEqual([world.found('host'), world.text('host/token')], [['token'], 'the host’s'])
    await world.said('cp', '-L', 'it:/srv/file', 'back')
    assert.equal(world.text('back'), 'copied')
  })

  test('CVE-2018-15664: no copy leaves a container that swaps directories for links meanwhile', async () => {
    await using world = new Copies()
    fs.mkdirSync(world.here('host'))
    fs.writeFileSync(world.here('host/token'), 'the host’s')
    const target = world.here('host')
    const swaps = 'while :; do mv at here; mv link at; sleep 0.01; mv at link; mv here at; sleep 0.01; done'
    await world.started('it', `mkdir -p /srv/at ${target}; cd /srv; ln -s ${target} link; echo up; ${swaps}`)
    fs.writeFileSync(world.here('token'), 'copied')
    for (let n = 0; n < 10; n++) {
      await world.run('cp', 'token', 'it:/srv/at/token') // it may find nothing there
      const { status } = await world.run('cp', 'it:/srv/at/token', 'stolen')
      if (status === 0) assert.equal(world.text('stolen'), 'copied')
    }
    assert.deepEqual([world.found('host'), world.text('host/token')], [['token'], 'the host’s'])
  })

  test('CVE-2019-14271: nothing of a container’s is opened but what is copied', async () => {
    await using world = new Copies()
    const lures = '/etc/nsswitch.conf /etc/ld.so.preload /etc/ld.so.cache'
    await world.ended('it', `${MAKE}; rm -f ${lures}; mkdir -p /lib; mkfifo ${lures} /lib/libnss_files.so.2`) // whoever opens one waits for ever
    assert.equal(await world.said('cp', 'it:/srv/tree', 'out'), '')
    fs.writeFileSync(world.here('file'), 'new')
    assert.equal(await world.said('cp', 'file', 'it:/srv'), '')
  })

  test('no archive brings a device, or a file of anybody else, or leads out by its names', async () => {
    await using world = new Copies()
    await world.ended('it', ':')
    const tar = pack()
    tar.entry({ name: '../../outside', uid: 7 }, 'x')
    tar.entry({ name: 'disk', type: 'block-device', devmajor: 7, devminor: 0 })
    tar.entry({ name: 'setuid', mode: 0o4755, uid: 7 }, 'x')
    tar.finalize()
    const { status, stderr } = await world.fed(await buffer(tar), 'cp', '-', 'it:/srv')
    assert.equal(status, 0, stderr)
    assert.match(stderr, /left out: "srv\/disk": a device/)
    assert.deepEqual(await world.written('it'), ['outside', 'setuid'])
    await world.said('cp', '-a', 'it:/srv/setuid', 'setuid')
    assert.deepEqual(
      [fs.statSync(world.here('setuid')).mode & 0o7777, fs.statSync(world.here('setuid')).uid],
      [0o755, 0],
    )
  })
})
