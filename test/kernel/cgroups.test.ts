/** Limits, as the cgroup's own files have them, and as the kernel keeps them when something really runs into one. For cgroup v1, hybrid and v2. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readEvents } from '../../src/kernel/cgroup-events.ts'
import { CONTROLLERS, readCgroups, type Controller } from '../../src/kernel/cgroups.ts'
import { readMountInfo } from '../../src/kernel/mountinfo.ts'
import { statusField } from '../../src/kernel/proc.ts'
import { BOXWRIGHT, commandLineOf, processesOf, skipWithoutRoot, until, World } from './world.ts'

const { layout, v1, v2, cpuset } = readCgroups()
const missing = CONTROLLERS.filter((name) => !(name in v1) && !v2?.available.includes(name))

/** For a test's options: a controller that this machine has not got cannot be tested on it. */
const needs = (...wanted: Controller[]): { skip: string | false } => {
  const lacking = wanted.filter((name) => missing.includes(name))
  return { skip: skipWithoutRoot || (lacking.length > 0 && `cgroups (${layout}) without ${lacking.join(', ')}`) }
}

const run = (...words: string[]): string[] => ['stage', '4', 'run', ...words]
const directoryOf = (controller: Controller, id: string): string =>
  join(v1[controller] ?? v2?.base ?? '', `boxwright-${id}`)
const read = (controller: Controller, id: string, file: string): string =>
  fs.readFileSync(join(directoryOf(controller, id), file), 'utf8').trim()
const members = (controller: Controller, id: string): number[] =>
  read(controller, id, 'cgroup.procs').split('\n').map(Number)
const eventsOf = (controller: Controller, id: string) => readEvents([directoryOf(controller, id)])
const oneOf = (controller: Controller, old: string, unified: string): string => (controller in v1 ? old : unified)

/** A shell variable, doubled until it has 256 MiB; nothing that is never written to. */
const HOG = 'x=0123456789abcdef; while [ ${#x} -lt 268435456 ]; do x=$x$x; done'
const AT_ITS_LIMIT = 'boxwright: the kernel ended 1 process of the box: it was at its memory limit\n'
const FORKS = 'n=0; while [ $n -lt 500 ]; do sleep 1000 & n=$((n+1)); done'

test('all processes of a box are in its cgroups when they are listed outside', needs('memory', 'pids'), async () => {
  await using world = new World()
  const box = await world.start(run('sh', '-c', 'sh -c "sleep 1000; true"; true'))
  const all = await until('the grandchild', () => {
    const found = processesOf(box.id).sort()
    return found.length === 3 && found
  })
  for (const controller of ['memory', 'pids'] as const) assert.deepEqual(members(controller, box.id).sort(), all)
  for (const pid of all) assert.ok(!members('memory', box.id).includes(box.launcher), `${pid}: the launcher is outside`)
})

test('a memory limit is in the kernel’s own file when --memory sets it', needs('memory'), async () => {
  await using world = new World()
  const { id } = await world.start(run('--memory', '64m', 'sleep', '1000'))
  assert.equal(read('memory', id, oneOf('memory', 'memory.limit_in_bytes', 'memory.max')), String(64 << 20))
  const swap = oneOf('memory', 'memory.memsw.limit_in_bytes', 'memory.swap.max')
  const counts = fs.existsSync(join(directoryOf('memory', id), swap))
  if (counts) assert.equal(read('memory', id, swap), oneOf('memory', String(64 << 20), '0'))
})

test('a limit on processes is in the kernel’s own file when --pids sets it', needs('pids'), async () => {
  await using world = new World()
  const { id } = await world.start(run('--pids', '32', 'sleep', '1000'))
  assert.equal(read('pids', id, 'pids.max'), '32')
})

test('a box has no limit on memory and processes when none is asked for', needs('memory', 'pids'), async () => {
  await using world = new World()
  const { id } = await world.start(run('sleep', '1000'))
  assert.equal(read('pids', id, 'pids.max'), 'max')
  assert.match(read('memory', id, oneOf('memory', 'memory.limit_in_bytes', 'memory.max')), /^(max|922337203685\d+)$/)
})

test('a process is killed when it takes more memory than its box may', needs('memory'), async () => {
  await using world = new World()
  const before = world.inventory()
  const box = await world.start(run('--memory', '32m', 'sh', '-c', `exec 2>&-; sh -c '${HOG}'; exec sleep 1000`))
  await until('the end of the hog', () => commandLineOf(box.pid) === 'sleep 1000')
  const { oomKills, memoryPeak } = eventsOf('memory', box.id)
  assert.equal(oomKills, 1)
  assert.ok(memoryPeak <= 32 << 20, `${memoryPeak} bytes at most`)
  box.signal('SIGTERM')
  const { status, stderr } = await box.ended
  assert.equal(status, 143)
  assert.equal(stderr, AT_ITS_LIMIT)
  assert.deepEqual(world.left(before), [])
})

