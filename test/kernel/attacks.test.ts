/** Which attack gets out of which stage: the command's own attacks, and the same idea written by somebody else. Tokens outside are the judges. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { isAlive, processId } from '../../src/kernel/proc.ts'
import { skipWithoutRoot, World } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [1, 2, 3, 4, 5]

/** From which stage on each attack fails. The network is a later lesson's. */
const CLOSED_FROM = {
  'kill-neighbour': 2,
  'second-chroot': 3,
  'fork-bomb': 4,
  'memory-hog': 4,
  'kernel-log': 5,
  'host-network': 7,
}

test('each attack succeeds at the stages before its wall, and fails from it on', options, async () => {
  await using world = new World()
  const before = world.inventory()
  const { status, stdout } = await world.run(['attack', '--json'])
  const expected = Object.entries(CLOSED_FROM).flatMap(([attack, wall]) =>
    STAGES.map((stage) => ({ attack, stage, verdict: stage < wall ? 'open' : 'closed' })),
  )
  assert.equal(status, 0)
  assert.deepEqual(JSON.parse(stdout), expected)
  assert.deepEqual(world.left(before), [])
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
      // From stage 5 on chroot itself is refused.
      assert.deepEqual([stderr, status], ['', stage < 3 ? 0 : stage < 5 ? 3 : 2])
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
