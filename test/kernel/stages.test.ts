/** What each stage promises, read from the kernel while a box is running: its root, its namespaces, its numbers, its streams, its end. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { errnoName } from '../../src/kernel/error.ts'
import {
  isAlive,
  namespaceOf,
  parentOf,
  pidsOf,
  processId,
  statusField,
  type Namespace,
} from '../../src/kernel/proc.ts'
import { asleep, commandLineOf, processesOf, skipWithoutRoot, until, World, type Ran, type Running } from './world.ts'

const options = { skip: skipWithoutRoot }
const STAGES = [1, 2, 3, 4]
const LESSONS = ['01-chroot', '02-namespaces', '03-mounts', '04-cgroups']
const KINDS: Namespace[] = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts']

/** The namespaces of its own that a box of this stage has. */
const ownNamespaces = (stage: number): Namespace[] => (stage === 1 ? [] : ['cgroup', 'ipc', 'mnt', 'pid', 'uts'])

const identity = (path: string): string => `${fs.statSync(path).dev}:${fs.statSync(path).ino}`
const run = (stage: number, ...words: string[]): string[] => ['stage', String(stage), 'run', ...words]
const statusesOf = async (ends: Promise<Ran>[]): Promise<number[]> =>
  (await Promise.all(ends)).map(({ status }) => status)
const isThere = (pid: number): boolean => fs.existsSync(`/proc/${pid}`)

