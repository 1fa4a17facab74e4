/** A pod with a runtime handler, as a kubelet asks for one: crictl, the CRI plugin of containerd, a network by CNI, our runtime. */
import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { after, afterEach, before, suite, test } from 'node:test'
import { until } from '../kernel/until.ts'
import { Daemon, IMAGE, makeArchive, PATIENT, ran, RUNTIME, said } from './ground.ts'
import { enterMachine } from './machine.ts'

const skip =
  enterMachine(import.meta.filename, [RUNTIME, 'containerd', 'crictl', 'iptables']) ||
  (fs.existsSync('/usr/lib/cni/bridge') ? false : 'this machine has no CNI plugins')

const PAUSE = 'boxwright.test/pause:1'
const SOCKET = 'unix:///run/containerd/containerd.sock'

/** What docs/kubernetes.md tells an administrator to write, and what a machine without a registry needs. */
const CONFIG = `
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE}"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.boxwright]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.boxwright.options]
  BinaryName = "${RUNTIME}"
`

const NETWORK = {
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods0',
      isGateway: true,
      ipMasq: true,
      ipam: { type: 'host-local', subnet: '192.0.2.0/24', routes: [{ dst: '0.0.0.0/0' }] },
    },
  ],
}

const daemon = new Daemon('containerd', '--config', '/tmp/containerd.toml')
const crictl = (...words: string[]): string[] => ['crictl', '--runtime-endpoint', SOCKET, ...words]

/** The runtime, as an administrator asks it on a node: docs/kubernetes.md. */
const ours = [RUNTIME, '--root', '/run/containerd/runc/k8s.io']

function fileOf(name: string, value: object): string {
  fs.writeFileSync(`/tmp/${name}.json`, JSON.stringify(value))
  return `/tmp/${name}.json`
}

const podFile = (name: string): string =>
  fileOf(`pod-${name}`, {
    metadata: { name, namespace: 'default', uid: name, attempt: 0 },
    hostname: name,
    log_directory: `/tmp/logs-${name}`,
    dns_config: { servers: ['192.0.2.53'] },
    linux: { cgroup_parent: '/pods', security_context: { seccomp: { profile_type: 0 } } },
  })

const containerFile = (name: string, command: readonly string[]): string =>
  fileOf(`container-${name}`, {
    metadata: { name, attempt: 0 },
    image: { image: IMAGE },
    command,
    log_path: `${name}.log`,
    linux: {
      resources: { memory_limit_in_bytes: 64 << 20, cpu_quota: 50_000, cpu_period: 100_000 },
      security_context: { run_as_user: { value: 1000 }, no_new_privs: true, readonly_rootfs: true },
    },
  })

const runPod = (name: string): Promise<string> => said(crictl('runp', '--runtime', 'boxwright', podFile(name)))

async function runContainer(pod: string, podName: string, name: string, command: readonly string[]): Promise<string> {
  const id = await said(crictl('create', '--no-pull', pod, containerFile(name, command), podFile(podName)))
  await said(crictl('start', id))
  return id
}

const inspected = async (id: string): Promise<Inspected> => JSON.parse(await said(crictl('inspect', id))) as Inspected

suite('a pod', { skip }, () => {
  before(async () => {
    fs.mkdirSync('/etc/cni/net.d', { recursive: true })
    for (const name of fs.readdirSync('/etc/cni/net.d')) fs.rmSync(`/etc/cni/net.d/${name}`)
    fs.writeFileSync('/etc/cni/net.d/10-pods.conflist', JSON.stringify(NETWORK))
    fs.writeFileSync('/tmp/containerd.toml', CONFIG)
    await daemon.up(async () => (await ran(crictl('version'))).status === 0)
    for (const archive of [makeArchive(), makeArchive(PAUSE, ['sleep', '1000000'])])
      await said(['ctr', '--namespace', 'k8s.io', 'images', 'import', archive])
    await until('both images', async () => (await said(crictl('images', '--quiet'))).split('\n').length === 2)
  })
  afterEach(() => ran(crictl('rmp', '--all', '--force')))
  after(() => daemon.end('SIGTERM'))

  test('a pod is made by our runtime when its handler says so', async () => {
    const pod = await runPod('handled')
    assert.match(await said(crictl('inspectp', pod)), /"runtimeHandler": "boxwright"/)
    const state = await said([...ours, 'state', pod])
    assert.match(state, /"status": "running"/)
  })

  test('a pod is made by another runtime, or refused, when its handler is none or not ours', async () => {
    const other = await said(crictl('runp', podFile('unhandled')))
    assert.doesNotMatch(await said(crictl('inspectp', other)), /"runtimeHandler": "boxwright"/)
    assert.equal((await ran([...ours, 'state', other])).status, 1)
    const { status, stderr } = await ran(crictl('runp', '--runtime', 'nobody', podFile('refused')))
    assert.equal(status, 1)
    assert.match(stderr, /no runtime for .*nobody.* is configured/)
  })

  test('two containers of a pod share what a pod shares when both run in it', async () => {
    const pod = await runPod('shared')
    const [one, two] = [
      await runContainer(pod, 'shared', 'one', PATIENT),
      await runContainer(pod, 'shared', 'two', PATIENT),
    ]
    const look = 'for name in net ipc uts mnt; do readlink /proc/self/ns/$name; done'
    const seen = async (id: string): Promise<string[]> => (await said(crictl('exec', id, 'sh', '-c', look))).split('\n')
    const [first, second] = [await seen(one), await seen(two)]
    assert.deepEqual(first.slice(0, 3), second.slice(0, 3))
    assert.notEqual(first[3], second[3])
    assert.equal(await said(crictl('exec', one, 'hostname')), 'shared')
    assert.match(await said(crictl('exec', one, 'ip', '-4', 'addr', 'show', 'eth0')), /192\.0\.2\./)
  })

  test('a container of a pod has its user, its promise, its limits and its log when they were asked for', async () => {
    const pod = await runPod('secured')
    const look = 'id -u; grep NoNewPrivs /proc/self/status; touch /x 2>&1; exit 3'
    const id = await runContainer(pod, 'secured', 'looks', ['sh', '-c', look])
    await until('its end', async () => (await inspected(id)).status.state === 'CONTAINER_EXITED')
    assert.equal((await inspected(id)).status.exitCode, 3)
    const log = await said(crictl('logs', id))
    assert.equal(log, '1000\nNoNewPrivs:\t1\ntouch: /x: Read-only file system')
  })

  test('a container of a pod has other limits when they are changed', async () => {
    const pod = await runPod('resized')
    const id = await runContainer(pod, 'resized', 'grows', PATIENT)
    await said(crictl('update', '--memory', String(96 << 20), id))
    const limit = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max'
    assert.equal(await said(crictl('exec', id, 'sh', '-c', limit)), String(96 << 20))
  })

  test('a container of a pod ends by SIGTERM when it is stopped', async () => {
    const pod = await runPod('stopped')
    const id = await runContainer(pod, 'stopped', 'patient', PATIENT)
    await until('it to be ready', async () => (await said(crictl('logs', id))) === 'ready')
    await said(crictl('stop', '--timeout', '120', id))
    assert.equal((await inspected(id)).status.exitCode, 3)
    await said(crictl('stopp', pod))
    await said(crictl('rmp', pod))
    assert.equal(await said([...ours, 'list', '--quiet']), '')
  })
})

interface Inspected {
  status: { state: string; exitCode: number }
}
