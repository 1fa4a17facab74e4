/** The judge is judged: what is right passes, each kept mistake gets its own diagnosis, and a liar gets nothing. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { skipWithoutRoot, World, type Ran } from './world.ts'

const options = { skip: skipWithoutRoot }
const repository = fileURLToPath(new URL('../../', import.meta.url))
const LESSONS = ['01-chroot', '02-namespaces', '03-mounts', '04-cgroups']

interface Judged {
  passed: number
  total: number
  checks: { id: string; verdict: string; found?: string; cause?: string }[]
}

let world: World
before(() => void (world = new World()))
after(() => world[Symbol.asyncDispose]())

const boxwright = (...words: string[]): Promise<Ran> =>
  world.run(words, { env: { BOXWRIGHT_WORK: join(world.directory, 'work') } })

async function judged(...words: string[]): Promise<Judged> {
  const [verb = [], program = []] = split(words)
  const { stdout, stderr, status } = await boxwright('check', ...verb, '--json', ...program)
  assert.ok(stdout.startsWith('{'), stderr)
  const verdict = JSON.parse(stdout) as Judged
  assert.equal(status, verdict.passed === verdict.total ? 0 : 1)
  return verdict
}

/** Before and from `--` on. */
function split(words: readonly string[]): [string[], string[]] {
  const at = words.indexOf('--')
  return at < 0 ? [[...words], []] : [words.slice(0, at), words.slice(at)]
}

const failedIn = ({ checks }: Judged): string[] =>
  checks.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id)

const shown = (verdict: Judged): string => JSON.stringify(verdict.checks.filter((check) => check.verdict !== 'passed'))

/** A program that is not ours, of a few lines of shell. ROOTFS and the command are `"$@"`. */
function script(name: string, ...lines: string[]): string {
  const file = join(world.directory, name)
  fs.writeFileSync(file, ['#!/bin/sh', 'shift', ...lines, ''].join('\n'), { mode: 0o755 })
  return file
}

const numberOf = (lesson: string): string => String(parseInt(lesson, 10))
const wrongOf = (lesson: string): string[] => fs.readdirSync(join(repository, 'lessons', lesson, 'wrong'))

for (const lesson of LESSONS) {
  const number = numberOf(lesson)

  suite(`the judge of lesson ${number}`, options, () => {
    test(`lesson ${number} scores less than all when its exercise is not solved`, async () => {
      await boxwright('begin', number)
      const verdict = await judged(number)
      assert.ok(verdict.passed < verdict.total)
      assert.notDeepEqual(failedIn(verdict), [])
    })

    test(`lesson ${number} scores all when the exercise is solved`, async () => {
      await boxwright('catchup', number)
      const verdict = await judged(number)
      assert.equal(verdict.passed, verdict.total, shown(verdict))
    })

    test(`lesson ${number} scores all when a stage is judged as any other program`, async () => {
      const file = script(`stage-${number}`, ...asStage(number))
      const verdict = await judged(number, '--', file)
      assert.equal(verdict.passed, verdict.total, shown(verdict))
    })

    for (const name of wrongOf(lesson))
      test(`lesson ${number} gives "${name}" its own diagnosis when it is judged`, async () => {
        const file = join(repository, 'lessons', lesson, 'wrong', name)
        const { diagnosis, cause = '' } = (await import(pathToFileURL(file).href)) as Wrong
        const verdict = await judged(number, '--wall', file)
        const [first] = verdict.checks.filter((check) => check.verdict === 'failed')
        assert.equal(first?.id, diagnosis, shown(verdict))
        assert.ok(`${first?.cause} ${first?.found}`.includes(cause), shown(verdict))
      })

    test(`lesson ${number} has three kept mistakes or more when they are counted`, () => {
      assert.ok(wrongOf(lesson).length >= 3)
    })
  })
}

interface Wrong {
  diagnosis: string
  cause?: string
}

/** Limits stand before ROOTFS, and a stage takes both as options. */
const asStage = (number: string): string[] => [
  'limits=',
  'while [ "${1#--}" != "$1" ]; do limits="$limits $1 $2"; shift 2; done',
  'rootfs=$1; shift',
  `exec node ${join(repository, 'src/cli/boxwright.mjs')} stage ${number} run $limits --rootfs "$rootfs" "$@"`,
]

