/** Which attack gets out of which stage: the command's own attacks, and the same idea written by somebody else. Tokens outside are the judges. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { isAlive, processId } from '../../src/kernel/proc.ts'
import { skipWithoutRoot, World, type RunOptions } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [1, 2, 3, 4, 5, 6, 7, 8]

const sysctl = (name: string): number => Number(fs.readFileSync(`/proc/sys/${name}`, 'utf8'))

/** From which stage on each attack fails. Where the kernel itself is strict, two of them fail as soon as the box has lost its rights. */
const CLOSED_FROM: Record<string, number> = {
  'kill-neighbour': 2,
  'read-neighbour': 2,
  'trace-neighbour': 2,
  'proc-root': 2,
  'host-name': 2,
  'shared-memory': 2,
  'second-chroot': 3,
  'leaked-mount': 3,
  'image-link': 3,
  'symlink-race': 3,
  'fork-bomb': 4,
  'memory-hog': 4,
  'kernel-log': 5,
  'log-by-syscall': sysctl('kernel/dmesg_restrict') === 0 ? 8 : 5,
  'host-disk': 5,
  'file-handle': 5,
  'release-agent': 5,
  'raw-socket': 5,
  'leaked-directory': 5,
  'self-exe': 5,
  'host-sysctl': 6,
  'host-network': 7,
  'abstract-socket': 7,
  'image-device': 8,
  keyring: 8,
  'terminal-input': sysctl('dev/tty/legacy_tiocsti') === 0 ? 5 : 8,
  'arp-spoof': 8,
  interrupts: 8,
}

/** There is no bridge before lesson 7, and a machine may lack a disk to play with, ext4, cgroups of version 1, a log, a bridge. */
const MAY_BE_UNSEEN = [
  ...['host-disk', 'image-device', 'file-handle', 'release-agent'],
  ...['kernel-log', 'log-by-syscall', 'arp-spoof'],
]

interface Row {
  attack: string
  lesson: number
  verdicts: Record<string, string>
}

test('each attack succeeds at the stages before its wall, and fails from it on', options, async (t) => {
  await using world = new World()
  const before = world.inventory()
  const { status, stdout, stderr } = await world.run(['attack', '--json'])
  assert.deepEqual([stderr, status], ['', 0])
  const { rows } = JSON.parse(stdout) as { rows: Row[] }
  assert.deepEqual(rows.map(({ attack }) => attack).sort(), Object.keys(CLOSED_FROM).sort())
  for (const { attack, verdicts } of rows) {
    const cells = STAGES.map((stage) => verdicts[stage])
    if (MAY_BE_UNSEEN.includes(attack) && cells.every((verdict) => verdict === 'unseen')) {
      t.diagnostic(`${attack} was not seen on this machine`)
      continue
    }
    assert.deepEqual(
      cells,
      STAGES.map((stage) => expected(attack, stage)),
      attack,
    )
  }
  assert.deepEqual(world.left(before), [])
})

/** Without root, and without a cgroup of one's own, nothing is limited; and the number of a file is of no use to anybody. */
const OTHERWISE: Record<string, string> = { 'fork-bomb': 'open', 'memory-hog': 'open', 'file-handle': 'closed' }

test('without root each attack fails from the same wall on, where it can be made', options, async () => {
  await using world = new World()
  const { status, stdout } = await world.run(['attack', '--json'], unprivileged(world))
  assert.equal(status, 0)
  const { rows } = JSON.parse(stdout) as { rows: Row[] }
  const seen = rows.filter(({ verdicts }) => STAGES.some((stage) => verdicts[stage] !== 'unseen'))
  for (const { attack, verdicts } of seen)
    for (const stage of STAGES)
      assert.equal(verdicts[stage], OTHERWISE[attack] ?? expected(attack, stage), `${attack} at stage ${stage}`)
  assert.ok(seen.length >= 18, `only ${seen.length} were seen`)
})

/** Somebody with a home, and nothing else. */
function unprivileged(world: World): RunOptions {
  const [uid, home] = [12345, world.newPlace()]
  fs.chownSync(home, uid, uid)
  const own = { BOXWRIGHT_IMAGES: join(home, 'images'), BOXWRIGHT_RUN: join(home, 'run') }
  return { uid, env: { ...own, HOME: home, XDG_RUNTIME_DIR: home, TMPDIR: home } }
}

function expected(attack: string, stage: number): string {
  if (attack === 'arp-spoof' && stage < 7) return 'unseen'
  return stage < (CLOSED_FROM[attack] ?? 0) ? 'open' : 'closed'
}

test('an attack names the lesson whose wall closes it', options, async () => {
  await using world = new World()
  const { stdout } = await world.run(['attack', 'second-chroot', '--stage', '3', '--json'])
  const { rows } = JSON.parse(stdout) as { rows: Row[] }
  const [row] = rows
  assert.deepEqual([row?.attack, row?.lesson, row?.verdicts], ['second-chroot', 3, { 3: 'closed' }])
})

