/** Which part of `config.json` a step is for: whoever hears that it was refused hears what to change. */
import type { About } from '../box/container/surroundings.ts'
import type { CallName } from '../plan/calls.ts'
import type { Draft, Step, Wall } from '../plan/plan.ts'

/** Which program it is. */
const COMMAND = 'process.args, process.env, root.path'

// #region fields
/** What a call is made for, whichever wall makes it. */
const BY_CALL: Partial<Record<CallName, string>> = {
  sethostname: 'hostname',
  setdomainname: 'domainname',
  execvpe: COMMAND,
  access: COMMAND,
  umask: 'process.user.umask',
  setuid: 'process.user.uid',
  setgid: 'process.user.gid',
  setgroups: 'process.user.additionalGids',
  capset: 'process.capabilities',
  capbset: 'process.capabilities',
  setrlimit: 'process.rlimits',
  prlimit: 'process.rlimits',
  sched_setattr: 'process.scheduler',
  sched_setaffinity: 'process.execCPUAffinity',
  ioprio_set: 'process.ioPriority',
  personality: 'linux.personality',
  set_mempolicy: 'linux.memoryPolicy',
  seccomp: 'linux.seccomp',
  seccomp_listener: 'linux.seccomp',
}

/** What a wall is built for. */
const BY_WALL: Readonly<Record<string, string>> = {
  'container-cgroups': 'linux.cgroupsPath',
  'container-device-access': 'linux.resources.devices',
  'container-namespaces': 'linux.namespaces',
  'container-root': 'root.path',
  'container-mounts': 'mounts',
  'container-devices': 'linux.devices, mounts',
  'intel-rdt': 'linux.intelRdt',
  'net-devices': 'linux.netDevices',
  'runtime-hooks': 'hooks',
  createContainer: 'hooks.createContainer',
  startContainer: 'hooks.startContainer',
  'container-pivot': 'root.path',
  terminal: 'process.terminal',
  'container-sysctls': 'linux.sysctl, mounts',
  'container-paths': 'linux.maskedPaths, linux.readonlyPaths',
  'container-paths open_tree_attr': 'linux.readonlyPaths, mounts',
  'container-process': 'process',
  'container-process connect': 'linux.seccomp.listenerPath',
  labels: 'process.apparmorProfile, process.selinuxLabel',
  'container-directory': 'process.cwd',
  'container-landlock': 'annotations',
  'container-rights': 'process.capabilities, linux.seccomp',
  'last-filter': 'linux.seccomp',
}

/** The same wall, whose steps know it. */
export const withFields = (wall: Wall): Wall => ({
  ...wall,
  steps: (spec, machine) => wall.steps(spec, machine).map((step) => known(step, wall.name)),
})

function known(step: Draft & About, wall: string): Draft & About {
  const field = step.field ?? BY_CALL[step.call] ?? BY_WALL[`${wall} ${step.call}`] ?? BY_WALL[wall]
  return field === undefined || /\b(linux|process)\.\w/.test(step.why) ? step : { ...step, field }
}

/** What it is for, and which field asks for it. */
export const whyOf = ({ why, field }: Step & About): string => [why, field].filter(Boolean).join('; ')
// #endregion fields