test(
  'a box ends with 137, and says why, when its first process takes more memory than it may',
  needs('memory'),
  async () => {
    await using world = new World()
    const { status, stderr } = await world.run(run('--memory', '32m', 'sh', '-c', HOG))
    assert.equal(status, 137)
    assert.equal(stderr, AT_ITS_LIMIT)
  },
)

test('a box is not said to have run into a limit when it has not', needs('memory', 'pids'), async () => {
  await using world = new World()
  const { status, stderr } = await world.run(run('--memory', '64m', '--pids', '32', 'sh', '-c', 'kill -9 $$; exit 137'))
  assert.deepEqual([status, stderr], [137, ''])
})

test('a fork bomb is stopped when its box is at its limit of processes', needs('pids'), async () => {
  await using world = new World()
  const before = world.inventory()
  const box = await world.start(run('--pids', '20', 'sh', '-c', `sh -c '${FORKS}' 2>&-; exec sleep 999`))
  await until('the end of the bomb', () => commandLineOf(box.pid) === 'sleep 999')
  const charged = () => Number(read('pids', box.id, 'pids.current'))
  await until('the last of them to be a command', () => charged() === processesOf(box.id).length) // in execve(2) none can be told
  assert.ok(processesOf(box.id).length <= 20 && processesOf(box.id).length > 15)
  assert.ok(eventsOf('pids', box.id).forksRefused >= 1)
  box.signal('SIGTERM')
  const { stderr } = await box.ended
  assert.match(
    stderr,
    /^boxwright: the kernel refused the box \d+ process(es)? more: it was at its limit of processes\n$/,
  )
  assert.deepEqual(world.left(before), [])
})

test('a box is held back when it wants more processor time than --cpus gives', needs('cpu'), async () => {
  await using world = new World()
  const { id } = await world.start(run('--cpus', '0.5', 'sh', '-c', 'while :; do :; done'))
  if ('cpu' in v1) {
    assert.equal(read('cpu', id, 'cpu.cfs_quota_us'), '50000')
    assert.equal(read('cpu', id, 'cpu.cfs_period_us'), '100000')
  } else assert.equal(read('cpu', id, 'cpu.max'), '50000 100000')
  await until('the kernel to hold it back', () => eventsOf('cpu', id).throttled > 0)
})

test('a box keeps to the processors that --cpuset names when it runs', needs('cpuset'), async () => {
  await using world = new World()
  const first = /^\d+/.exec(cpuset.cpus || statusField('self', 'Cpus_allowed_list'))?.[0] ?? '0'
  const { pid, id } = await world.start(run('--cpuset', first, 'sleep', '1000'))
  assert.equal(read('cpuset', id, 'cpuset.cpus'), first)
  assert.ok(members('cpuset', id).includes(pid))
  assert.equal(statusField(pid, 'Cpus_allowed_list'), first)
})

const disk = blockDevice()
test(
  'a rate for a device is in the kernel’s own file when --read-bps and --write-bps set it',
  needsDisk(),
  async () => {
    await using world = new World()
    const { id } = await world.start(
      run('--read-bps', `${disk?.path}:2m`, '--write-bps', `${disk?.path}:1m`, 'sleep', '1000'),
    )
    if ('io' in v1) {
      assert.equal(read('io', id, 'blkio.throttle.read_bps_device'), `${disk?.numbers} ${2 << 20}`)
      assert.equal(read('io', id, 'blkio.throttle.write_bps_device'), `${disk?.numbers} ${1 << 20}`)
    } else assert.match(read('io', id, 'io.max'), new RegExp(`^${disk?.numbers} rbps=${2 << 20} wbps=${1 << 20}\\b`))
  },
)

test('a box’s cgroups are gone when it ends with processes that do not want to', needs('memory', 'pids'), async (t) => {
  await using world = new World()
  const before = world.inventory()
  const stubborn = 'trap "" TERM HUP INT; while :; do sleep 0.1; done'
  const box = await world.start(run('sh', '-c', `sh -c '${stubborn}' & echo ready; exec sleep 1000`))
  await until('the stubborn child', () => processesOf(box.id).length >= 2)
  const strangers = [await lingerer(box.id, t), await lingerer(`${box.id}/below`, t)]
  box.signal('SIGTERM')
  assert.equal((await box.ended).status, 143)
  assert.deepEqual(processesOf(box.id), [])
  await until('the end of strangers', () => strangers.every(({ signalCode }) => signalCode === 'SIGKILL'))
  assert.deepEqual(world.left(before), [])
})