suite('the judge and programs that are not ours', options, () => {
  const liar = ['echo "root: ok"', 'echo "PID 1, host name box, all limits set"', 'exit 0']

  for (const lesson of LESSONS) {
    const number = numberOf(lesson)

    test(`a script that prints the right words scores nothing when lesson ${number} is judged`, async () => {
      const verdict = await judged(number, '--', script('liar', ...liar))
      assert.equal(verdict.passed, 0)
    })

    test(`a program that runs the command on the host scores nothing when lesson ${number} is judged`, async () => {
      const onHost = script('host', 'while [ "${1#--}" != "$1" ]; do shift 2; done', 'shift', 'exec "$@"')
      const verdict = await judged(number, '--', onHost)
      assert.equal(verdict.passed, 0, shown(verdict))
    })
  }

  test('chroot(8) scores all when lesson 1 is judged', async () => {
    const verdict = await judged('1', '--', script('chroot', 'exec chroot "$@"'))
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('a program that joins its words fails by its arguments alone when lesson 1 is judged', async () => {
    const joins = script('joins', 'exec chroot "$1" /bin/sh -c "$4" $5 $6 $7 $8 $9')
    assert.deepEqual(failedIn(await judged('1', '--', joins)), ['arguments'])
  })

  test('a program that ends well whatever happens fails by its status alone when lesson 1 is judged', async () => {
    assert.deepEqual(failedIn(await judged('1', '--', script('well', 'chroot "$@"; exit 0'))), ['status'])
  })

  test('a program that leaves a process behind is told so when lesson 1 is judged', async () => {
    const verdict = await judged('1', '--', script('leaves', 'chroot "$1" sleep 1000 & exec chroot "$@"'))
    assert.deepEqual(failedIn(verdict), ['clean'])
    assert.match(shown(verdict), /process \d+ \(sleep\)/)
  })
})

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
    const verdict = await judged('2', '--', script('unshare', `exec ${OWN} ${named}`))
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('unshare fails by the host name alone when nobody gives one', async () => {
    assert.deepEqual(failedIn(await judged('2', '--', script('nameless', `exec ${OWN} chroot "$@"`))), ['hostname'])
  })

  test('unshare fails by the name of the host when it is set outside', async () => {
    const outside = script(
      'renames',
      'hostname renamed',
      `exec ${OWN} ${inside('hostname inside', 'exec chroot "$@"')}`,
    )
    assert.deepEqual(failedIn(await judged('2', '--', outside)), ['hosts-name'])
  })

  test('unshare fails by its number when a shell stays number 1', async () => {
    const stays = inside('hostname elsewhere', 'chroot "$@"', 'exit $?')
    assert.deepEqual(failedIn(await judged('2', '--', script('stays', `exec ${OWN} ${stays}`))), ['pid-one'])
  })

  test('unshare with pivot_root scores all when lesson 3 is judged', async () => {
    const whole = script('pivot', `exec ${OWN} ${inside('hostname elsewhere', ...PIVOT)}`)
    const verdict = await judged('3', '--', whole)
    assert.equal(verdict.passed, verdict.total, shown(verdict))
  })

  test('unshare with chroot fails by what lesson 3 adds when it is judged', async () => {
    const named = inside('hostname elsewhere', 'exec chroot "$@"')
    const verdict = await judged('3', '--', script('unshare', `exec ${OWN} ${named}`))
    assert.deepEqual(failedIn(verdict), ['pivot', 'proc', 'devices', 'sys'])
  })

  test('unshare fails by its mounts when they are shared with the host', async () => {
    const named = inside('hostname elsewhere', 'mount -t proc proc "$1/proc"', 'exec chroot "$@"')
    const verdict = await judged('3', '--', script('shares', `exec ${OWN} --propagation unchanged ${named}`))
    assert.deepEqual(failedIn(verdict), ['private', 'pivot', 'devices', 'sys'])
  })

  test('unshare with pivot_root fails by what lesson 4 adds when it is judged', async () => {
    const limitless = [
      'while [ "${1#--}" != "$1" ]; do shift 2; done',
      `exec ${OWN} ${inside('hostname elsewhere', ...PIVOT)}`,
    ]
    assert.deepEqual(failedIn(await judged('4', '--', script('limitless', ...limitless))), ['member'])
  })
})

test('bubblewrap gets the verdict that it deserves when lesson 3 is judged', withBwrap, async () => {
  const unshared = '--unshare-pid --unshare-uts --unshare-ipc --unshare-cgroup --as-pid-1 --hostname elsewhere'
  const bwrap = script(
    'bwrap',
    'rootfs=$1; shift',
    `exec bwrap ${unshared} --bind "$rootfs" / --proc /proc --dev /dev "$@"`,
  )
  assert.deepEqual(failedIn(await judged('3', '--', bwrap)), ['sys'])
})

test('the judge leaves the host as it was when it has judged', options, async () => {
  const inventory = world.inventory()
  const name = execFileSync('hostname', { encoding: 'utf8' })
  await judged('1', '--', script('chroot', 'exec chroot "$@"'))
  assert.deepEqual(world.left(inventory), [])
  assert.equal(execFileSync('hostname', { encoding: 'utf8' }), name)
})

