/** fork(2), with which every box begins: why there is to be no child. */
import { numberIn, type Cause } from '../cause.ts'
import { isInUserNamespace } from '../scene.ts'

// #region fork
export const forkCauses: Cause[] = [
  {
    name: 'fork/pids-max',
    calls: ['fork'],
    codes: ['EAGAIN'],
    precondition: 'No cgroup that the process is in is at its limit of processes',
    man: 'fork(2): the PID limit (pids.max) imposed by the cgroup "process number" (PIDs) controller was reached.',
    probe: ({ scene }) => {
      const full = scene.cgroups.find((path) => {
        const most = numberIn(scene.read(`${path}/pids.max`))
        return most !== Infinity && numberIn(scene.read(`${path}/pids.current`)) >= most
      })
      if (full === undefined) return 'so'
      return {
        fact: `${full}/pids.max is ${scene.read(`${full}/pids.max`)?.trim() ?? ''}, and as many processes are in it`,
        remedy: 'End some, or allow more: --pids with a larger number',
      }
    },
  },
  {
    name: 'fork/nproc',
    calls: ['fork'],
    codes: ['EAGAIN'],
    precondition: 'The user is below their limit of processes',
    man: 'fork(2): the RLIMIT_NPROC soft resource limit (set via setrlimit(2)), which limits the number of processes and threads for a real user ID, was reached',
    probe: ({ scene }) => {
      const limit = numberIn(/^Max processes\s+(\d+)/m.exec(scene.read(`/proc/${scene.pid}/limits`) ?? '')?.[1])
      const exempt = scene.uid === 0 && !isInUserNamespace(scene)
      if (exempt || limit === Infinity) return 'so'
      const running = scene.processes().reduce((sum, { uid, threads }) => sum + (uid === scene.uid ? threads : 0), 0)
      if (running < limit) return 'so'
      return {
        fact: `user ${scene.uid} has ${running} processes and threads, and may have ${limit}`,
        remedy: 'End some, or raise the limit: ulimit -u',
      }
    },
  },
  {
    name: 'fork/init-is-gone',
    calls: ['fork'],
    codes: ['ENOMEM'],
    precondition: 'PID 1 of the PID namespace that the child would be born in is alive',
    man: 'fork(2): An attempt was made to create a child process in a PID namespace whose "init" process has terminated.',
    probe: ({ scene: { pid, namespaces, processes } }) => {
      const { pid_for_children: next } = namespaces
      if (next === undefined || next === namespaces.pid) return 'so' // the first child there is PID 1 itself
      if (processes().some((other) => other.pidNamespace === next)) return 'so'
      return {
        fact: `process ${pid} has its children born in a PID namespace whose PID 1 has ended`,
        remedy: 'Have one child born there, and come back: setns to /proc/self/ns/pid',
      }
    },
  },
]
// #endregion fork
