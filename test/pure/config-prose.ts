/**
 * What our checks refuse and the published schemas do not: each with a document that shows it, and with who says so. Whatever else the two disagree
 * about is a mistake.
 */

export interface Prose {
  /** The field that the refusal names, its numbers and chosen names left out. */
  field: RegExp
  /** What the refusal says. */
  says: RegExp
  /** The section of the specification, the page of the manual, or the file of the kernel that it comes from. */
  from: string
  /** A document is made of these: [path, value]. */
  example: [path: string, value: unknown][]
}

const row = (field: RegExp, says: RegExp, from: string, ...example: Prose['example']): Prose => ({
  field,
  says,
  from,
  example,
})

const MAP = { containerID: 0, hostID: 1000, size: 10 }
const spaces = (...types: string[]): unknown => types.map((type) => ({ type }))

export const PROSE: readonly Prose[] = [
  row(/^ociVersion$/, /it is no version/, 'config.md §specification-version', ['ociVersion', '1.0']),
  row(/^ociVersion$/, /only versions 1/, 'config.md §specification-version', ['ociVersion', '2.0.0']),
  row(/^root$/, /is missing/, 'config.md §root: required on all platforms but Windows', ['root', undefined]),
  row(/^root\.path$/, /it is empty/, 'config.md §root', ['root.path', '']),
  row(/./, /a NUL ends/, 'the interface of every system call', ['process.args[0]', 'a\0b']),
  row(/^(domain|host)name$/, /more than 64 bytes/, 'sethostname(2)', ['hostname', 'x'.repeat(65)]),
  row(/^(domain|host)name$/, /is for a UTS namespace/, 'uts_namespaces(7)', ['linux.namespaces', []]),

  row(/^process\.cwd$/, /has to begin with "\/"/, 'config.md §process', ['process.cwd', 'x']),
  row(/\.env\[\]$/, /it is no variable/, 'environ(7)', ['process.env[0]', '=x']),
  row(/^process\.user\.umask$/, /from 0 to 511/, 'umask(2)', ['process.user.umask', 512]),
  row(/^process\.user\.\w+(\[\])?$/, /it is -1 to the kernel/, 'setuid(2)', ['process.user.uid', 2 ** 32 - 1]),
  row(/^process\.user\.\w+(\[\])?$/, /user namespace does not have/, 'user_namespaces(7)', [
    'process.user.uid',
    70_000,
  ]),
  row(/^process\.consoleSize$/, /larger than any terminal/, 'ioctl_tty(2)', ['process.consoleSize.width', 65_536]),
  row(/^process\.rlimits\[\]$/, /the kernel has only/, 'config.md §posix-process', [
    'process.rlimits[0].type',
    'RLIMIT_X',
  ]),
  row(/^process\.rlimits\[\]$/, /soft is above hard/, 'setrlimit(2)', ['process.rlimits[0].soft', 4096]),
  row(/^process\.rlimits$/, /one of each type/, 'config.md §posix-process', [
    'process.rlimits[0].type',
    'RLIMIT_NOFILE',
  ]),
  row(/^process\.oomScoreAdj$/, /from -1000 to 1000/, 'proc_pid_oom_score_adj(5)', ['process.oomScoreAdj', 1001]),
  row(/^process\.scheduler$/, /no kernel has SCHED_ISO/, 'sched(7)', ['process.scheduler', { policy: 'SCHED_ISO' }]),
  row(/^process\.scheduler\.nice$/, /from -20 to 19/, 'sched(7)', ['process.scheduler.nice', 20]),
  row(/^process\.scheduler\.priority$/, /from 0 to 99/, 'sched(7)', ['process.scheduler.priority', 100]),
  row(/^process\.scheduler$/, /have a priority/, 'sched(7)', ['process.scheduler.priority', 0]),
  row(/^process\.scheduler$/, /has runtime, deadline and period/, 'sched(7)', ['process.scheduler.runtime', 1]),
  row(/^process\.scheduler$/, /may not be above deadline/, 'sched_setattr(2)', [
    'process.scheduler',
    { policy: 'SCHED_DEADLINE', runtime: 5, deadline: 4, period: 6 },
  ]),
  row(/^process\.ioPriority\.priority$/, /from 0 to 7/, 'config.md §linux-process', ['process.ioPriority.priority', 8]),
  row(/^process\.execCPUAffinity\.\w+$/, /not a list of numbers/, 'config.md §linux-process', [
    'process.execCPUAffinity.initial',
    '3-0',
  ]),

  row(/^mounts\[\]\.destination$/, /it is empty/, 'config.md §mounts', ['mounts[0].destination', '']),
  row(/^mounts\[\]$/, /has only one/, 'config.md §posix-platform-mounts', ['mounts[2].gidMappings', undefined]),
  row(
    /^mounts\[\]\.options$/,
    /there are no numbers/,
    'mount_setattr(2)',
    ['mounts[2]', { destination: '/x', options: ['bind', 'idmap'] }],
    ['linux.namespaces', spaces('uts', 'mount', 'network', 'time')],
    ['linux.uidMappings', []],
    ['linux.gidMappings', []],
  ),
  row(/^hooks\.\w+\[\]\.path$/, /has to begin with "\/"/, 'config.md §posix-platform-hooks', [
    'hooks.poststop[0].path',
    'true',
  ]),
  row(/^hooks\.\w+\[\]\.timeout$/, /from 1 to/, 'poll(2)', ['hooks.poststop[0].timeout', 2 ** 40]),
  row(/^annotations/, /./, 'config.md §annotations', ['annotations', { '': 1 }]),
  row(/^linux\.(sysctl|resources\.unified)\[""\]$/, /./, 'no file has this name', ['linux.sysctl', { '': 'x' }]),

  row(/^linux\.namespaces$/, /one of each type/, 'config-linux.md §namespaces', ['linux.namespaces[0].type', 'time']),
  row(/^linux\.namespaces\[\]\.path$/, /has to begin with/, 'config-linux.md §namespaces', [
    'linux.namespaces[0].path',
    'x',
  ]),
  row(/Mappings\[\]$/, /maps no number/, 'user_namespaces(7)', ['linux.uidMappings[0].size', 0]),
  row(/Mappings\[\]$/, /beyond the last number/, 'user_namespaces(7)', ['linux.uidMappings[0].hostID', 2 ** 32 - 1]),
  row(/Mappings$/, /takes 340 ranges/, 'user_namespaces(7)', [
    'linux.uidMappings',
    Array.from({ length: 341 }, (_, n) => ({ containerID: n, hostID: n, size: 1 })),
  ]),
  row(/Mappings$/, /in the container is in two/, 'user_namespaces(7)', [
    'linux.uidMappings',
    [MAP, { ...MAP, hostID: 5000 }],
  ]),
  row(/Mappings$/, /outside is in two/, 'user_namespaces(7)', [
    'linux.gidMappings',
    [MAP, { ...MAP, containerID: 5000 }],
  ]),
  row(/Mappings$/, /is for a user namespace/, 'user_namespaces(7)', [
    'linux.namespaces',
    spaces('uts', 'time', 'mount', 'network'),
  ]),
  row(/Mappings$/, /is missing: in a new/, 'user_namespaces(7)', ['linux.uidMappings', undefined]),
  row(/^linux\.timeOffsets$/, /is for a new time/, 'time_namespaces(7)', ['linux.namespaces[7].path', '/x']),
  row(/^linux\.timeOffsets\.\w+\.nanosecs$/, /a second has/, 'time_namespaces(7)', [
    'linux.timeOffsets.boottime.nanosecs',
    1e9,
  ]),
  row(/^linux\.devices\[\]\.path$/, /has to begin with/, 'config-linux.md §devices', ['linux.devices[0].path', 'x']),
  row(/^linux\.devices\[\]$/, /major and minor are missing/, 'config-linux.md §devices', [
    'linux.devices[0].major',
    undefined,
  ]),
  row(/\.major$/, /from (0|-1) to/, 'makedev(3)', ['linux.devices[0].major', 4096]),
  row(/\.minor$/, /from (0|-1) to/, 'makedev(3)', ['linux.devices[0].minor', 2 ** 20]),
  row(/^linux\.devices\[\]\.[ug]id$/, /it is -1 to the kernel/, 'chown(2)', ['linux.devices[0].uid', 2 ** 32 - 1]),
  row(/^linux\.netDevices/, /an interface has a name/, 'dev_valid_name in net/core/dev.c', [
    'linux.netDevices',
    { 'a/b': {} },
  ]),
  row(/^linux\.netDevices$/, /is for a network/, 'config-linux.md §network-devices', [
    'linux.namespaces',
    spaces('uts', 'time', 'mount', 'user'),
  ]),
  row(/^linux\.cgroupsPath$/, /of the whole machine/, 'cgroups(7)', ['linux.cgroupsPath', '/./']),
  row(/^linux\.cgroupsPath$/, /it has "\.\."/, 'config-linux.md §cgroups-path', ['linux.cgroupsPath', '/../x']),
  row(/^linux\.(masked|readonly)Paths\[\]$/, /has to begin/, 'config-linux.md §masked-paths', [
    'linux.maskedPaths[0]',
    'x',
  ]),
  row(/^linux\.(maskedPaths|readonlyPaths|rootfsPropagation)$/, /is for a mount/, 'mount_namespaces(7)', [
    'linux.namespaces',
    spaces('uts', 'time', 'user', 'network'),
  ]),
  row(/^linux\.intelRdt\.closID$/, /not the name of one file/, 'config-linux.md §intelrdt', [
    'linux.intelRdt.closID',
    '..',
  ]),
  row(/^linux\.memoryPolicy\.mode$/, /is missing/, 'config-linux.md §memory-policy', [
    'linux.memoryPolicy.mode',
    undefined,
  ]),
  row(/^linux\.memoryPolicy\.nodes$/, /not a list of numbers/, 'set_mempolicy(2)', ['linux.memoryPolicy.nodes', 'x']),
  row(/^linux\.memoryPolicy$/, /about no nodes/, 'set_mempolicy(2)', ['linux.memoryPolicy.mode', 'MPOL_LOCAL']),
  row(/^linux\.memoryPolicy$/, /its mode needs nodes/, 'set_mempolicy(2)', ['linux.memoryPolicy.nodes', '']),
  row(/^linux\.memoryPolicy$/, /static or relative/, 'set_mempolicy(2)', [
    'linux.memoryPolicy.flags',
    ['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES'],
  ]),
  row(/^linux\.personality\.domain$/, /is missing/, 'config-linux.md §personality', [
    'linux.personality.domain',
    undefined,
  ]),
  row(/^linux\.personality\.flags$/, /has none yet/, 'config-linux.md §personality', [
    'linux.personality.flags',
    ['x'],
  ]),

  row(/^linux\.seccomp(\.syscalls\[\])?$/, /is for SCMP_ACT_ERRNO/, 'config-linux.md §seccomp', [
    'linux.seccomp.syscalls[2].errnoRet',
    1,
  ]),
  row(/^linux\.seccomp$/, /nobody could be told/, 'seccomp_unotify(2)', [
    'linux.seccomp',
    { defaultAction: 'SCMP_ACT_NOTIFY', listenerPath: '/x' },
  ]),
  row(/^linux\.seccomp$/, /needs a listenerPath/, 'seccomp_unotify(2)', ['linux.seccomp.listenerPath', '']),
  row(
    /^linux\.seccomp$/,
    /listenerMetadata is for/,
    'config-linux.md §seccomp',
    ['linux.seccomp.listenerPath', undefined],
    ['linux.seccomp.syscalls', []],
  ),
  row(/^linux\.seccomp\.listenerPath$/, /has to begin/, 'unix(7)', ['linux.seccomp.listenerPath', 'x']),
  row(/^linux\.seccomp\.syscalls\[\]\.names\[\]$/, /it is empty/, 'no call has this name', [
    'linux.seccomp.syscalls[0].names[0]',
    '',
  ]),
  row(/\.args\[\]\.index$/, /from 0 to 5/, 'syscall(2): six arguments', ['linux.seccomp.syscalls[2].args[0].index', 6]),

  row(/^linux\.resources\.memory\.\w+$/, /or -1 for no limit/, 'config-linux.md §memory', [
    'linux.resources.memory.limit',
    -2,
  ]),
  row(/^linux\.resources\.memory\.swappiness$/, /from 0 to 100/, 'config-linux.md §memory', [
    'linux.resources.memory.swappiness',
    101,
  ]),
  row(/^linux\.resources\.memory$/, /and below limit/, 'config-linux.md §memory', ['linux.resources.memory.swap', 1]),
  row(/^linux\.resources\.cpu\.quota$/, /nothing below 1000/, 'sched-bwc.rst', ['linux.resources.cpu.quota', 999]),
  row(/^linux\.resources\.cpu\.period$/, /from 1000 to/, 'sched-bwc.rst', ['linux.resources.cpu.period', 999]),
  row(/^linux\.resources\.cpu$/, /burst is above/, 'config-linux.md §cpu', ['linux.resources.cpu.burst', 2_000_000]),
  row(/^linux\.resources\.cpu$/, /realtimeRuntime is above/, 'sched-rt-group.rst', [
    'linux.resources.cpu.realtimePeriod',
    5,
  ]),
  row(/^linux\.resources\.cpu\.idle$/, /from 0 to 1/, 'config-linux.md §cpu', ['linux.resources.cpu.idle', 2]),
  row(/^linux\.resources\.cpu\.(cpu|mem)s$/, /not a list of numbers/, 'cpuset(7)', ['linux.resources.cpu.cpus', 'x']),
  row(/[wW]eight$/, /it goes up to 1000/, 'blkio-controller.rst', ['linux.resources.blockIO.weight', 1001]),
  row(/\.weightDevice\[\]$/, /has neither weight/, 'config-linux.md §block-io', [
    'linux.resources.blockIO.weightDevice[0]',
    { major: 8, minor: 0 },
  ]),
  row(/\.throttle\w+\[\]\.rate$/, /is missing/, 'config-linux.md §block-io', [
    'linux.resources.blockIO.throttleReadBpsDevice[0].rate',
    undefined,
  ]),
  row(/^linux\.resources\.devices\[\]\.type$/, /none of/, 'config-linux.md §allowed-device-list', [
    'linux.resources.devices[0].type',
    'x',
  ]),
  row(/^linux\.resources\.devices\[\]\.access$/, /made of r, w and m/, 'config-linux.md §allowed-device-list', [
    'linux.resources.devices[0].access',
    'x',
  ]),
  row(
    /^linux\.resources\.(network\.priorities\[\]\.name|rdma\[.*\])$/,
    /it is not one word/,
    'the format of the kernel’s file',
    ['linux.resources.network.priorities[0].name', 'a b'],
  ),
  row(/^linux\.resources\.rdma[.[]/, /has neither hcaHandles/, 'config-linux.md §rdma', ['linux.resources.rdma.x', {}]),
  row(/^linux\.resources\.unified\[.*\]$/, /it is not/, 'config-linux.md §unified', [
    'linux.resources.unified',
    { x: 'y' },
  ]),
]

/** Words that the schemas refuse and we take, as runC and whoever drives it do: mount(8). Here they are the words that the schemas know. */
export const known = (text: string): string =>
  text.replace(/("rootfsPropagation":")r(private|shared|slave|unbindable")/, '$1$2')