test('hint climbs the ladder of the check that failed when it is asked again', options, async () => {
  await judged('1', '--wall', join(repository, 'lessons/01-chroot/wrong/chroot-alone.ts'))
  const hints = [
    await boxwright('hint'),
    await boxwright('hint', '1'),
    await boxwright('hint'),
    await boxwright('hint'),
  ]
  assert.deepEqual(
    hints.map(({ stdout }) => /hint (\d) of 3/.exec(stdout)?.[1]),
    ['1', '2', '3', '3'],
  )
  assert.match(hints[1]?.stdout ?? '', /man 2 chroot/)
  await judged('1', '--', script('chroot', 'exec chroot "$@"'))
  const { status, stderr } = await boxwright('hint', '1')
  assert.equal(status, 125)
  assert.match(stderr, /Cannot give a hint for lesson 1: no check has failed/)
})

/** A wall file of the test's own. */
function wallFile(steps: string, head = ''): string {
  const file = join(world.newPlace(), 'wall.ts')
  const imports = `import { box, host, type Wall } from '${repository}src/plan/plan.ts'`
  const wall = `export const root: Wall = { name: 'root', lesson: 1, steps: (spec) => [${steps}] }`
  fs.writeFileSync(file, [imports, head, 'void host', wall, ''].join('\n'))
  return file
}

const REFUSED: [what: string, steps: string, head: string, message: RegExp][] = [
  [
    'has a syntax error',
    "box('chroot' [spec.root.path])",
    '',
    /Cannot load the wall ".*": Expected .*\n.*wall\.ts:4: /,
  ],
  [
    'exports two walls',
    '',
    "export const other: Wall = { name: 'other', lesson: 1, steps: () => [] }",
    /it exports several/,
  ],
  [
    'throws when it is loaded',
    '',
    "throw new Error('too early')",
    /Cannot load the wall ".*": too early\n.*wall\.ts:2$/m,
  ],
  [
    'throws in steps',
    '...(spec as any).nothing.at(0)',
    '',
    /Cannot make the steps of the wall "root": .*\n.*wall\.ts:4$/m,
  ],
  [
    'makes calls itself',
    '',
    `import { calls } from '${repository}src/kernel/libc.ts'; calls.chdir('/')`,
    /makes no system calls/,
  ],
  [
    'has an unknown call',
    "box('chrooot' as never, ['/'] as never, '')",
    '',
    /Cannot play chrooot: there is no call of that name/,
  ],
  ['has an argument too few', "box('mkdir', ['/x'] as never, '')", '', /it takes 2 arguments and was given 1/],
  [
    'mounts without a namespace',
    "box('mount', ['proc', '/proc', 'proc', 0, ''], '')",
    '',
    /no unshare comes before it/,
  ],
  ['makes a directory on the host', "box('mkdir', ['/usr/x', 0o755], '')", '', /this is "\/usr\/x" of your machine/],
  ['writes a file of the host', "host('write', ['/etc/hostname', 'x'], '')", '', /that file is your machine’s/],
  ['changes Boxwright’s root', "host('chroot', [spec.root.path], '')", '', /Boxwright itself that changes/],
  ['ends every process', "host('remove_cgroup', ['/sys/fs/cgroup'], '')", '', /Boxwright itself that changes/],
  [
    'ends every process by its undo',
    "box('chroot', [spec.root.path], '', { undo: { call: 'remove_cgroup', args: ['/sys/fs/cgroup/memory'] } })",
    '',
    /its undo, remove_cgroup\(\/sys\/fs\/cgroup\/memory\), is not/,
  ],
]

for (const [what, steps, head, message] of REFUSED)
  test(`a wall is refused and nothing is played when it ${what}`, options, async () => {
    const inventory = world.inventory()
    const { status, stderr } = await boxwright('stage', '1', 'run', '--wall', wallFile(steps, head), 'true')
    assert.equal(status, 125)
    assert.match(stderr, message)
    assert.deepEqual(world.left(inventory), [])
  })

test('a wall is refused when it is of no name that the stage has', options, async () => {
  const file = wallFile('')
  const { stderr } = await boxwright('stage', '3', 'run', '--wall', file, 'true')
  assert.match(stderr, /Cannot put the wall "root" into stage 3: it has none of that name/)
})

test('a box of a wall that leaks mounts leaves none on the host when it runs', options, async () => {
  const inventory = world.inventory()
  const file = join(repository, 'lessons/03-mounts/wrong/shared-mounts.ts')
  const { stdout } = await boxwright('stage', '3', 'run', '--wall', file, 'cat', '/proc/self/mountinfo')
  assert.match(stdout, / \/proc .* shared:/)
  assert.deepEqual(world.left(inventory), [])
})
