/** Podman, by way of conmon, and Buildah: `--runtime PATH`. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { after, afterEach, before, suite, test } from 'node:test'
import { until } from '../kernel/until.ts'
import { testsOf } from './engine.ts'
import { cgroupsNamed, IMAGE, inTerminal, makeArchive, PATIENT, processes, ran, RUNTIME, said } from './ground.ts'
import { enterMachine } from './machine.ts'

const skip = enterMachine(import.meta.filename, [RUNTIME, 'podman', 'buildah', 'conmon', 'script'])

/** The limits that Podman asks for otherwise take CAP_SYS_RESOURCE; there is no systemd here to make its cgroups, or to keep its events. */
const CONF = `
[containers]
default_ulimits = ["nofile=16384:16384", "nproc=32768:32768"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
`

const podman = (...words: string[]): string[] => ['podman', '--runtime', RUNTIME, ...words]
const run = (...words: string[]): string[] => podman('run', '--pull=never', ...words)

const inspect = (name: string, format: string): Promise<string> => said(podman('inspect', '--format', format, name))

/** A container that is there until it is told to end. */
async function patient(name: string, ...options: string[]): Promise<void> {
  await said(run('--detach', '--name', name, ...options, IMAGE, ...PATIENT))
  await until(`${name} to be ready`, async () => (await said(podman('logs', name))).includes('ready'))
}

const end = (name: string): Promise<string> => said(podman('rm', '--force', '--time', '0', name))

