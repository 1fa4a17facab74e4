/** What makes a box, among all that a runtime does; and two of them side by side. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareMakings } from '../../src/workshop/compare/compare.ts'
import { bundleOf } from '../../src/workshop/compare/bundle.ts'
import { makingOf, type Made, type Making } from '../../src/workshop/compare/making.ts'
import { reasonOf } from '../../src/workshop/compare/reasons.ts'
import { comparisonJson, reportComparison } from '../../src/workshop/compare/report.ts'
import { parseTrace } from '../../src/workshop/compare/trace.ts'
import { defaultSpec } from '../../src/oci/defaults.ts'
import { seeded } from './random.ts'

const RUN = { args: ['true'], rootfs: '/images/base', id: 'cafe', state: '/run/x/state' }
const COMMAND = '2 execve("/bin/true", ["true"], 0x1 /* 1 var */) = 0'
const making = (...lines: string[]): Making =>
  makingOf(parseTrace(['1 execve("/sbin/runc", ["runc"], 0x1) = 0', ...lines, COMMAND].join('\n')), RUN)
const BORN = '1 clone(child_stack=NULL, flags=CLONE_NEWPID|SIGCHLD) = 2'
const told = (...lines: string[]): string[] =>
  making(BORN, ...lines)
    .made.slice(1, -1)
    .map(({ lane, text, times }) => `${lane} ${text}${times > 1 ? ` ${times}` : ''}`)

