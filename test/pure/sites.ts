/** Places for a container on machines of every kind. No plan is ever run on them. */
import type { CgroupPlace } from '../../src/kernel/cgroups.ts'
import type { Level, Site } from '../../src/kernel/cgroup-sites.ts'
import type { Machine } from '../../src/kernel/machine.ts'
import { machines } from './machines.ts'

const FILES: Record<string, string[]> = {
  memory: ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'],
  blkio: ['blkio.bfq.weight', 'blkio.throttle.read_bps_device'],
}

/** A hierarchy of version 1 in which nothing of the container's path is there. */
export function v1(controllers: string, path = '/a/b', more: Partial<Site> = {}): Site {
  const mount = `/cg/${controllers.replace('name=', '')}`
  const isCpuset = controllers.split(',').includes('cpuset')
  return {
    version: 1,
    controllers: controllers.split(','),
    mount: { directory: mount, there: true, ...(isCpuset && { cpus: '0-3', mems: '0' }) },
    base: mount,
    directory: `${mount}${path}`,
    levels: levels(mount, path),
    files: controllers.split(',').flatMap((name) => FILES[name] ?? []),
    processes: 0,
    frozen: false,
    writable: true,
    ...more,
  }
}

/** The v2 tree; its root hands down what is in `enabled`. */
export function v2(enabled: string[] = [], path = '/a/b', more: Partial<Site> = {}): Site {
  const controllers = ['cpuset', 'cpu', 'io', 'memory', 'hugetlb', 'pids', 'rdma']
  return {
    version: 2,
    controllers,
    mount: { directory: '/cg', there: true, controllers, enabled, occupied: false },
    base: '/cg',
    directory: `/cg${path}`,
    levels: levels('/cg', path),
    files: [],
    processes: 0,
    frozen: false,
    writable: true,
    ...more,
  }
}

const levels = (mount: string, path: string): Level[] =>
  path
    .split('/')
    .slice(1)
    .map((_, n, names) => ({ directory: `${mount}/${names.slice(0, n + 1).join('/')}`, there: false }))

export const ALL_V1 = [
  'cpuset',
  'cpu,cpuacct',
  'memory',
  'devices',
  'freezer',
  'blkio',
  'pids',
  'hugetlb',
  'rdma',
  'net_cls',
  'net_prio',
  'name=systemd',
]

export const place = (sites: Site[], more: Partial<CgroupPlace> = {}): CgroupPlace => ({
  sites,
  pageSizes: ['2MB', '1GB'],
  weights: [],
  asked: true,
  ...more,
})

export const machineWith = (place: CgroupPlace): Machine => ({
  ...machines.none,
  cgroups: { ...machines.none.cgroups, place },
})
