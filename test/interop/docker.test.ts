/** Docker's daemon, whose default runtime is ours: `"runtimes": {"boxwright": {"path": …}}` in daemon.json. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { after, afterEach, before, suite, test } from 'node:test'
import { until } from '../kernel/until.ts'
import { testsOf } from './engine.ts'
import { cgroupsNamed, Daemon, IMAGE, makeArchive, PATIENT, ran, ranInTerminal, RUNTIME, said } from './ground.ts'
import { enterMachine } from './machine.ts'

const skip = enterMachine(import.meta.filename, [RUNTIME, 'dockerd', 'docker', 'iptables', 'script'])

/** Where the shims of Docker's own containerd keep what their runtime knows. */
const ROOT = '/run/docker/runtime-runc/moby'

const daemon = new Daemon('dockerd', '--live-restore')
const isUp = async (): Promise<boolean> => (await ran(docker('version'))).status === 0

/** Debian's, if it is there: it brings the client of BuildKit in itself. */
const DOCKER = fs.existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker'
const docker = (...words: string[]): string[] => [DOCKER, ...words]
const run = (...words: string[]): string[] => docker('run', '--pull', 'never', ...words)
const runtime = (...words: string[]): string[] => [RUNTIME, '--root', ROOT, ...words]

const inspect = (name: string, format: string): Promise<string> => said(docker('inspect', '--format', format, name))

/** A container that is there until it is told to end. */
async function patient(name: string, ...options: string[]): Promise<void> {
  await said(run('--detach', '--name', name, ...options, IMAGE, ...PATIENT))
  await until(`${name} to be ready`, async () => (await said(docker('logs', name))).includes('ready'))
}

function configure(): void {
  fs.mkdirSync('/etc/docker', { recursive: true })
  const runtimes = { boxwright: { path: RUNTIME } }
  fs.writeFileSync('/etc/docker/daemon.json', JSON.stringify({ runtimes, 'default-runtime': 'boxwright' }))
  // BuildKit in the daemon asks nobody: it takes what is called runc.
  fs.rmSync('/usr/local/sbin/runc', { force: true })
  fs.writeFileSync('/usr/local/sbin/runc', `#!/bin/sh\necho "$@" >>/tmp/as-runc\nexec '${RUNTIME}' "$@"\n`, {
    mode: 0o755,
  })
}

function makeContext(...lines: string[]): string {
  const context = fs.mkdtempSync('/tmp/context-')
  fs.writeFileSync(`${context}/Dockerfile`, lines.join('\n'))
  return context
}

