/**
 * Why a line of the suite is not clean. Whatever is not clean with our runtime has its reason here, or the run fails; what other runtimes do is
 * explained as far as it was looked into. Reasons were found by reading the suite's program, the specification and the kernel's answer.
 */

export interface Reason {
  programs: readonly string[]
  line: RegExp
  /** Whom it is true of; of everybody when left out. */
  runtime?: 'boxwright-runc' | 'runc' | 'crun'
  why: string
}

const NOT_READ = 'hooks do not read the state that they are given, and may have ended before it is written'

/** Programs that come out this way or that: two processes race, and whoever is faster on that day decides. Each has five tries, and the best one counts. */
export const RACES: Readonly<Record<string, string>> = {
  hooks: NOT_READ,
  pidfile:
    '`true` is to be killed while it runs: two commands after `start`, which with ours returns when it knows what became of execve(2), and with runC before that',
  poststart:
    'two shells write to one file, one in the container, one in the hook that comes after its start; it counts who was first',
  poststart_fail: NOT_READ,
  poststop: NOT_READ,
  poststop_fail: NOT_READ,
  prestart: NOT_READ,
}

/** By what each controller's programs are called. A hierarchy of version 1 has a controller only while version 2 does not have it: cgroups(7). */
const CONTROLLERS: Readonly<Record<string, readonly string[]>> = {
  blkio: ['linux_cgroups_blkio', 'linux_cgroups_relative_blkio'],
  cpu: ['linux_cgroups_cpus', 'linux_cgroups_relative_cpus'],
  cpuset: ['linux_cgroups_cpus', 'linux_cgroups_relative_cpus'],
  devices: ['linux_cgroups_devices', 'linux_cgroups_relative_devices'],
  hugetlb: ['linux_cgroups_hugetlb', 'linux_cgroups_relative_hugetlb'],
  memory: ['linux_cgroups_memory', 'linux_cgroups_relative_memory'],
  net_cls: ['linux_cgroups_network', 'linux_cgroups_relative_network'],
  net_prio: ['linux_cgroups_network', 'linux_cgroups_relative_network'],
  pids: ['delete_resources', 'linux_cgroups_pids', 'linux_cgroups_relative_pids'],
}

const TAKEN: readonly Reason[] = Object.entries(CONTROLLERS).map(([controller, programs]) => ({
  programs,
  line: new RegExp(`\\(without the controllers .*\\b${controller}\\b`),
  why: `asks for the controller \`${controller}\`, which version 1 did not have while this ran: the kernel has none, or version 2 holds it, which it does as long as one cgroup there has it`,
}))

