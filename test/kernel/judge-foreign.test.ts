/** The judge and programs that have nothing to do with Boxwright: each passes what it does, and fails by what it lacks. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, suite, test } from 'node:test'
import { Court, failedIn, shown, WITHOUT_LIMITS } from './court.ts'
import { skipWithoutRoot } from './world.ts'

const options = { skip: skipWithoutRoot }

let court: Court
before(() => void (court = new Court()))
after(() => court[Symbol.asyncDispose]())

/** ROOTFS becomes a mount point, gets its file systems, and takes the place of the root; the shell that does it becomes the command. */
const PIVOT = [
  'rootfs=$1; shift',
  'mount --bind "$rootfs" "$rootfs"; cd "$rootfs"',
  'mount -t proc proc proc; mount -t sysfs -o ro sysfs sys; mount -t tmpfs -o mode=755 tmpfs dev',
  'mkdir dev/pts dev/shm; mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -s pts/ptmx dev/ptmx',
  'mount -t tmpfs shm dev/shm; umask 0',
  'mknod dev/null c 1 3; mknod dev/zero c 1 5; mknod dev/full c 1 7',
  'mknod dev/random c 1 8; mknod dev/urandom c 1 9; mknod dev/tty c 5 0',
  'pivot_root . .; umount -l .; cd /; exec "$@"',
]

const OWN = 'unshare --pid --fork --uts --ipc --mount --cgroup'

/** A shell of a few lines as PID 1 of the new namespaces: `"$@"` are ROOTFS and the command. */
const inside = (...lines: string[]): string => `sh -c '${lines.join('; ')}' sh "$@"`

const notThere = ['unshare', 'pivot_root'].find((name) => !isInstalled(name))
const withUnshare = notThere === undefined ? options : { skip: `there is no ${notThere} here` }
const withBwrap = isInstalled('bwrap') ? options : { skip: 'there is no bwrap (bubblewrap) here' }

function isInstalled(name: string): boolean {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`]).length > 0
  } catch {
    return false
  }
}

suite('the judge and unshare(1)', withUnshare, () => {
  test('unshare with chroot scores all when lesson 2 is judged', async () => {
    const named = inside('hostname elsewhere', 'exec chroot "$@"')
    const verdict = await court.judged('2', '--', court.script(`exec ${OWN} ${named}`))
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('unshare fails by the host name alone when nobody gives one', async () => {
    assert.deepEqual(failedIn(await court.judged('2', '--', court.script(`exec ${OWN} chroot "$@"`))), ['hostname'])
  })

  test('unshare fails by the name of the host when it is set outside', async () => {
    const outside = court.script('hostname renamed', `exec ${OWN} ${inside('hostname inside', 'exec chroot "$@"')}`)
    assert.deepEqual(failedIn(await court.judged('2', '--', outside)), ['hosts-name'])
  })

  test('unshare fails by its number when a shell stays number 1', async () => {
    const stays = inside('hostname elsewhere', 'chroot "$@"', 'exit $?')
    assert.deepEqual(failedIn(await court.judged('2', '--', court.script(`exec ${OWN} ${stays}`))), ['pid-one'])
  })

  test('unshare with pivot_root scores all when lesson 3 is judged', async () => {
    const whole = court.script(`exec ${OWN} ${inside('hostname elsewhere', ...PIVOT)}`)
    const verdict = await court.judged('3', '--', whole)
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('unshare with chroot fails by what lesson 3 adds when it is judged', async () => {
    const named = inside('hostname elsewhere', 'exec chroot "$@"')
    const verdict = await court.judged('3', '--', court.script(`exec ${OWN} ${named}`))
    assert.deepEqual(failedIn(verdict), ['pivot', 'proc', 'devices', 'sys'])
  })

  test('unshare fails by its mounts when they are shared with the host', async () => {
    const named = inside('hostname elsewhere', 'mount -t proc proc "$1/proc"', 'exec chroot "$@"')
    const verdict = await court.judged('3', '--', court.script(`exec ${OWN} --propagation unchanged ${named}`))
    assert.deepEqual(failedIn(verdict), ['private', 'pivot', 'devices', 'sys'])
  })

  test('unshare with pivot_root fails by what lesson 4 adds when it is judged', async () => {
    const limitless = [WITHOUT_LIMITS, `exec ${OWN} ${inside('hostname elsewhere', ...PIVOT)}`]
    assert.deepEqual(failedIn(await court.judged('4', '--', court.script(...limitless))), ['member'])
  })
})

test('bubblewrap gets the verdict that it deserves when lesson 3 is judged', withBwrap, async () => {
  const unshared = '--unshare-pid --unshare-uts --unshare-ipc --unshare-cgroup --as-pid-1 --hostname elsewhere'
  const bwrap = court.script(
    'rootfs=$1; shift',
    `exec bwrap ${unshared} --bind "$rootfs" / --proc /proc --dev /dev "$@"`,
  )
  assert.deepEqual(failedIn(await court.judged('3', '--', bwrap)), ['sys'])
})