suite('Podman', { skip }, () => {
  before(async () => {
    fs.writeFileSync('/tmp/containers.conf', CONF)
    process.env['CONTAINERS_CONF'] = '/tmp/containers.conf'
    await said(podman('load', '--input', makeArchive()))
  })
  afterEach(() => ran(podman('rm', '--all', '--force', '--time', '0')))
  after(() => said(podman('system', 'reset', '--force')))

  testsOf({ name: 'Podman', run, of: podman, patient, inspect, stateOf: (id) => [RUNTIME, 'state', id] })

  test('Podman tells a command that is missing from one that is none when it adds a process', async () => {
    await patient('added')
    assert.equal((await ran(podman('exec', 'added', 'sh', '-c', 'exit 5'))).status, 5)
    const missing = await ran(podman('exec', 'added', 'no-such-command'))
    assert.equal(missing.status, 127, missing.stderr)
    const directory = await ran(podman('exec', 'added', '/etc'))
    assert.equal(directory.status, 126, directory.stderr)
  })

  test('the runtime is the one that was asked for when Podman is asked', async () => {
    await patient('asked')
    assert.equal(await inspect('asked', '{{.OCIRuntime}}'), RUNTIME)
    const id = await inspect('asked', '{{.Id}}')
    const state = JSON.parse(await said([RUNTIME, 'state', id])) as { status: string; pid: number }
    assert.deepEqual([state.status, String(state.pid)], ['running', await inspect('asked', '{{.State.Pid}}')])
  })

  test('Podman counts what a container uses, and its processes, when it is asked', async () => {
    await patient('counted', '--memory', '64m')
    const [stats] = JSON.parse(await said(podman('stats', '--no-stream', '--format', 'json', 'counted'))) as [Stats]
    assert.match(stats.mem_usage, /^[1-9].* \/ 67.11MB$/)
    assert.ok(Number(stats.pids) >= 1)
    assert.match(await said(podman('top', 'counted', 'pid', 'args')), /^1 +sh -c/m)
  })

  test('the limits hold when Podman changes them', async () => {
    await patient('changed', '--memory', '64m')
    await said(podman('update', '--memory', '48m', 'changed'))
    const inside = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max'
    assert.equal(await said(podman('exec', 'changed', 'sh', '-c', inside)), '50331648')
  })

  test('a container is healthy when its command says so', async () => {
    await patient('checked', '--health-cmd', 'test -f /tmp/well', '--health-interval', 'disable')
    assert.equal((await ran(podman('healthcheck', 'run', 'checked'))).status, 1)
    await said(podman('exec', 'checked', 'touch', '/tmp/well'))
    assert.equal((await ran(podman('healthcheck', 'run', 'checked'))).status, 0)
    assert.equal(await inspect('checked', '{{.State.Health.Status}}'), 'healthy')
  })

  test('a container has a terminal as large as ours when Podman has one', async () => {
    const words = run(
      '--rm',
      '--interactive',
      '--tty',
      IMAGE,
      'sh',
      '-c',
      'until [ "$(stty size)" = "33 77" ]; do sleep 0.1; done; tty; stty size; read line; exit 4',
    )
    const size = /\/dev\/pts\/0\r+\n[^]*33 77\r+\n/
    const { status, stdout } = await ran(inTerminal(words), { input: '\n', after: size }) // script(1) may lose what is said at the end
    assert.equal(status, 4)
    assert.match(stdout, size)
  })

  test('root of a container is nobody of ours when Podman gives a map', async () => {
    await patient('mapped', '--uidmap', '0:100000:1000', '--gidmap', '0:100000:1000')
    const pid = await inspect('mapped', '{{.State.Pid}}')
    assert.equal(fs.statSync(`/proc/${pid}`).uid, 100_000)
    assert.equal(await said(podman('exec', 'mapped', 'id', '-u')), '0')
  })

  test('a volume is the directory that Podman says when a container writes into it', async () => {
    fs.mkdirSync('/tmp/volume', { recursive: true })
    const writes = await ran(run('--rm', '--volume', '/tmp/volume:/v', IMAGE, 'sh', '-c', 'echo from inside >/v/note'))
    assert.equal(writes.status, 0, writes.stderr)
    assert.equal(fs.readFileSync('/tmp/volume/note', 'utf8'), 'from inside\n')
  })

  test('two containers share a network when Podman gives one the other one’s', async () => {
    await patient('server', '--network', 'none')
    const look = ['readlink', '/proc/self/ns/net']
    const theirs = await said(run('--rm', '--network', 'container:server', IMAGE, ...look))
    assert.equal(theirs, await said(podman('exec', 'server', ...look)))
    assert.notEqual(theirs, fs.readlinkSync('/proc/self/ns/net'))
  })

  test('an image has what a RUN has made when Podman builds it', async () => {
    fs.mkdirSync('/tmp/context', { recursive: true })
    const lines = [`FROM ${IMAGE}`, 'RUN echo built >/made', 'USER 1000', 'CMD ["cat", "/made"]']
    fs.writeFileSync('/tmp/context/Dockerfile', lines.join('\n'))
    await said(podman('build', '--tag', 'built', '/tmp/context'))
    assert.equal(await said(run('--rm', 'built')), 'built')
  })

  test('an image has what a RUN has made when Buildah builds it', async () => {
    fs.mkdirSync('/tmp/context', { recursive: true })
    fs.writeFileSync('/tmp/context/Containerfile', [`FROM ${IMAGE}`, 'RUN id -u >/made && test "$$" -lt 10'].join('\n'))
    const buildah = ['buildah', 'build', '--runtime', RUNTIME, '--isolation', 'oci', '--pull-never']
    await said([...buildah, '--file', '/tmp/context/Containerfile', '--tag', 'by-buildah', '/tmp/context'])
    assert.equal(await said(run('--rm', 'by-buildah', 'cat', '/made')), '0')
  })

  test('Buildah gets output and exit status when it runs a command', async () => {
    const from = await said(['buildah', 'from', '--pull-never', IMAGE])
    const words = [
      'buildah',
      'run',
      '--runtime',
      RUNTIME,
      '--isolation',
      'oci',
      from,
      '--',
      'sh',
      '-c',
      'echo out; exit 6',
    ]
    const { status, stdout } = await ran(words)
    assert.deepEqual([status, stdout], [6, 'out\n'])
    await said(['buildah', 'rm', from])
  })

  test('a container is listed, entered, killed and deleted when conmon was killed', async () => {
    await patient('orphan')
    const id = await inspect('orphan', '{{.Id}}')
    const conmons = processes((words) => words[0]?.endsWith('conmon') === true && words.includes(id))
    assert.equal(conmons.length, 1)
    for (const pid of conmons) process.kill(pid, 'SIGKILL')
    assert.match(await said([RUNTIME, 'list', '--quiet']), new RegExp(id))
    assert.equal(await said([RUNTIME, 'exec', id, 'cat', '/proc/1/comm']), 'sh')
    await said([RUNTIME, 'kill', id, 'KILL'])
    await until('its end', async () => (await said([RUNTIME, 'state', id])).includes('"stopped"'))
    await said([RUNTIME, 'delete', id])
    assert.doesNotMatch(await said([RUNTIME, 'list', '--quiet']), new RegExp(id))
    await end('orphan')
    assert.deepEqual(cgroupsNamed(id), [])
  })
})

interface Stats {
  mem_usage: string
  pids: string
}