suite('Docker', { skip }, () => {
  before(async () => {
    configure()
    await daemon.up(isUp)
    await said(docker('load', '--input', makeArchive()))
  })
  afterEach(async () => {
    const names = (await said(docker('ps', '--all', '--quiet'))).split('\n').filter(Boolean)
    if (names.length > 0) await ran(docker('rm', '--force', ...names))
  })
  after(() => daemon.end('SIGTERM'))

  testsOf({ name: 'Docker', run, of: docker, patient, inspect, stateOf: (id) => runtime('state', id) })

  test('Docker tells a command that is missing from one that is none when it adds a process', async () => {
    await patient('added')
    assert.equal((await ran(docker('exec', 'added', 'sh', '-c', 'exit 5'))).status, 5)
    const missing = await ran(docker('exec', 'added', 'no-such-command'))
    assert.ok(missing.status === 126 || missing.status === 127, `${missing.status}`) // Docker 20 says 126, later ones 127
    assert.match(missing.stderr + missing.stdout, /no-such-command/)
    const directory = await ran(docker('exec', 'added', '/etc'))
    assert.equal(directory.status, 126, directory.stderr + directory.stdout)
  })

  test('the runtime knows what Docker made when it is asked itself', async () => {
    await patient('asked')
    assert.equal(await inspect('asked', '{{.HostConfig.Runtime}}'), 'boxwright')
    const state = JSON.parse(await said(runtime('state', await inspect('asked', '{{.Id}}')))) as Record<string, unknown>
    assert.equal(state['status'], 'running')
    assert.equal(String(state['pid']), await inspect('asked', '{{.State.Pid}}'))
  })

  test('a container runs again when it has ended by itself and Docker was told to see to it', async () => {
    await said(run('--detach', '--name', 'again', '--restart', 'on-failure:2', IMAGE, 'sh', '-c', 'exit 1'))
    await until(
      'two restarts',
      async () => (await inspect('again', '{{.RestartCount}}{{.State.Running}}')) === '2false',
    )
  })

  test('Docker counts what a container uses, and its processes, when it is asked', async () => {
    await patient('counted', '--memory', '64m')
    assert.match(
      await said(docker('stats', '--no-stream', '--format', '{{.MemUsage}}', 'counted')),
      /^[1-9].* \/ 64MiB$/,
    )
    assert.match(await said(docker('top', 'counted')), /sh -c trap/)
  })

  test('the limits hold when Docker changes them', async () => {
    await patient('changed', '--memory', '64m')
    await said(docker('update', '--memory', '48m', '--memory-swap', '96m', '--pids-limit', '99', 'changed'))
    const inside = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max'
    assert.equal(await said(docker('exec', 'changed', 'sh', '-c', inside)), '50331648')
    const pids = 'cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids.max'
    assert.equal(await said(docker('exec', 'changed', 'sh', '-c', pids)), '99')
  })

  test('Docker learns of it when a container had not enough memory', async () => {
    const less = ['--memory', '16m', '--memory-swap', '16m', '--shm-size', '64m']
    // Not before it is told to: the shim begins to listen when the container has started, and hears nothing of what was before.
    const greedy = 'until test -f /go; do sleep 0.05; done; dd if=/dev/zero of=/dev/shm/much bs=1M count=48; sleep 1000'
    await said(run('--detach', '--name', 'greedy', ...less, IMAGE, 'sh', '-c', greedy))
    await said(docker('exec', 'greedy', 'touch', '/go'))
    const since = ['events', '--since', '1', '--filter', 'container=greedy', '--filter', 'event=oom']
    const news = (): Promise<string> => said(docker(...since, '--until', String(Date.now() / 1000)))
    await until('the news', async () => (await news()).includes(' oom '))
    await said(docker('kill', 'greedy'))
    assert.equal(await inspect('greedy', '{{.State.OOMKilled}}'), 'true')
  })

  test('a container is healthy when its command says so', async () => {
    await patient('checked', '--health-cmd', 'test -f /tmp/well', '--health-interval', '200ms', '--health-retries', '1')
    const isIt = (status: string) => async () => (await inspect('checked', '{{.State.Health.Status}}')) === status
    await until('it to be ill', isIt('unhealthy'))
    await said(docker('exec', 'checked', 'touch', '/tmp/well'))
    await until('it to be well', isIt('healthy'))
  })

  test('a container has a terminal when Docker has one', async () => {
    const { status, stdout } = await ranInTerminal(run('--rm', '--tty', IMAGE, 'sh', '-c', 'tty; test -t 0; exit 4'))
    assert.equal(status, 4)
    assert.match(stdout, /\/dev\/pts\/0\r+\n/)
  })

  test('a container is reached by a port of the machine when Docker publishes it', async () => {
    const serve = 'mkdir /w; echo hello >/w/index.html; exec httpd -f -p 80 -h /w'
    await said(run('--detach', '--publish', '127.0.0.1:8080:80', '--name', 'server', IMAGE, 'sh', '-c', serve))
    const fetch = ['busybox', 'wget', '-qO-', 'http://127.0.0.1:8080/']
    await until('an answer', async () => (await ran(fetch)).stdout === 'hello\n')
  })

  test('an image has what a RUN has made when Docker builds it', async () => {
    const context = makeContext(`FROM ${IMAGE}`, 'RUN echo built >/made', 'USER 1000', 'CMD ["cat", "/made"]')
    await said(docker('build', '--tag', 'built', context), { env: { DOCKER_BUILDKIT: '0' } })
    assert.equal(await said(run('--rm', 'built')), 'built')
  })

  test('an image has what a RUN has made when BuildKit builds it', async (t) => {
    if (DOCKER === 'docker') {
      t.skip('this client of Docker needs buildx for that')
      return
    }
    const context = makeContext(`FROM ${IMAGE}`, 'RUN echo built >/made', 'CMD ["cat", "/made"]')
    await said(docker('build', '--tag', 'by-buildkit', context), { env: { DOCKER_BUILDKIT: '1' } })
    assert.equal(await said(run('--rm', 'by-buildkit')), 'built')
    assert.match(fs.readFileSync('/tmp/as-runc', 'utf8'), /\brun\b/)
    const failing = makeContext(`FROM ${IMAGE}`, 'RUN echo reason >&2; exit 5')
    const { status, stderr } = await ran(docker('build', failing), { env: { DOCKER_BUILDKIT: '1' } })
    assert.equal(status, 1)
    assert.match(stderr, /reason[^]*exit code: 5/)
  })

  test('a container goes on, and is entered and stopped, when the daemon was killed and is there again', async () => {
    await patient('survivor')
    const id = await inspect('survivor', '{{.Id}}')
    const pid = await inspect('survivor', '{{.State.Pid}}')
    await daemon.end('SIGKILL')
    assert.equal(await said(runtime('exec', id, 'cat', '/proc/1/comm')), 'sh')
    await daemon.up(isUp)
    assert.equal(await inspect('survivor', '{{.State.Status}} {{.State.Pid}}'), `running ${pid}`)
    assert.equal(await said(docker('exec', 'survivor', 'cat', '/proc/1/comm')), 'sh')
    await said(docker('stop', '--time', '120', 'survivor'))
    assert.equal(await inspect('survivor', '{{.State.ExitCode}}'), '3')
    await said(docker('rm', 'survivor'))
    assert.deepEqual(cgroupsNamed(id), [])
  })
})