test('the matrix fits a terminal of 80 columns', options, async () => {
  await using world = new World()
  const { stdout } = await world.run(['attack', '--stage', '1'])
  const lines = stdout.split('\n').filter((line) => /^\S/.test(line))
  assert.match(lines[0] ?? '', /^stage +1$/)
  assert.ok(lines.length > Object.keys(CLOSED_FROM).length)
  assert.ok(lines.every((line) => line.length + 7 * (STAGES.length - 1) <= 80))
})

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`attacks leave nothing behind when ${signal} ends them`, options, async () => {
    await using world = new World()
    const [before, temporary] = [world.inventory(), world.newPlace()]
    const [base, devices] = [fs.readdirSync(world.base()), fs.readdirSync('/sys/block')]
    const attacking = world.open(['attack', '--stage', '4'], { env: { TMPDIR: temporary } })
    await attacking.line(/^host-disk /)
    attacking.signal(signal)
    assert.equal((await attacking.ended).status, 130)
    assert.deepEqual(world.left(before), [])
    assert.deepEqual(fs.readdirSync(temporary), [])
    assert.deepEqual(fs.readdirSync(world.base()), base)
    assert.deepEqual(fs.readdirSync('/sys/block'), devices)
  })

test('an attack is made alone, against one stage alone, when both are named', options, async () => {
  await using world = new World()
  const { status, stdout } = await world.run(['attack', 'kill-neighbour', '--stage', '2'])
  assert.equal(status, 0)
  assert.match(stdout, /^kill-neighbour: .+\n {2}stage 2 {2}closed\n$/)
})

/** chroot(2) tells of this itself: a root does not hold whoever stands outside it, and chroot does not step in. */
const ESCAPES = {
  'steps up from outside its new root': 'chroot "hole" or exit 2;',
  'keeps a directory open': 'opendir my $here, "." or exit 2; chroot "hole" or exit 2; chdir $here or exit 2;',
}
const LEAVE_A_TOKEN = `chdir ".." for 1 .. 64; chroot "." or exit 2;
  open my $token, ">", $ARGV[0] or exit 3; print $token $ARGV[1]; close $token;`

const perl = findPerl()
const withPerl = { skip: skipWithoutRoot || (perl === undefined && 'this machine has no perl to put into a box') }

for (const [way, script] of Object.entries(ESCAPES))
  for (const stage of STAGES) {
    const gets = stage < 3 ? 'gets out of' : 'stays in'
    test(`a program ${gets} stage ${stage} when it ${way}`, withPerl, async () => {
      await using world = new World()
      const [rootfs, outside] = [rootfsWithPerl(world), world.newPlace()]
      const [path, word] = [join(outside, 'token'), randomBytes(8).toString('hex')]
      fs.writeFileSync(join(rootfs, 'escape.pl'), `mkdir "hole"; ${script} ${LEAVE_A_TOKEN}`)
      const words = ['--rootfs', rootfs, '/bin/perl', '/escape.pl', path, word]
      const { status, stderr } = await world.run(['stage', String(stage), 'run', ...words])
      assert.equal(stderr, '')
      assert.equal(status === 0, stage < 3)
      assert.equal(fs.existsSync(path) && fs.readFileSync(path, 'utf8'), stage < 3 && word)
      assert.deepEqual(fs.readdirSync(outside), stage < 3 ? ['token'] : [])
    })
  }

for (const stage of STAGES)
  test(
    `a process of the host ${stage < 2 ? 'dies' : 'lives on'} when stage ${stage} kills its number`,
    options,
    async (t) => {
      await using world = new World()
      const victim = spawn('sleep', ['1000'], { stdio: 'ignore' })
      t.after(() => victim.kill('SIGKILL'))
      await once(victim, 'spawn')
      const identity = processId(victim.pid ?? 0)
      assert.ok(isAlive(identity))
      const { status } = await world.run(['stage', String(stage), 'run', 'sh', '-c', `kill -9 ${victim.pid}`])
      assert.equal(status === 0, stage < 2)
      assert.equal(isAlive(identity), stage >= 2)
    },
  )

function findPerl(): string | undefined {
  const places = (process.env['PATH'] ?? '').split(':').map((directory) => join(directory, 'perl'))
  return [...places, '/usr/bin/perl'].find((path) => fs.existsSync(path))
}

/** Perl's own file, its loader and its libraries; the script needs no module. */
function rootfsWithPerl(world: World): string {
  const rootfs = world.copyOfBase()
  const file = fs.realpathSync(perl ?? '')
  const needed = execFileSync('ldd', [file], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const library of needed) {
    const place = join(rootfs, library)
    if (fs.existsSync(place)) continue
    fs.mkdirSync(dirname(place), { recursive: true })
    fs.copyFileSync(library, place)
  }
  fs.copyFileSync(file, join(rootfs, 'bin/perl'))
  return rootfs
}