const MAKING: Record<string, { lines: string[]; made: string[] }> = {
  'a mount point is named by a descriptor': {
    lines: [
      '2 openat(AT_FDCWD</>, "/images/base/sys", O_PATH) = 6</images/base/sys>',
      '2 mount("sysfs", "/proc/self/fd/6", "sysfs", MS_RDONLY, NULL) = 0',
    ],
    made: ['box mount(sysfs, /sys, sysfs, MS_RDONLY)'],
  },
  'a mount point is named inside the directory of descriptors': {
    lines: [
      '2 openat2(5</>, "/dev", {flags=O_PATH}, 24) = 6</dev>',
      '2 fchdir(3</proc/2/fd>) = 0',
      '2 mount("tmpfs", "6", "tmpfs", 0, "mode=755") = 0',
      '2 fchdir(5</>) = 0',
    ],
    made: ['box mount(tmpfs, /dev, tmpfs, 0, mode=755)'],
  },
  'a mount is made by the newer calls': {
    lines: [
      '2 fsopen("proc", FSOPEN_CLOEXEC) = 7<anon_inode:[fscontext]>',
      '2 fsconfig(7<anon_inode:[fscontext]>, FSCONFIG_CMD_CREATE, NULL, NULL, 0) = 0',
      '2 fsmount(7<anon_inode:[fscontext]>, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV) = 8</>',
      '2 move_mount(8</>, "", 9</images/base/proc>, "", MOVE_MOUNT_F_EMPTY_PATH) = 0',
    ],
    made: [
      'box fsopen(proc, FSOPEN_CLOEXEC)',
      'box fsconfig(new proc, FSCONFIG_CMD_CREATE)',
      'box fsmount(new proc, MOUNT_ATTR_NODEV)',
      'box move_mount(new proc, /proc)',
    ],
  },
  'a mount is given to another process, and changed': {
    lines: [
      '1 open_tree(AT_FDCWD</>, "/dev/tty", OPEN_TREE_CLONE) = 5</>',
      '1 mount_setattr(5</>, "", AT_EMPTY_PATH, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=MS_PRIVATE, userns_fd=0}, 32) = 0',
      '1 sendmsg(4<socket:[1]>, {msg_control=[{cmsg_type=SCM_RIGHTS, cmsg_data=[5</>]}], msg_flags=0}, 0) = 8',
      '2 close(7</dev>) = 0',
      '2 recvmsg(3<socket:[2]>, {msg_control=[{cmsg_type=SCM_RIGHTS, cmsg_data=[7</>]}], msg_flags=0}, 0) = 8',
      '2 move_mount(7</>, "", 9</images/base/dev/tty>, "", MOVE_MOUNT_F_EMPTY_PATH) = 0',
    ],
    made: [
      'host open_tree(/dev/tty, OPEN_TREE_CLONE)',
      'host mount_setattr(tree of /dev/tty, MOUNT_ATTR_RDONLY, MS_PRIVATE)',
      'box move_mount(tree of /dev/tty, /dev/tty)',
    ],
  },
  'the kernel ignores an argument': {
    lines: [
      '2 mount("", "/", 0xc000140434, MS_REC|MS_SLAVE, NULL) = 0',
      '2 mount(NULL, "/", NULL, MS_RDONLY|MS_REMOUNT, "a") = 0',
    ],
    made: ['box mount(/, MS_REC|MS_SLAVE)', 'box mount(/, MS_RDONLY|MS_REMOUNT, a)'],
  },
  'a call has failed': {
    lines: ['2 mount(NULL, "/tmp", NULL, MS_PRIVATE, NULL) = -1 EINVAL (Invalid argument)'],
    made: [],
  },
  'a file is not the box’s': {
    lines: ['1 mkdirat(AT_FDCWD</>, "/run/x/state", 0700) = 0', '2 mkdirat(3</images/base/dev>, "pts", 0755) = 0'],
    made: ['box mkdir(/dev/pts, 0755)'],
  },
  'every path is one of the box': {
    lines: ['2 pivot_root(".", ".") = 0', '2 chdir("/") = 0', '2 chdir("/") = 0', '2 mkdir("/dev", 0755) = 0'],
    made: ['box pivot_root(., .)', 'box chdir(/)', 'box mkdir(/dev, 0755)'],
  },
  'a process is put into a cgroup': {
    lines: [
      '1 mkdir("/sys/fs/cgroup/pids/boxwright-cafe", 0755) = 0',
      '1 write(4</sys/fs/cgroup/pids/boxwright-cafe/cgroup.procs>, "2\\n", 2) = 2',
    ],
    made: [
      'host mkdir(/sys/fs/cgroup/pids/boxwright-ID, 0755)',
      'host write(/sys/fs/cgroup/pids/boxwright-ID/cgroup.procs, {box})',
    ],
  },
  'the kernel is told something of it': {
    lines: [
      '1 write(4</proc/2/uid_map>, "0 1000 1", 8) = 8',
      '2 write(4</proc/2/oom_score_adj>, "5", 1) = 1',
      '2 write(1</tmp/log>, "x", 1) = 1',
    ],
    made: ['host write(/proc/{box}/uid_map, 0 1000 1)', 'box write(/proc/{box}/oom_score_adj, 5)'],
  },
  'many capabilities are dropped': {
    lines: [
      '2 prctl(PR_CAPBSET_DROP, CAP_CHOWN) = 0',
      '2 prctl(PR_CAPBSET_DROP, CAP_KILL) = 0',
      '2 prctl(PR_GET_NAME, "x") = 0',
    ],
    made: ['box prctl(PR_CAPBSET_DROP, CAP_…) 2'],
  },
  'a thread acts for its process': {
    lines: [
      '1 clone3({flags=CLONE_VM|CLONE_THREAD} => {parent_tid=[9]}, 88) = 9',
      '1 openat(AT_FDCWD</>, "/images/base/a", O_PATH) = 3</images/base/a>',
      '9 mount("a", "/proc/self/fd/3", "a", 0, NULL) = 0',
    ],
    made: ['host mount(a, /a, a, 0)'],
  },
  'a limit is set, or only asked for': {
    lines: [
      '2 prlimit64(0, RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=20000}, NULL) = 0',
      '2 prlimit64(0, RLIMIT_STACK, NULL, {rlim_cur=1}) = 0',
    ],
    made: ['box setrlimit(RLIMIT_NOFILE, 1024, 20000)'],
  },
  'a device is made': {
    lines: ['2 mknodat(AT_FDCWD</>, "/images/base/dev/tty", S_IFCHR|0666, makedev(0x5, 0)) = 0'],
    made: ['box mknod(/dev/tty, S_IFCHR|0666, 5:0)'],
  },
  'a message goes to the kernel’s network': {
    lines: [
      '2 sendto(3<socket:[1]>, [{nlmsg_len=32, nlmsg_type=RTM_NEWLINK, nlmsg_flags=NLM_F_ACK}, {ifi_index=1}], 32, 0, NULL, 0) = 32',
    ],
    made: ['box netlink(RTM_NEWLINK)'],
  },
}

for (const [what, { lines, made }] of Object.entries(MAKING))
  test(`what makes a box is told when ${what}`, () => assert.deepEqual(told(...lines), made))

test('the way into the box is one lane when it leads over several processes', () => {
  const { made, processes, threads, calls } = makingOf(
    parseTrace(
      [
        '1 execve("/sbin/runc", ["runc"], 0x1) = 0',
        '1 clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK|SIGCHLD) = 5',
        '3 sethostname("no one’s", 3) = 0',
        '5 clone(child_stack=0x1, flags=CLONE_PARENT|SIGCHLD <unfinished ...>',
        '2 setsid() = 1',
        '5 <... clone resumed>) = 2',
        '1 vfork() = 8',
        '1 setsid() = 1',
        COMMAND,
        '1 setsid() = 1',
      ].join('\n'),
    ),
    RUN,
  )
  assert.deepEqual(
    made.map(({ lane, text }) => `${lane} ${text}`),
    [
      'host clone(0)',
      'host sethostname(no one’s)',
      'host setsid()',
      'box clone(0)',
      'box setsid()',
      'box execve(/bin/true)',
    ],
  )
  assert.deepEqual({ processes, threads, calls }, { processes: 4, threads: 4, calls: 8 })
})

