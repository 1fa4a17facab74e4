/** What an engine that is driven by `docker`'s words does with a container, whichever engine it is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IMAGE, ran, ranInTerminal, said } from './ground.ts'

type Words = (...words: string[]) => string[]

export interface Engine {
  name: string
  run: Words
  /** Any other command of it. */
  of: Words
  /** A container that is there until it is told to end. */
  patient: (name: string) => Promise<void>
  /** One fact of a container, by a template of Go's. */
  inspect: (name: string, template: string) => Promise<string>
  /** The words by which the runtime itself is asked for a container's state. */
  stateOf: (id: string) => string[]
}

export function testsOf(engine: Engine): void {
  processes(engine)
  lives(engine)
}

function processes({ name, run, of, patient }: Engine): void {
  test(`${name} gets output and exit status when a container ends`, async () => {
    const { status, stdout, stderr } = await ran(run('--rm', IMAGE, 'sh', '-c', 'echo out; echo err >&2; exit 7'))
    assert.deepEqual([status, stdout, stderr], [7, 'out\n', 'err\n'])
  })

  test(`${name} passes input on when it is interactive`, async () => {
    const { stdout } = await ran(run('--rm', '--interactive', IMAGE, 'tr', 'a-z', 'A-Z'), { input: 'so be it' })
    assert.equal(stdout, 'SO BE IT')
  })

  test(`${name} tells a command that is missing from one that is none when it runs a container`, async () => {
    const missing = await ran(run('--rm', IMAGE, 'no-such-command'))
    assert.equal(missing.status, 127, missing.stderr)
    assert.match(missing.stderr, /no-such-command/)
    const directory = await ran(run('--rm', IMAGE, '/etc'))
    assert.equal(directory.status, 126, directory.stderr)
    assert.match(directory.stderr, /\/etc/)
  })

  test(`an added process is who ${name} says when it is given a user, a directory and an environment`, async () => {
    await patient('whose')
    const options = ['--user', '1000:1000', '--workdir', '/tmp', '--env', 'A=b']
    const words = of('exec', ...options, 'whose', 'sh', '-c', 'id -u; pwd; echo $A')
    assert.equal(await said(words), '1000\n/tmp\nb')
  })

  test(`an added process has a terminal of its own when ${name} has one`, async () => {
    await patient('terminal')
    const { status, stdout } = await ranInTerminal(of('exec', '--tty', 'terminal', 'sh', '-c', 'tty; exit 4'))
    assert.equal(status, 4)
    assert.match(stdout, /\/dev\/pts\/0\r+\n/)
  })

  test(`a command has no more rights than ${name} gives when they are taken away`, async () => {
    const less = ['--user', '1000', '--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--read-only']
    const look = 'id -u; grep -E "CapBnd|NoNewPrivs|^Seccomp:" /proc/self/status; touch /x'
    const { stdout, stderr } = await ran(run('--rm', ...less, IMAGE, 'sh', '-c', look))
    assert.equal(stdout.replaceAll('\t', ' '), '1000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n')
    assert.match(stderr, /Read-only file system/)
  })
}

function lives({ name, of, patient, inspect, stateOf }: Engine): void {
  test(`a container ends by its own status when ${name} stops it, and runs again when it is started`, async () => {
    await patient('stopped')
    await said(of('stop', '--time', '120', 'stopped'))
    assert.equal(await inspect('stopped', '{{.State.Status}} {{.State.ExitCode}}'), 'exited 3')
    assert.equal(await said(of('logs', 'stopped')), 'ready\nstopped')
    await said(of('start', 'stopped'))
    assert.equal(await inspect('stopped', '{{.State.Status}}'), 'running')
    await said(of('kill', 'stopped'))
    assert.equal(await said(of('wait', 'stopped')), '137')
  })

  test(`a container has another process when ${name} restarts it`, async () => {
    await patient('restarted')
    const before = await inspect('restarted', '{{.State.Pid}}')
    await said(of('restart', '--time', '120', 'restarted'))
    assert.notEqual(await inspect('restarted', '{{.State.Pid}}'), before)
    assert.equal(await inspect('restarted', '{{.State.Status}}'), 'running')
  })

  test(`a container stands still when ${name} has paused it`, async () => {
    await patient('paused')
    await said(of('pause', 'paused'))
    assert.equal(await inspect('paused', '{{.State.Status}}'), 'paused')
    assert.match(await said(stateOf(await inspect('paused', '{{.Id}}'))), /"paused"/)
    await said(of('unpause', 'paused'))
    assert.equal(await inspect('paused', '{{.State.Status}}'), 'running')
  })
}
