/** What lessons ask the stages for: a plan to draw, and what one stage has and another has not. */
import { BASE } from '../oci/defaults.ts'
import type { Machine } from '../kernel/machine.ts'
import type { Asked } from '../oci/defaults.ts'
import type { Spec } from '../oci/spec.ts'
import { diff, type Difference } from '../plan/diff.ts'
import { explain } from '../plan/explain.ts'
import { Complaint } from '../workshop/complaint.ts'
import { planOf, specOf } from '../workshop/run-stage.ts'
import type { Stage } from '../workshop/stage.ts'
import { stageNumbered } from '../workshop/stages.ts'
import type { Workshop } from '../workshop/weave/weave.ts'
import { parseRun } from './run-options.ts'

/** What a PC's kernel shows of it. */
const KINDS: Machine['security']['kinds'] = {
  ...named('directory', '/proc/acpi', '/proc/scsi', '/sys/firmware', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys'),
  ...named('file', '/proc/interrupts', '/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/sysrq-trigger'),
}

function named(kind: 'file' | 'directory', ...paths: string[]): Machine['security']['kinds'] {
  return Object.fromEntries(paths.map((path) => [path, kind]))
}

/** A machine to draw plans for, the same on every machine: systemd's, with pure cgroup v2. */
const DRAWN: Machine = {
  cgroups: {
    layout: 'v2',
    v1: {},
    v2: {
      mount: '/sys/fs/cgroup',
      base: '/sys/fs/cgroup',
      available: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
      enabled: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
      processes: [],
    },
    cpuset: { cpus: '', mems: '' },
    swap: false,
  },
  network: { ours: true, resolver: [] },
  users: { namespaced: false, count: 2 ** 32 - 1, pieces: [2 ** 32 - 1] },
  security: { landlock: 6, labels: 'none', kinds: KINDS },
}

/** Wherever it is drawn: a terminal's name is one variable more. */
function drawn(
  stage: Stage,
  asked: Pick<Asked, 'args' | 'resources' | 'security' | 'readonly' | 'devices' | 'network'>,
): Spec {
  const { process, ...spec } = specOf(stage, { id: 'ID', rootfs: BASE, ...asked }, DRAWN)
  return { ...spec, process: { ...process, env: process.env.filter((entry) => !entry.startsWith('TERM=')) } }
}

export function workshopOf(stages: readonly Stage[]): Workshop {
  return {
    plan: ([verb, number, run, ...words]) => {
      if (verb !== 'stage' || run !== 'run')
        throw new Complaint('Cannot draw this plan: write "boxwright stage N run …"')
      const stage = stageNumbered(stages, number)
      const { args, resources, network = {}, confined = {} } = parseRun(stage.lesson, words)
      return planOf(stage, drawn(stage, { args, resources, network, ...confined }), DRAWN)
    },
    diff: ([verb, from, to]) => {
      if (verb !== 'diff') throw new Complaint('Cannot compare: write "boxwright diff N M"')
      const [before, after] = [from, to].map((number) => {
        const stage = stageNumbered(stages, number)
        return planOf(stage, drawn(stage, { args: ['sh'] }), DRAWN)
      }) as [ReturnType<typeof planOf>, ReturnType<typeof planOf>]
      const changed = diff(before, after).filter(({ sign }) => sign !== ' ')
      return changed.map(row).join('\n')
    },
  }
}

/** As in the table of a plan, with the sign in the place of the number. */
function row({ sign, step }: Difference): string {
  const [, first = '', ...rest] = explain([step]).split('\n').slice(0, -1)
  return [`${sign} ${first.slice(2)}`, ...rest].join('\n')
}