for (const stage of STAGES) {
  suite(`a box of stage ${stage} that sleeps`, options, () => {
    let world: World
    let box: Running
    before(async () => {
      world = new World()
      box = await world.start(run(stage, 'sleep', '1000'), { env: { SECRET: 'of the host', TERM: 'dumb' } })
    })
    after(() => world[Symbol.asyncDispose]())

    test(`stage ${stage} has its root and working directory in the root file system when it runs`, () => {
      assert.equal(identity(`/proc/${box.pid}/root`), identity(world.base()))
      assert.equal(identity(`/proc/${box.pid}/cwd`), identity(world.base()))
      assert.notEqual(identity(`/proc/${box.pid}/root`), identity('/'))
    })

    test(`stage ${stage} has namespaces of its own, and the host's for the rest, when it runs`, () => {
      const differing = (pid: number): Namespace[] =>
        KINDS.filter((kind) => namespaceOf(pid, kind) !== namespaceOf('self', kind))
      assert.deepEqual(differing(box.pid), ownNamespaces(stage))
      assert.deepEqual(differing(box.launcher), [], 'the launcher stays in those of the host')
    })

    test(`stage ${stage} numbers its process as it promises when it runs`, () => {
      assert.deepEqual(pidsOf(box.pid), stage === 1 ? [box.pid] : [box.pid, 1])
    })

    test(`stage ${stage} has the host name that it promises when it is asked from outside`, () => {
      assert.equal(hostnameOf(box.pid), stage === 1 ? hostname() : 'box')
      assert.equal(hostnameOf(process.pid), hostname())
    })

    test(`stage ${stage} gives its command a clean process when it becomes it`, async () => {
      await asleep(box.pid)
      const environment = fs.readFileSync(`/proc/${box.pid}/environ`, 'utf8').split('\0').filter(Boolean)
      const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
      assert.deepEqual(environment, [path, 'HOME=/root', 'TERM=dumb', `BOXWRIGHT_BOX=${box.id}`])
      assert.deepEqual(fs.readdirSync(`/proc/${box.pid}/fd`), ['0', '1', '2'])
      assert.deepEqual(signalsOf(box.pid), { SigBlk: 0n, SigIgn: 0n, SigCgt: 0n })
      assert.equal(statusField(box.pid, 'Umask'), statusField('self', 'Umask'))
      assert.match(fs.readFileSync(`/proc/${box.pid}/limits`, 'utf8'), /^Max open files +1024 /m)
    })
  })

  test(`stage ${stage} ends an orphan with the box when it was not waited for`, options, async () => {
    await using world = new World()
    const before = world.inventory()
    const box = await world.start(run(stage, 'sh', '-c', MOTHER))
    const orphan = await orphanOf(box)
    const known = processId(orphan)
    await until('its adoption', () => parentOf(orphan) === (stage === 1 ? box.launcher : box.pid))
    box.signal('SIGTERM')
    assert.equal((await box.ended).status, 143)
    assert.equal(known?.pid, orphan)
    assert.equal(isAlive(known), false)
    assert.deepEqual(world.left(before), [])
  })

  test(`stage ${stage} passes the exit status on when its command ends`, options, async () => {
    await using world = new World()
    const ends = [0, 7, 255].map((status) => world.run(run(stage, 'sh', '-c', `exit ${status}`)))
    assert.deepEqual(await statusesOf(ends), [0, 7, 255])
    const killed = await world.start(run(stage, 'sleep', '1000'))
    process.kill(killed.pid, 'SIGKILL')
    assert.equal((await killed.ended).status, 137)
  })

  test(`stage ${stage} ends with 128 + n when signal n is sent to the launcher`, options, async () => {
    await using world = new World()
    for (const [signal, status] of [
      ['SIGTERM', 143],
      ['SIGHUP', 129],
      ['SIGUSR1', 138],
    ] as const) {
      const box = await world.start(run(stage, 'sleep', '1000'))
      box.signal(signal)
      assert.equal((await box.ended).status, status, signal)
    }
  })

  test(`stage ${stage} leaves a signal to its command when that catches it`, options, async () => {
    await using world = new World()
    const box = await world.start(
      run(stage, 'sh', '-c', 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done'),
    )
    await box.line(/ready/)
    box.signal('SIGTERM')
    assert.equal((await box.ended).status, 7)
  })

  test(`stage ${stage} passes bytes unharmed when its streams are pipes`, options, async () => {
    await using world = new World()
    const bytes = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, n) => n)), randomBytes(1 << 20)])
    const through = await world.run(run(stage, 'cat'), { stdin: bytes })
    assert.ok(through.bytes.equals(bytes))
    assert.equal(through.stderr, '')
    const apart = await world.run(run(stage, 'sh', '-c', 'cat >&2; echo out'), { stdin: 'in' })
    assert.deepEqual([apart.stdout, apart.stderr], ['out\n', 'in'])
  })

  test(`stage ${stage} runs in a directory when --rootfs names it`, options, async () => {
    await using world = new World()
    const rootfs = world.copyOfBase()
    const entries = fs.readdirSync(rootfs)
    fs.symlinkSync(rootfs, join(world.directory, 'link'))
    const ways = [`${rootfs}/`, join(world.directory, 'link'), `./${basename(rootfs)}`]
    const starts = ways.map((way) =>
      world.start(run(stage, '--rootfs', way, 'sleep', '1000'), { cwd: dirname(rootfs) }),
    )
    for (const { pid } of await Promise.all(starts)) assert.equal(identity(`/proc/${pid}/root`), identity(rootfs))
    assert.deepEqual(fs.readdirSync(rootfs), entries)
  })

  test(`stage ${stage} is the same when its own file is run`, options, async () => {
    await using world = new World()
    const file = join(import.meta.dirname, `../../lessons/${LESSONS[stage - 1]}/stage.ts`)
    const words = ['run', '--explain=before', 'sh', '-c', 'hostname; pwd; ls -id /; exit 7']
    const lesson = await world.run(words, { program: [process.execPath, '--import', 'tsx', file] })
    const command = await world.run(['stage', String(stage), ...words])
    assert.equal(command.status, 7)
    assert.deepEqual(anonymous(lesson, world), anonymous(command, world))
  })

  test(`stage ${stage} leaves nothing behind when it has run`, options, async () => {
    await using world = new World()
    const before = world.inventory()
    const { stderr } = await world.run(run(stage, '--receipt', 'true'))
    assert.match(stderr, /host unchanged|cgroup|process/)
    assert.deepEqual(world.left(before), [])
    assert.equal(world.ids.size, 1)
  })
}

test('a box has another host name when --hostname says so', options, async () => {
  await using world = new World()
  const { pid } = await world.start(run(2, '--hostname', 'ship.example', 'sleep', '1000'))
  assert.equal(hostnameOf(pid), 'ship.example')
})

test('PID 1 of a box is a parent to orphans when it waits', options, async () => {
  await using world = new World()
  const box = await world.start(run(2, 'sh', '-c', MOTHER))
  const orphan = await orphanOf(box)
  process.kill(orphan, 'SIGKILL')
  await until('the orphan to be reaped, and not a zombie', () => !isThere(orphan))
})

