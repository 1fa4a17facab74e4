/** A `config.json` with every field of the specification in it, and ways to spoil it. */
import fc from 'fast-check'

const NUMBERS = [{ containerID: 0, hostID: 100_000, size: 65_536 }]
const HOOK = { path: '/bin/true', args: ['true', 'x'], env: ['A=b'], timeout: 5 }
const THROTTLE = [{ major: 8, minor: 0, rate: 600 }]

/** Nothing in it is wrong, alone or together. */
export const FULL = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs', readonly: true },
  hostname: 'full',
  domainname: 'example.org',
  process: {
    terminal: true,
    consoleSize: { height: 25, width: 80 },
    user: { uid: 1, gid: 1, umask: 63, additionalGids: [5, 6] },
    args: ['sh', '-c', 'true'],
    env: ['PATH=/bin', 'TERM=xterm'],
    cwd: '/root',
    capabilities: {
      bounding: ['CAP_KILL', 'CAP_CHOWN'],
      effective: ['CAP_KILL'],
      permitted: ['CAP_KILL'],
      inheritable: ['CAP_KILL'],
      ambient: ['CAP_KILL'],
    },
    rlimits: [
      { type: 'RLIMIT_CORE', soft: 1024, hard: 2048 },
      { type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 },
    ],
    apparmorProfile: 'profile',
    selinuxLabel: 'system_u:system_r:svirt_lxc_net_t:s0:c124,c675',
    noNewPrivileges: true,
    oomScoreAdj: 100,
    scheduler: { policy: 'SCHED_FIFO', nice: 0, priority: 10, flags: ['SCHED_FLAG_RESET_ON_FORK'] },
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 4 },
    execCPUAffinity: { initial: '7', final: '0-3,7' },
  },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    { destination: '/data', source: '/srv', options: ['rbind', 'ridmap'], uidMappings: NUMBERS, gidMappings: NUMBERS },
  ],
  hooks: {
    ...{ prestart: [HOOK], createRuntime: [HOOK], createContainer: [HOOK] },
    ...{ startContainer: [HOOK], poststart: [HOOK], poststop: [{ path: '/bin/true' }] },
  },
  annotations: { 'org.example.key': 'value' },
  linux: {
    namespaces: [
      { type: 'pid' },
      { type: 'network', path: '/var/run/netns/n' },
      ...['ipc', 'uts', 'mount', 'user', 'cgroup', 'time'].map((type) => ({ type })),
    ],
    uidMappings: NUMBERS,
    gidMappings: NUMBERS,
    timeOffsets: { monotonic: { secs: 172_800 }, boottime: { secs: -5, nanosecs: 10 } },
    devices: [
      { path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 },
      { path: '/dev/fifo', type: 'p' },
    ],
    netDevices: { eth0: { name: 'container_eth0' }, ens4: {} },
    cgroupsPath: '/runtime/container',
    resources: {
      memory: {
        ...{ limit: 536_870_912, reservation: 536_870_912, swap: 536_870_912, kernel: -1, kernelTCP: -1 },
        ...{ swappiness: 0, disableOOMKiller: false, useHierarchy: false, checkBeforeUpdate: true },
      },
      cpu: {
        ...{ shares: 1024, quota: 1_000_000, burst: 1_000_000, period: 500_000, realtimeRuntime: 950_000 },
        ...{ realtimePeriod: 1_000_000, cpus: '2-3', mems: '0-7', idle: 0 },
      },
      pids: { limit: 32_771 },
      devices: [
        { allow: false, access: 'rwm' },
        { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
      ],
      blockIO: {
        ...{ weight: 10, leafWeight: 10, weightDevice: [{ major: 8, minor: 0, weight: 500, leafWeight: 300 }] },
        ...{ throttleReadBpsDevice: THROTTLE, throttleWriteBpsDevice: THROTTLE },
        ...{ throttleReadIOPSDevice: THROTTLE, throttleWriteIOPSDevice: THROTTLE },
      },
      hugepageLimits: [{ pageSize: '2MB', limit: 209_715_200 }],
      network: { classID: 1_048_577, priorities: [{ name: 'eth0', priority: 500 }] },
      rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10_000 } },
      unified: { 'memory.high': '1073741824' },
    },
    rootfsPropagation: 'slave',
    seccomp: {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'],
      flags: ['SECCOMP_FILTER_FLAG_LOG'],
      listenerPath: '/run/agent.sock',
      listenerMetadata: 'who',
      syscalls: [
        { names: ['getcwd', 'chmod'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
        { names: ['mknod'], action: 'SCMP_ACT_NOTIFY' },
        {
          names: ['clone'],
          action: 'SCMP_ACT_ALLOW',
          args: [{ index: 0, value: 1, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
        },
      ],
    },
    sysctl: { 'net.ipv4.ip_forward': '1' },
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
    mountLabel: 'system_u:object_r:svirt_sandbox_file_t:s0:c715,c811',
    intelRdt: {
      closID: 'group',
      schemata: ['L3:0=f'],
      l3CacheSchema: 'L3:0=f',
      memBwSchema: 'MB:0=20',
      enableMonitoring: true,
    },
    memoryPolicy: { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] },
    personality: { domain: 'LINUX32', flags: [] },
  },
}

type Fields = Record<string, unknown>

/** `linux.devices[0].path` → its steps. */
const steps = (path: string): string[] => path.split(/[.[\]]+/).filter(Boolean)

/** The same document, with another value at that path; undefined is none. What leads to it is made where it is missing. */
export function altered(document: unknown, path: string, value: unknown): unknown {
  const copy = { ...(structuredClone(document) as Fields) }
  const at = steps(path)
  const last = at.pop() ?? ''
  const parent = at.reduce<Fields>((fields, name) => (fields[name] ??= {}) as Fields, copy)
  if (value !== undefined) parent[last] = value
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else Reflect.deleteProperty(parent, last)
  return copy
}

/** All that can be altered: `linux.devices[0].path` and what leads to it. */
export function places(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return [at]
  const below = Array.isArray(value)
    ? value.flatMap((one, n) => places(one, `${at}[${n}]`))
    : Object.entries(value)
        .filter(([name]) => /^\w+$/.test(name))
        .flatMap(([name, one]) => places(one, at ? `${at}.${name}` : name))
  return at === '' ? below : [at, ...below]
}

const ODD = [
  ...[null, true, false, '', 'x', '/', '..', 'a/b', 'a\u0000b', '\ud800', [], {}, [null], [[]], ['x'], [''], { x: 1 }],
  ...[0, 1, -1, -2, 0.5, 5, 7, 8, 20, 63, 64, 99, 100, 101, 511, 512, 999, 1000, 1001, 4095, 4096, 65_535, 65_536],
  ...[
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
    -(2 ** 31) - 1,
    1e300,
    '64kB',
    '2MB',
    '0-3',
    '3-0',
    '1.0',
    '2.0.0',
  ],
]

/** One change: another value, none, one more in a list, or a field that nobody knows. Most values are of the kind that was there. */
const change = (odd: readonly unknown[], base: unknown): fc.Arbitrary<Change> =>
  fc.constantFrom(...places(base)).chain((place) => {
    const alike = odd.filter((value) => kindOf(value) === kindOf(at(base, place)))
    return fc.record({
      place: fc.constant(place),
      kind: fc.constantFrom<Change['kind'][]>('value', 'value', 'value', 'none', 'twice', 'unknown'),
      value: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...alike, ...alike, null) },
        { weight: 2, arbitrary: fc.constantFrom(...odd) },
        fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown),
        fc.integer(),
      ),
    })
  })

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'list' : typeof value)

