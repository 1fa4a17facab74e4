/** Namespaces that are there already, joined by their paths: setns(2), in both lanes. Another box has them. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as kernel from '../../src/kernel/constants.ts'
import { isAlive, namespaceOf, parentOf, processId, type Namespace } from '../../src/kernel/proc.ts'
import { encode } from '../../src/plan/encode.ts'
import { box, host, type Draft } from '../../src/plan/plan.ts'
import { LAUNCH, planned, play, skipWithoutLauncher } from './native-world.ts'
import { until, World } from './world.ts'

const options = { skip: skipWithoutLauncher }

const FLAGS: Partial<Record<Namespace, number>> = {
  user: kernel.CLONE_NEWUSER,
  ipc: kernel.CLONE_NEWIPC,
  uts: kernel.CLONE_NEWUTS,
  net: kernel.CLONE_NEWNET,
  cgroup: kernel.CLONE_NEWCGROUP,
  mnt: kernel.CLONE_NEWNS,
}

const kinds = Object.keys(FLAGS) as Namespace[]

/** Into all of a box's namespaces that are not ours already. Its mounts come last: after that `/proc` is the box's own. */
const into = (pid: number): Draft[] => [
  host('setns', [`/proc/${pid}/ns/pid`, kernel.CLONE_NEWPID], 'among its processes'),
  ...kinds
    .filter((kind) => namespaceOf(pid, kind) !== namespaceOf('self', kind))
    .map((kind) => box('setns', [`/proc/${pid}/ns/${kind}`, FLAGS[kind] ?? 0], 'into its namespaces')),
  box('chdir', ['/'], ''),
]
const SLEEP = box('execvpe', ['sleep', ['sleep', '1000'], ['PATH=/usr/bin:/bin']], '')

for (const stage of ['3', '7'])
  test(
    `a command is in each namespace of a box of stage ${stage}, and sees what is there, when it has joined them`,
    options,
    async () => {
      await using world = new World()
      const there = await world.start(['stage', stage, 'run', 'sleep', '1000'])
      const [plan, file] = [join(world.newPlace(), 'plan'), join(world.newPlace(), 'pid')]
      fs.writeFileSync(plan, encode(planned(...into(there.pid), SLEEP)))
      const child = spawn(LAUNCH, ['-i', file, plan], { stdio: 'ignore' })
      try {
        const pid = await until(
          'the box’s number',
          () => child.exitCode ?? (fs.existsSync(file) && Number(fs.readFileSync(file, 'utf8'))),
        )
        assert.equal(child.exitCode, null)
        for (const kind of ['pid', ...kinds] as const)
          assert.equal(namespaceOf(pid, kind), namespaceOf(there.pid, kind), kind)
        const monitor = parentOf(pid) ?? 0
        for (const kind of ['pid', 'pid_for_children', ...kinds])
          assert.equal(
            fs.readlinkSync(`/proc/${monitor}/ns/${kind}`),
            fs.readlinkSync(`/proc/self/ns/${kind}`),
            `the monitor’s ${kind}`,
          )
        assert.equal(fs.readlinkSync(`/proc/${pid}/root`), fs.readlinkSync(`/proc/${there.pid}/root`))
        const identity = processId(pid)
        child.kill('SIGKILL')
        await until('the end of the command', () => !isAlive(identity))
      } finally {
        child.kill('SIGKILL')
      }
    },
  )

test(
  'a program that the host lane runs is not among a box’s processes when the box’s PID namespace is to be joined',
  options,
  async () => {
    await using world = new World()
    const there = await world.start(['stage', '3', 'run', 'sleep', '1000'])
    const file = join(world.newPlace(), 'namespace')
    const run = host(
      'run',
      ['/bin/sh', ['sh', '-c', `readlink /proc/self/ns/pid >${file}`], ['PATH=/usr/bin:/bin'], '', 0],
      '',
    )
    const [first = run, ...rest] = into(there.pid)
    const { status, text } = play(
      world,
      encode(planned(first, run, ...rest, box('execvpe', ['true', ['true'], []], ''))),
    )
    assert.deepEqual([status, text], [0, ''])
    assert.equal(fs.readFileSync(file, 'utf8').trim(), fs.readlinkSync('/proc/self/ns/pid'))
  },
)

test(
  'CVE-2016-9962: nobody in a box can look into who joins it when that is about to become a command',
  options,
  async () => {
    await using world = new World()
    const there = await world.start(['stage', '7', 'run', 'sh'])
    const [plan, arrived, go] = ['plan', 'arrived', 'go'].map((name) => join(world.newPlace(), name)) as [
      string,
      string,
      string,
    ]
    const waiting = `echo >${arrived}; while [ ! -e ${go} ]; do sleep 0.01; done; : {box}`
    const wait = host(
      'run',
      ['/bin/sh', ['sh', '-c', waiting], ['PATH=/usr/bin:/bin'], '', 0],
      'the box waits meanwhile',
    )
    fs.writeFileSync(plan, encode(planned(...into(there.pid), wait, SLEEP)))
    const child = spawn(LAUNCH, [plan], { stdio: 'ignore' })
    try {
      await until('the one who joins', () => child.exitCode !== null || fs.existsSync(arrived))
      there.stdin.write('cd /proc; for p in [2-9] [1-9][0-9]; do ls -l $p/fd $p/exe $p/cwd 2>&1; done; echo done\n')
      await there.line(/^done$/)
      fs.writeFileSync(go, '') // until then its process keeps the box's PID namespace
      there.stdin.end()
      const { stdout } = await there.ended
      assert.match(stdout, /Permission denied/)
      assert.doesNotMatch(stdout, /memfd|socket:|-> \//)
    } finally {
      fs.writeFileSync(go, '')
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
  },
)

test(
  'a step that joins fails, and nothing is played after it, when the path is of another kind or of none',
  options,
  async () => {
    await using world = new World()
    for (const [path, flag] of [
      ['/proc/self/ns/uts', kernel.CLONE_NEWNET],
      ['/no/such/namespace', kernel.CLONE_NEWNET],
      ['/dev/null', kernel.CLONE_NEWNS],
    ] as const) {
      const steps = planned(box('setns', [path, flag], ''), box('execvpe', ['echo', ['echo', 'played'], []], ''))
      const { status, text } = play(world, encode(steps))
      assert.deepEqual([status, /^launch: step 1, setns: /.test(text)], [125, true], text)
    }
  },
)