test('two boxes have cgroups of their own when they run at the same time', needs('memory'), async () => {
  await using world = new World()
  const [one, other] = await Promise.all([world.start(run('sleep', '1000')), world.start(run('sleep', '1000'))])
  assert.deepEqual([members('memory', one.id), members('memory', other.id)], [[one.pid], [other.pid]])
  one.signal('SIGTERM')
  await one.ended
  assert.deepEqual([fs.existsSync(directoryOf('memory', one.id)), members('memory', other.id)], [false, [other.pid]])
})

test(
  'a box sees its own limits, and cannot change them, when it looks into /sys/fs/cgroup',
  needs('memory'),
  async () => {
    await using world = new World()
    const file = oneOf('memory', 'memory.limit_in_bytes', 'memory.max')
    const view = join('/sys/fs/cgroup', oneOf('memory', 'memory', ''), file)
    const script = `echo 1g 2>&- > ${view} || echo refused; exec sleep 1000`
    const box = await world.start(run('--memory', '64m', 'sh', '-c', script))
    await box.line(/refused/)
    assert.equal(inode(`/proc/${box.pid}/root${view}`), inode(join(directoryOf('memory', box.id), file)))
    assert.equal(read('memory', box.id, file), String(64 << 20))
    const mounts = readMountInfo(box.pid).filter(({ mountPoint }) => mountPoint.startsWith('/sys/fs/cgroup'))
    assert.deepEqual(
      mounts.filter(({ options }) => !options.includes('ro')),
      [],
    )
    const own = mounts.filter(({ type, superOptions }) => type === 'cgroup2' || superOptions.includes('memory'))
    assert.ok(own.length > 0 && own.every(({ root }) => root.endsWith(`/boxwright-${box.id}`)))
  },
)

/** What the kernel refuses, or has not got: no box is made, and nothing is left. */
const REFUSED = [
  {
    name: 'a processor that the machine has not got',
    ...needs('cpuset'),
    words: ['--cpuset', '4000'],
    says: /^boxwright: Cannot .*cpuset\.cpus.*4000.*\n {2}\S/,
  },
  {
    name: 'memory and there are no cgroups',
    skip: skipWithoutRoot,
    words: ['--memory', '64m'],
    program: withoutCgroups(),
    says: /^boxwright: Cannot set a limit on memory: no cgroup file system is mounted here\n {2}\S/,
  },
]
for (const { name, skip, words, says, ...options } of REFUSED)
  test(`a box is not made when its limit asks for ${name}`, { skip }, async () => {
    await using world = new World()
    const before = world.inventory()
    const { status, stdout, stderr } = await world.run(run(...words, 'echo', 'made'), options)
    assert.match(stderr, says)
    assert.deepEqual([status, stdout], [125, ''])
    assert.deepEqual(world.left(before), [])
  })

test('a box is made without limits when the machine has no cgroups', { skip: skipWithoutRoot }, async () => {
  await using world = new World()
  const { status, stdout, stderr } = await world.run(run('echo', 'made'), { program: withoutCgroups() })
  assert.deepEqual([status, stdout, stderr], [0, 'made\n', ''])
})

const inode = (path: string): string => `${fs.statSync(path).dev}:${fs.statSync(path).ino}`

/** A process of the host, deaf to SIGTERM and of its own session, put into a box's cgroup. */
async function lingerer(path: string, t: TestContext): Promise<ChildProcess> {
  const child = spawn('sh', ['-c', 'trap "" TERM HUP INT; echo ready; while :; do sleep 0.1; done'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  t.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const directory = directoryOf('pids', path)
  fs.mkdirSync(directory, { recursive: true })
  fs.writeFileSync(join(directory, 'cgroup.procs'), String(child.pid))
  return child
}

/** In a mount namespace of its own, where the cgroup file systems are unmounted. */
function withoutCgroups(): string[] {
  const mounts = readMountInfo().filter(({ type }) => type.startsWith('cgroup'))
  const script = `umount -l ${mounts.map(({ mountPoint }) => mountPoint).join(' ')} && exec "$@"`
  return ['unshare', '--mount', '--propagation', 'private', '--', 'sh', '-c', script, 'sh', process.execPath, BOXWRIGHT]
}

/** A whole disk: partitions and the like cannot be throttled. */
function blockDevice(): { path: string; numbers: string } | undefined {
  const names = fs.readdirSync('/sys/block').filter((name) => !/^(loop|ram|zram|sr|fd)\d/.test(name))
  const name = names.find((one) => fs.existsSync(`/dev/${one}`))
  return name === undefined
    ? undefined
    : { path: `/dev/${name}`, numbers: fs.readFileSync(`/sys/block/${name}/dev`, 'utf8').trim() }
}

function needsDisk(): { skip: string | false } {
  return disk ? needs('io') : { skip: 'this machine has no disk whose numbers could be written' }
}