const REASONS: readonly Reason[] = [
  {
    programs: ['delete'],
    line: /a container that is not `stopped` MUST/,
    why: 'deletes a container that is `created` and expects a refusal; runC ends and deletes such a one, engines count on that, and everybody does as runC does',
  },
  {
    programs: ['hooks'],
    line: /Hooks MUST be called in the listed order|broken pipe/i,
    why: 'compares the words of hooks with others than it had them say ("post-start1" for "post-start1 called"), so nobody can pass',
  },
  {
    programs: ['hooks_stdin'],
    line: /state of the container MUST be passed/,
    runtime: 'runc',
    why: 'tells a prestart hook that the container is `creating`, and one of poststart that it is `created`; the suite wants `created` and `running`',
  },
  {
    programs: ['linux_cgroups_blkio', 'linux_cgroups_relative_blkio'],
    line: /blkio\.(leaf_)?weight|leafWeight|exit status 1/,
    why: 'sets `blkio.weight` and `blkio.leaf_weight`, files of the CFQ scheduler, which left the kernel in 5.0',
  },
  {
    programs: ['linux_cgroups_devices', 'linux_cgroups_relative_devices'],
    line: /devices c 10:229 rwm/,
    runtime: 'runc',
    why: 'merges the rules and writes the shortest list that says the same, where the suite looks for each rule in its place',
  },
  {
    programs: ['linux_cgroups_memory', 'linux_cgroups_relative_memory'],
    line: /memory kernel is set correctly/,
    why: 'sets `memory.kmem.limit_in_bytes`, which the kernel takes and ignores since 6.1',
  },
  {
    programs: ['linux_cgroups_memory', 'linux_cgroups_relative_memory'],
    line: /memory kernelTCP is set correctly/,
    runtime: 'runc',
    why: 'does not set `memory.kmem.tcp.limit_in_bytes`',
  },
  {
    programs: ['linux_mount_label'],
    line: /context=/,
    runtime: 'runc',
    why: 'gives the label to mount(2) on a kernel without SELinux, which has no such option',
  },
  {
    programs: ['linux_process_apparmor_profile'],
    line: /apparmor|acme_secure_profile/i,
    why: 'asks for an AppArmor profile "acme_secure_profile", which no kernel has loaded, and this one has no AppArmor either',
  },
  {
    programs: ['linux_rootfs_propagation'],
    line: /check root propagation: (shared|unbindable)/,
    runtime: 'runc',
    why: 'sets the propagation before it changes to the root, so that what is seen inside is another mount’s',
  },
  {
    programs: ['linux_seccomp'],
    line: /seccomp action is added|exit status 1/,
    runtime: 'runc',
    why: 'asks getcwd(2) where it is once the filter is in place, and the filter is one that forbids getcwd(2)',
  },
  {
    programs: ['misc_props'],
    line: /unknown annotation key/,
    why: 'runs `/runtimetest`, which it has not put into the root file system, so nobody can pass',
  },
  {
    programs: ['pidfile'],
    line: /create with '--pid-file' option works/,
    why: 'kills `true` and expects that to succeed; it has ended by then, and a container that is `stopped` cannot be killed',
  },
  {
    programs: ['poststart'],
    line: /MUST be called before the `start` operation returns/,
    runtime: 'runc',
    why: 'calls these hooks from `create`',
  },
  {
    programs: ['poststart'],
    line: /MUST be called after the user-specified process is executed/,
    why: 'a race: the hook was faster than the shell in the container',
  },
  {
    programs: ['poststart_fail', 'poststop_fail'],
    line: /MUST log a warning/,
    runtime: 'runc',
    why: 'gives up at the first of these hooks that fails, and does not call the next one',
  },
  {
    programs: ['prestart', 'poststop', 'poststart_fail', 'poststop_fail'],
    line: /broken pipe|MUST log a warning/i,
    runtime: 'crun',
    why: 'is ended by SIGPIPE when it has the state for a hook that has ended meanwhile',
  },
  {
    programs: ['prestart'],
    line: /MUST be called after the `start` operation is called/,
    why: 'expects a prestart hook to wait for `start`, as the specification had it before 1.0; engines that prepare a network in it count on `create`',
  },
  {
    programs: ['process_capabilities'],
    line: /^expected \w+ capability CAP_SYS_RESOURCE set/,
    why: 'asks for all capabilities and looks for each; where the machine’s root has no CAP_SYS_RESOURCE, a container goes without it, with a warning (config.md §linux-process)',
  },
  {
    programs: ['process_capabilities'],
    line: /apply caps|capset/,
    why: 'asks for all capabilities, and this machine’s root has no CAP_SYS_RESOURCE: then these make no container',
  },
  {
    programs: ['process_capabilities_fail'],
    line: /ended with 1/,
    why: 'asks for "CAP_TEST" and expects a refusal; since 1.1 the specification wants a warning instead (config.md §linux-process)',
  },
  {
    programs: ['process_rlimits'],
    line: /soft RLIMIT_NOFILE/,
    why: 'sets the soft limit of open files to 3000 and reads it in a Go program, and Go’s runtime raises it to the hard limit at its start',
  },
  {
    programs: ['start'],
    line: /exit status 1|`process` was not set/,
    why: 'starts a container that has no `process`, and counts its success where the specification demands an error',
  },
]

/** @returns why that line is not clean; nothing when nobody knows. */
export function reasonFor(program: string, runtime: string, line: string): string | undefined {
  return [...REASONS, ...TAKEN].find(
    (reason) => reason.programs.includes(program) && (reason.runtime ?? runtime) === runtime && reason.line.test(line),
  )?.why
}