test('a trace without the command is an error', () => {
  assert.throws(
    () => makingOf(parseTrace('1 execve("/sbin/runc", ["runc"], 0x1) = 0'), RUN),
    /^Error: Cannot find "true"/,
  )
})

const made = (text: string, lane: Made['lane'] = 'box'): Made => ({
  lane,
  text,
  subject: text.replace(/,.*/, ''),
  times: 1,
})

test('calls are said to be both’s, one’s, or both’s in another way when two makings are compared', () => {
  const rows = compareMakings(
    [made('a(1)', 'host'), made('b(1)'), made('c(1)'), made('d(1, x)'), made('e(1)')],
    [made('f(1)', 'host'), made('c(1)'), made('b(1)'), made('d(1, y)'), made('a(1)')],
  )
  assert.deepEqual(
    rows.map(({ sign, theirs, ours }) => [sign, theirs?.text, ours?.text]),
    [
      ['~', 'a(1)', 'a(1)'],
      ['+', undefined, 'f(1)'],
      ['~', 'b(1)', 'b(1)'],
      [' ', 'c(1)', 'c(1)'],
      ['~', 'd(1, x)', 'd(1, y)'],
      ['-', 'e(1)', undefined],
    ],
  )
})

test('no call is lost, nor told twice, when random makings are compared', (t) => {
  const random = seeded(t)
  const some = (): Made[] =>
    random.list(12, () => made(`${random.pick(['a', 'b', 'c'])}(${random.below(3)})`, random.pick(['host', 'box'])))
  const sorted = (all: readonly (Made | undefined)[]): string[] =>
    all.flatMap((one) => (one ? [one.lane + one.text] : [])).sort()
  for (let round = 0; round < 300; round += 1) {
    const [theirs, ours] = [some(), some()]
    const rows = compareMakings(theirs, ours)
    assert.deepEqual(sorted(rows.map((row) => row.theirs)), sorted(theirs))
    assert.deepEqual(sorted(rows.map((row) => row.ours)), sorted(ours))
    for (const { sign, theirs, ours } of rows)
      assert.ok(sign === '-' ? theirs && !ours : sign === '+' ? !theirs && ours : theirs && ours)
  }
})

test('a reason holds for stages before its lesson alone when a wall comes with a lesson', () => {
  const row = { sign: '-', theirs: made('sethostname(box)') } as const
  assert.equal(reasonOf(row, 1), 'namespaces are lesson 2')
  assert.equal(reasonOf(row, 2), undefined)
  assert.equal(reasonOf({ sign: ' ', theirs: made('a(1)'), ours: made('a(1)') }, 1), undefined)
})

test('a comparison fits 80 columns, and says where no reason is known, when calls are long', () => {
  const making = { made: [], calls: 9, processes: 2, threads: 3 }
  const long = made(`nothing(${'a word, '.repeat(30)}${'x'.repeat(200)})`)
  const comparison = {
    peer: 'runc 1',
    stage: { lesson: 5, name: 'threads' },
    theirs: making,
    ours: making,
    rows: [
      { sign: '-' as const, theirs: long },
      { sign: '+' as const, ours: made('setsid()'), why: 'word '.repeat(40).trim() },
    ],
  }
  const text = reportComparison(comparison)
  assert.deepEqual(
    text.split('\n').filter((line) => line.length > 80),
    [],
  )
  assert.match(text, /– no reason known/)
  assert.match(text, /1 of\s+them without a known reason$/)
  assert.deepEqual((JSON.parse(comparisonJson(comparison)) as { rows: unknown }).rows, comparison.rows)
})

test('a bundle is the spec, and what the specification wants besides, when it is written for another runtime', () => {
  const spec = defaultSpec({ id: 'x', rootfs: '/r', args: ['true'], resources: { memory: { limit: 2n ** 33n } } })
  const device = { path: '/dev/fuse', type: 'c' as const, major: 10, minor: 229, fileMode: 0o600 }
  const own = { ...spec, linux: { ...spec.linux, devices: [...spec.linux.devices, device] } }
  const bundle = JSON.parse(bundleOf(own)) as Record<'root' | 'process' | 'linux', Record<string, unknown>>
  assert.deepEqual(bundle.root, { path: '/r' })
  assert.deepEqual(bundle.process['user'], { uid: 0, gid: 0 })
  assert.deepEqual((bundle.linux['resources'] as Record<string, unknown>)['memory'], { limit: 2 ** 33 })
  assert.deepEqual(bundle.linux['devices'], [
    { type: 'c', fileMode: 0o600, uid: 0, gid: 0, path: '/dev/fuse', major: 10, minor: 229 },
  ])
})
