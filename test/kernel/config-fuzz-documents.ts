/** Documents for the fuzz of `config.json`: one with much in it that this machine can give, and what comes of spoiling it. */
import fc from 'fast-check'
import { OPTIONS } from '../../src/box/container/options.ts'
import { CAPABILITIES } from '../../src/kernel/capabilities.ts'
import { TYPES } from '../../src/oci/rlimits.ts'
import { ACTIONS, ARCHITECTURES, FLAGS, OPERATORS } from '../../src/oci/seccomp.ts'
import { NAMESPACES, PROPAGATIONS } from '../../src/oci/spec.ts'
import { altered, at, FULL, mutants, places, scratched, spoiled } from '../pure/config-mutants.ts'

const HOOK = { path: '/bin/true', args: ['true'], env: ['A=b'], timeout: 5 }

export const REAL = {
  ociVersion: '1.3.0',
  root: { path: 'rootfs', readonly: true },
  hostname: 'fuzz',
  domainname: 'example.org',
  process: {
    user: FULL.process.user,
    args: ['sh', '-c', ': > /witness/ran'],
    env: ['PATH=/usr/bin:/bin', 'TERM=xterm'],
    cwd: '/',
    capabilities: FULL.process.capabilities,
    rlimits: [
      { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
      { type: 'RLIMIT_NOFILE', soft: 1024, hard: 1024 },
    ],
    noNewPrivileges: true,
    oomScoreAdj: 100,
  },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid'] },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=65536k'] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'newinstance', 'ptmxmode=0666'] },
    { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' },
    { destination: '/witness', source: '../witness', options: ['bind', 'nosuid'] },
  ],
  hooks: { createRuntime: [HOOK], poststart: [HOOK], poststop: [HOOK] },
  annotations: { 'org.example.key': 'value' },
  linux: {
    namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'cgroup'].map((type) => ({ type })),
    devices: [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 438, uid: 0, gid: 0 }],
    cgroupsPath: '/fuzz',
    resources: {
      memory: { limit: 536_870_912 },
      cpu: { shares: 1024, quota: 100_000, period: 100_000 },
      pids: { limit: 1000 },
      devices: [{ allow: false, access: 'rwm' }],
    },
    rootfsPropagation: 'slave',
    seccomp: {
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['mknod'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
    },
    sysctl: { 'net.ipv4.ip_forward': '1' },
    maskedPaths: ['/proc/kcore'],
    readonlyPaths: ['/proc/sys'],
  },
}

const WORDS = [
  ...[...NAMESPACES, ...PROPAGATIONS, ...OPTIONS, ...TYPES, ...OPERATORS, ...CAPABILITIES.slice(0, 8)],
  ...[...ARCHITECTURES, ...Object.keys(ACTIONS), ...Object.keys(FLAGS)],
  ...[
    '/proc/self/ns/net',
    '/proc/1/ns/mnt',
    '/proc/self/fd/3',
    '/dev/null',
    '/etc/passwd',
    'tmpfs',
    'proc',
    'sysfs',
    'mqueue',
    'cgroup',
    'overlay',
  ],
]

const spoilt = fc.oneof(mutants(WORDS, REAL, 1), mutants(WORDS, REAL)).map((changes) => spoiled(changes, REAL))

/** With a part of the document that has everything, which this machine may be able to give or not. */
const grafted = fc
  .tuple(
    fc.oneof(fc.constant<unknown>(REAL), spoilt),
    fc.constantFrom(...places(FULL).filter((place) => !/^(root|mounts|hooks)/.test(place))),
  )
  .map(([document, place]) => {
    const part = at(FULL, place)
    try {
      return altered(document, place, part)
    } catch {
      return document
    }
  })

const text = fc.oneof(spoilt, spoilt, grafted).map((document) => JSON.stringify(document))

/** What a config.json could be, however little it is one. */
export const documents: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 1, arbitrary: scratched(text) },
)