for (const stage of STAGES) {
  test(`stage ${stage} makes nothing when its plan is only shown`, options, async () => {
    await using world = new World()
    const shown = await world.run(run(stage, '--explain', '--json', 'sh'), { env: { BOXWRIGHT_IMAGES: '/nowhere' } })
    assert.equal(shown.status, 0)
    assert.equal((JSON.parse(shown.stdout) as Shown[]).at(-1)?.call, 'execvpe')
    assert.equal(shown.stderr, '')
    assert.deepEqual([world.ids.size, fs.existsSync('/nowhere')], [0, false])
  })

  test(`stage ${stage} tells what the kernel said to each step when it explains a run`, options, async () => {
    await using world = new World()
    const [shown, before, after] = await Promise.all(
      ['', '=before', '=after'].map((when) =>
        world.run(run(stage, `--explain${when}`, '--json', 'sh', '-c', 'exit 3')),
      ),
    )
    assert.deepEqual([shown?.status, before?.status, after?.status], [0, 3, 3])
    const steps = JSON.parse(shown?.stdout ?? '') as Shown[]
    assert.deepEqual(calls(planIn(before)), calls(steps))
    assert.deepEqual(calls(planIn(after)), calls(steps))
    for (const { step, result, fine = [] } of planIn(after)) {
      assert.ok(result && (result.errno === 0 || fine.includes(errnoName(result.errno))), `step ${step}`)
      assert.ok(result.nanoseconds > 0)
    }
  })
}

test('a box stands outside its root when stage 1 runs without its chdir', options, async () => {
  await using world = new World()
  const place = world.newPlace()
  const number = String(await stepOf(world, 1, 'chdir'))
  const { pid } = await world.start(run(1, '--without', number, 'sleep', '1000'), { cwd: place })
  assert.equal(identity(`/proc/${pid}/cwd`), identity(place))
  assert.equal(identity(`/proc/${pid}/root`), identity(world.base()))
})

test('a box has the name of the host when stage 2 runs without its sethostname', options, async () => {
  await using world = new World()
  const number = String(await stepOf(world, 2, 'sethostname'))
  const { pid } = await world.start(run(2, '--without', number, 'sleep', '1000'))
  assert.equal(hostnameOf(pid), hostname())
  assert.notEqual(namespaceOf(pid, 'uts'), namespaceOf('self', 'uts'))
})

/** What `--explain --json` has of a step. */
interface Shown {
  step: number
  call: string
  fine?: string[]
  result?: { errno: number; nanoseconds: number }
}

const calls = (steps: Shown[]): string[] => steps.map(({ call }) => call)

/** On standard error, as standard output is the command's. */
const planIn = (ran: Ran | undefined): Shown[] =>
  JSON.parse(/^boxwright: the plan\n(\[\n[^]*?\n\])\n/.exec(ran?.stderr ?? '')?.[1] ?? '') as Shown[]

async function stepOf(world: World, stage: number, call: string): Promise<number> {
  const { stdout } = await world.run(run(stage, '--explain', '--json', 'sh'))
  return (JSON.parse(stdout) as Shown[]).find((step) => step.call === call)?.step ?? 0
}

/** From outside: nsenter(1) goes into the UTS namespace alone. */
function hostnameOf(pid: number): string {
  const { stdout, stderr } = spawnSync('nsenter', [`--uts=/proc/${pid}/ns/uts`, 'uname', '-n'], { encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout.trim()
}

/** A child that has a child, and a shell that goes on waiting. */
const MOTHER = 'sh -c "sleep 1000; true"; while :; do sleep 0.05; done'

/** Makes the grandchild an orphan, from outside. */
async function orphanOf({ id }: Running): Promise<number> {
  const grandchild = await until('the grandchild', () =>
    processesOf(id).find((pid) => commandLineOf(pid) === 'sleep 1000'),
  )
  process.kill(parentOf(grandchild) ?? 0, 'SIGKILL')
  return grandchild
}

/** A box's name is drawn at random. */
function anonymous({ status, stdout, stderr }: Ran, world: World): Omit<Ran, 'bytes'> {
  const replace = (text: string): string => [...world.ids].reduce((all, id) => all.replaceAll(id, 'ID'), text)
  return { status, stdout: replace(stdout), stderr: replace(stderr) }
}

/** Masks of signals that are blocked, ignored, caught: proc_pid_status(5). */
const signalsOf = (pid: number): Record<string, bigint> =>
  Object.fromEntries(['SigBlk', 'SigIgn', 'SigCgt'].map((field) => [field, BigInt(`0x${statusField(pid, field)}`)]))
