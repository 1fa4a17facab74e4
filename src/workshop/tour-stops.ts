/** The tour's stops, one a stage: a command to run in the box, facts to read of it from the host, an attack to try. */
import { readFileSync, readlinkSync } from 'node:fs'
import { namespaceOf, pidsOf, statusField, type Namespace } from '../kernel/proc.ts'
import type { Resources } from '../oci/resources.ts'

export interface Stop {
  /** What a shell in the box is told to do. */
  script: string
  flags?: string
  resources?: Resources
  facts: ((pid: number) => Fact)[]
  /** Open here, and closed at the next stop. */
  attack?: string
}

/** What something is, for the box and for you. */
export type Fact = [what: string, box: string, you: string]

// #region stops
export const stops: readonly Stop[] = [
  {
    script: 'echo "I am $$ on $(hostname)"; echo / holds: $(ls /)',
    facts: [rootDirectory, processNumber, namespace('pid')],
    attack: 'kill-neighbour',
  },
  {
    script: 'echo "I am $$ on $(hostname)"',
    facts: [processNumber, namespace('pid'), namespace('uts'), namespace('mnt')],
    attack: 'second-chroot',
  },
  {
    script: 'ps | head -n 3 | cut -c 1-80; echo mounted: $(cut -d " " -f 2 /proc/mounts)',
    facts: [mountCount, rootDirectory],
    attack: 'fork-bomb',
  },
  {
    flags: '--memory 64m --pids 32 --cpus 0.5',
    resources: { memory: { limit: 64n << 20n }, pids: { limit: 32n }, cpu: { quota: 50_000n, period: 100_000n } },
    script:
      'cd /sys/fs/cgroup; for f in memory*/memory.limit_in_bytes memory.max pids*/pids.max pids.max; do ls $f && cat $f; done 2>/dev/null',
    facts: [memoryCgroup, namespace('cgroup')],
    attack: 'kernel-log',
  },
  {
    script: 'id; grep -e Cap[PE] /proc/self/status',
    facts: [namespace('user'), capabilities],
    attack: 'host-sysctl',
  },
  {
    script: 'id; cat /proc/self/uid_map; touch /tmp/mine; ls -ln /tmp/mine; rm /tmp/mine',
    facts: [userNumber, capabilities, namespace('user')],
    attack: 'host-network',
  },
  {
    script: 'echo interfaces: $(ls /sys/class/net); echo routes: $(tail -n +2 /proc/net/route | wc -l)',
    facts: [namespace('net')],
    attack: 'keyring',
  },
  {
    script:
      'grep -e CapEff -e NoNewPrivs -e Seccomp: /proc/self/status; echo interrupts: $(wc -l < /proc/interrupts) lines',
    facts: [capabilities, filterMode],
  },
]
// #endregion stops

function processNumber(pid: number): Fact {
  return ['process number', pidsOf(pid).join(', in the box '), String(process.pid)]
}

function namespace(name: Namespace): (pid: number) => Fact {
  return (pid) => [`${name} namespace`, String(namespaceOf(pid, name)), String(namespaceOf('self', name))]
}

function rootDirectory(pid: number): Fact {
  return ['root directory', readlinkSync(`/proc/${pid}/root`), readlinkSync('/proc/self/root')]
}

/** As the host counts users. */
function userNumber(pid: number): Fact {
  const of = (whose: number | 'self'): string => statusField(whose, 'Uid').split('\t')[0] ?? ''
  return ['user, to the kernel', of(pid), of('self')]
}

/** seccomp(2): 2 is a filter. */
function filterMode(pid: number): Fact {
  const of = (whose: number | 'self'): string => (statusField(whose, 'Seccomp') === '2' ? 'filtered' : 'all')
  return ['system calls', of(pid), of('self')]
}

/** capabilities(7): how many of them it may use. */
function capabilities(pid: number): Fact {
  const count = (of: number | 'self'): string => {
    return String(
      BigInt(`0x${statusField(of, 'CapEff')}`)
        .toString(2)
        .replaceAll('0', '').length,
    )
  }
  return ['capabilities', count(pid), count('self')]
}

function mountCount(pid: number): Fact {
  const mounts = (of: number | 'self'): string =>
    `${readFileSync(`/proc/${of}/mounts`, 'utf8').trim().split('\n').length}`
  return ['mounts in view', mounts(pid), mounts('self')]
}

/** In v1 each controller has a line, `4:memory:/…`; in v2 there is one, `0::/…`. */
function memoryCgroup(pid: number): Fact {
  const cgroup = (of: number | 'self'): string => {
    const lines = readFileSync(`/proc/${of}/cgroup`, 'utf8').split('\n')
    return (lines.find((line) => /:memory:/.test(line)) ?? lines.find((line) => line.startsWith('0::')) ?? '').replace(
      /^\d+:\w*:/,
      '',
    )
  }
  return ['memory cgroup', cgroup(pid), cgroup('self')]
}
