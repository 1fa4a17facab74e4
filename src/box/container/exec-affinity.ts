/**
 * Lesson 13. Which processors a later command runs on. Before it is in the container's cgroup it need not be where that one's processes are, whom it would
 * disturb: so it is born elsewhere. config.md §execCPUAffinity, sched_setaffinity(2).
 */
import { box, host, type Wall } from '../../plan/plan.ts'
import { parseCpuList } from './cpu-list.ts'

// #region affinity
/** Stands where its process has joined all cgroups. */
export const execAffinity: Wall = {
  name: 'exec-affinity',
  lesson: 13,
  steps: ({ process: { execCPUAffinity: { initial, final } = {} } }) => [
    ...(initial
      ? [
          host(
            'sched_setaffinity',
            ['0', parseCpuList(initial)],
            'whoever makes it, and so it is born there',
          ),
        ]
      : []),
    ...(final
      ? [
          box(
            'sched_setaffinity',
            ['0', parseCpuList(final)],
            'and here it stays',
          ),
        ]
      : []),
  ],
}
// #endregion affinity
