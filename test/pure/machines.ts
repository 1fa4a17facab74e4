/** Machines to make plans for, of every kind that cgroups(7) knows. No plan is ever run on them. */
import type { Cgroups, Unified } from '../../src/kernel/cgroups.ts'
import type { Machine } from '../../src/kernel/machine.ts'

const machine = (cgroups: Partial<Cgroups> & Pick<Cgroups, 'layout'>): Machine => ({
  cgroups: { v1: {}, cpuset: { cpus: '', mems: '' }, swap: false, ...cgroups },
  network: { ours: true, resolver: ['nameserver 192.0.2.53'] },
  users: { namespaced: false, count: 2 ** 32 - 1, pieces: [2 ** 32 - 1] },
  security: { landlock: 0, labels: 'none', kinds: {} },
})

const all = ['cpuset', 'cpu', 'io', 'memory', 'pids']
const tree: Unified = { mount: '/cg', base: '/cg', available: all, enabled: all, processes: [] }

const apart: Cgroups['v1'] = {
  memory: '/cg/memory',
  pids: '/cg/pids',
  cpu: '/cg/cpu',
  cpuset: '/cg/cpuset',
  io: '/cg/blkio',
}
const together = { ...apart, cpu: '/cg/cpu,cpuacct', cpuacct: '/cg/cpu,cpuacct' }
const cpuset = { cpus: '0-3', mems: '0' }

export const machines = {
  none: machine({ layout: 'none' }),
  v1: machine({ layout: 'v1', v1: apart, cpuset }),
  /** cpu and cpuacct share a hierarchy, and swap is counted. */
  v1Shared: machine({ layout: 'v1', v1: together, cpuset, swap: true }),
  /** One hierarchy for memory, pids and cpuset. */
  v1OneForAll: machine({ layout: 'v1', v1: { memory: '/cg/one', pids: '/cg/one', cpuset: '/cg/one' }, cpuset }),
  /** As systemd has it: controllers in v1, and a v2 tree that has none. */
  hybrid: machine({
    layout: 'hybrid',
    v1: apart,
    cpuset,
    v2: { ...tree, mount: '/cg/unified', base: '/cg/unified', available: [], enabled: [] },
  }),
  /** memory and cpu are in v1, all others in v2. */
  divided: machine({
    layout: 'hybrid',
    v1: { memory: '/cg/memory', cpu: '/cg/cpu' },
    v2: { ...tree, mount: '/cg/unified', base: '/cg/unified', available: ['pids', 'io', 'cpuset'], enabled: ['pids'] },
  }),
  /** No kernel has a controller in both; a list that says so is not believed. */
  doubled: machine({
    layout: 'hybrid',
    v1: { memory: '/cg/memory' },
    v2: { ...tree, mount: '/cg/unified', base: '/cg/unified', available: ['memory', 'pids'], enabled: ['pids'] },
  }),
  v2: machine({ layout: 'v2', v2: tree, swap: true }),
  /** Nothing is handed down yet, at the true root. */
  v2Fresh: machine({ layout: 'v2', v2: { ...tree, enabled: [] } }),
  /** Below a cgroup that has been delegated, with two processes in the way. */
  v2Delegated: machine({
    layout: 'v2',
    v2: { mount: '/cg', base: '/cg/mine', available: ['memory', 'pids'], enabled: ['pids'], processes: [11, 12] },
  }),
  /** The same, when another box has set them aside and had all of it handed down. */
  v2SetAside: machine({
    layout: 'v2',
    v2: { ...tree, base: '/cg/mine', available: ['memory', 'pids'], enabled: ['memory', 'pids'], setAside: true },
  }),
} satisfies Record<string, Machine>
