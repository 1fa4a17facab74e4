/** A word on what the kernel did to a box for its limits' sake. A box that ran into none is not spoken of. */
import { basename, dirname } from 'node:path'
import { readEvents, type CgroupEvents } from '../kernel/cgroup-events.ts'
import type { Plan, Step } from '../plan/plan.ts'
import { say } from './say.ts'

export interface Aftermath {
  /** While the cgroups are still there. */
  read(): void
  /** When the terminal is ours again. */
  say(): void
}

export function aftermath(plan: Plan): Aftermath {
  const directories = plan.flatMap(cgroupOf)
  let events: CgroupEvents | undefined
  return {
    read: () => {
      events = readEvents(directories)
    },
    say: () => {
      if (events?.oomKills)
        say(`the kernel ended ${count(events.oomKills, 'process')} of the box: it was at its memory limit`)
      if (events?.forksRefused)
        say(
          `the kernel refused the box ${count(events.forksRefused, 'process')} more: it was at its limit of processes`,
        )
    },
  }
}

/** The cgroup that the box comes into by this step: it walks in, or is born there. */
function cgroupOf({ lane, call, args }: Step): string[] {
  if (call === 'clone_into_cgroup') return [args[0]]
  return lane === 'box' && call === 'write' && basename(args[0]) === 'cgroup.procs' ? [dirname(args[0])] : []
}

const count = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`