/** What is at that path; nothing when what leads to it is not there. */
export const at = (document: unknown, path: string): unknown =>
  steps(path).reduce<unknown>((one, name) => (one as Fields | undefined)?.[name], document)

export interface Change {
  place: string
  kind: 'value' | 'none' | 'twice' | 'unknown'
  value: unknown
}

function changed(document: unknown, { place, kind, value }: Change): unknown {
  if (kind === 'none') return altered(document, place, undefined)
  if (kind === 'unknown') return altered(document, `${place.replace(/\[\d+\]$/, '')}.somethingElse`, value)
  const there = at(document, place)
  if (kind === 'twice' && Array.isArray(there)) return altered(document, place, [there, there].flat())
  return altered(document, place, value)
}

/** Some changes of a document. @param words that mean something somewhere. */
export const mutants = (words: readonly string[], base: unknown = FULL, most = 3): fc.Arbitrary<Change[]> =>
  fc.array(change([...ODD, ...words], base), { minLength: 1, maxLength: most })

export const spoiled = (changes: readonly Change[], base: unknown = FULL): unknown =>
  changes.reduce<unknown>(tryChange, base)

/** Text with bytes in it that are others, too many or too few. */
export const scratched = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      text,
      fc.nat(),
      fc.nat({ max: 12 }),
      fc.oneof(fc.string(), fc.constantFrom('"', '{', '}', '[', ']', ',', ':', '-', '0', '9', '\\', '\0')),
    )
    .map(([whole, at, length, other]) => {
      const from = at % (whole.length + 1)
      return whole.slice(0, from) + other + whole.slice(from + length)
    })

/** A place that an earlier change has taken away can't be altered. */
function tryChange(document: unknown, one: Change): unknown {
  try {
    return changed(document, one)
  } catch {
    return document
  }
}
