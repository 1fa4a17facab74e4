/** What comes later into a container, or is handed to it: programs, descriptors, rights, numbers, terminals. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { hole } from './cve-world.ts'
import type { Change } from './weakened.ts'
import { until } from './until.ts'

// #region program
/** It says whether it could write to the program that another process of the container was started from, once that has ended. */
const WRITER = `for p in /proc/[0-9]*; do case $(readlink $p/exe 2>/dev/null) in *launch*) exec 3<$p/exe; echo opened; break;; esac; done
n=0; while [ $n -lt 20 ]; do (printf token >>/proc/self/fd/3) 2>/dev/null && echo written && exit; n=$((n+1)); sleep 0.05; done`

hole({
  cve: 'CVE-2019-5736',
  what: 'a command named /proc/self/exe, which is the runtime’s own program, that is written to',
  kept: 'what runs is a copy in memory that nobody can write to: memfd_create(2), F_SEAL_WRITE',
  defence: [
    ['native/launch.c', '\trun_sealed(argv);\n', ''],
    [
      'src/launch/launched.ts',
      "addon().seal('launch', readFileSync(built('launch')))",
      "openSync(built('launch'), 'r')",
    ],
  ],
  async attack(ground) {
    const program = join(ground.runtime, 'launch')
    const before = fs.readFileSync(program)
    const id = ground.start('sleep 1000')
    const ours = ground.open('exec', id, '/proc/self/exe', '-p', '0') // it waits for a plan on its standard input
    await until('it to run', () => ground.act('exec', id, 'sh', '-c', 'ls -l /proc/[0-9]*/exe').text.includes('launch'))
    const writer = ground.open('exec', '--detach', id, 'sh', '-c', WRITER) // our monitor would be another process of the same program
    const closed = once(writer.child, 'close')
    await until('it to be opened', () => writer.text().includes('opened'))
    ours.child.stdin?.end()
    await closed
    return !fs.readFileSync(program).equals(before)
  },
})
// #endregion program

// #region descriptors
/** Whatever a process of ours may have open at its beginning, and ways up from there. */
const HANDLES = [
  ...Array.from({ length: 9 }, (_, n) => `/proc/self/fd/${n + 3}`),
  ...['/proc/1/fd/7', '/proc/self/fd/3/../../..', '/proc/1/cwd'],
]

const DIRECTORY_BY_LINK: Change[] = [
  ['native/mounts.c', "if (a[0].text[0] != '/')\n\t\treturn chdir(a[0].text);\n", 'return chdir(a[0].text);\n'],
  ['native/programs.c', 'if (stands_inside())', 'if (1 || stands_inside())'],
]

const INSIDE =
  'the directory is walked to below the root without magic links, and getcwd(2) has to know it before execve(2)'

/** @param look runs a command in the directory. @returns whether it has seen a process of the host’s from there, or its cgroups: the container has none. */
async function sees(look: (directory: string, command: string) => string): Promise<boolean> {
  const host = spawn('sleep', ['1000.21626'])
  const ways = ['../..', '../../..', '.', './proc'].map((up) => `${up}/${host.pid ?? 0}/cmdline`)
  const seen = HANDLES.some((handle) =>
    /1000.21626|cgroup.procs/.test(look(handle, `cat ${ways.join(' ')} 2>/dev/null; ls`)),
  )
  host.kill('SIGKILL')
  await once(host, 'exit')
  return seen
}

hole({
  cve: 'CVE-2024-21626',
  what: 'a working directory by way of a descriptor that the runtime has open',
  kept: INSIDE,
  defence: DIRECTORY_BY_LINK,
  attack: (ground) =>
    sees((directory, command) => ground.run(command, ({ process }) => (process['cwd'] = directory)).text),
})

hole({
  cve: 'CVE-2024-21626',
  what: 'a working directory by way of a descriptor, when one more process is started',
  kept: INSIDE,
  defence: DIRECTORY_BY_LINK,
  attack(ground) {
    const id = ground.start('sleep 1000')
    return sees((directory, command) => ground.act('exec', '--cwd', directory, id, 'sh', '-c', command).text)
  },
})

/** The same numbers as outside: with others the kernel itself keeps such a process from being looked into, as its owner is nobody in there. */
const users = (config: { linux: { namespaces: object[] } & Record<string, unknown> }): void => {
  config.linux.namespaces.push({ type: 'user' })
  for (const mappings of ['uidMappings', 'gidMappings'])
    config.linux[mappings] = [{ containerID: 0, hostID: 0, size: 65_536 }]
}

hole({
  cve: 'CVE-2016-9962',
  what: 'a look at what the runtime has open in a process that is on its way into the container',
  kept: 'whoever is on the way in cannot be looked into: PR_SET_DUMPABLE, prctl(2)',
  slower: [['native/lanes.c', '\tremember_descriptors();\n', '\tremember_descriptors();\n\tusleep(500000);\n']],
  defence: [['native/birth.c', ' || prctl(PR_SET_DUMPABLE, 0) < 0)', ')']],
  async attack(ground) {
    const id = ground.start(
      'while :; do for p in /proc/[0-9]*; do [ $p = /proc/1 ] || ls -l $p/fd | grep socket; done >>/dev/shm/seen; done',
      (config) => {
        users(config)
        config.process['capabilities'] = Object.fromEntries(
          ['bounding', 'effective', 'permitted'].map((set) => [set, ['CAP_SYS_PTRACE', 'CAP_DAC_OVERRIDE']]),
        )
        config.mounts.push({ destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [] })
      },
    )
    await new Promise((done) => setTimeout(done, 300))
    assert.equal(ground.act('exec', id, 'true').status, 0)
    return ground.act('exec', id, 'cat', '/dev/shm/seen').text.includes('socket')
  },
})
// #endregion descriptors

// #region rights
hole({
  cve: 'CVE-2022-29162, CVE-2022-24769, CVE-2022-27650',
  what: 'a capability that what the command starts inherits',
  kept: 'exec --cap adds to three sets, and the inheritable one is not among them',
  defence: [
    [
      'src/cli/runc/exec.ts',
      "['bounding', 'effective', 'permitted'] as const",
      "['bounding', 'effective', 'permitted', 'inheritable'] as const",
    ],
  ],
  attack(ground) {
    const id = ground.start('sleep 1000')
    const { text } = ground.act('exec', '--cap', 'CAP_NET_RAW', id, 'grep', '-E', 'Cap(Inh|Eff)', '/proc/self/status')
    assert.match(text, /CapEff:\s0000000000082022/)
    return !/CapInh:\s0{16}/.test(text)
  },
})

hole({
  cve: 'CVE-2023-25173',
  what: 'a group of whoever calls the runtime, which the command keeps',
  kept: 'the groups are those that were asked for, and none if none were: setgroups(2)',
  defence: [
    [
      'src/box/container/rights.ts',
      'if (mayChangeGroups(spec, self))',
      'if (spec.process.user?.additionalGids?.length)',
    ],
  ],
  attack(ground) {
    ground.under = ['setpriv', '--groups', '4711']
    const asked = ground.run('id -G', ({ process }) => (process['user'] = { uid: 1, gid: 1, additionalGids: [5, 6] }))
    assert.deepEqual(asked, { status: 0, text: '1 5 6\n' })
    return ground.run('id -G').text.includes('4711')
  },
})
// #endregion rights
