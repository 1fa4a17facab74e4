/**
 * The vocabulary of plans: each call under its own name, with its own arguments in their own order, so that the man page is the manual. The
 * inline launcher knows those of lessons 1–4 (kernel/libc.ts); native/launch knows them all.
 */

// #region calls
export interface Calls {
  chroot: [path: string]
  chdir: [path: string]
  fchdir: [slot: number]
  unshare: [flags: number]
  /** setns(2), given the namespace's path where the kernel wants a descriptor of it. */
  setns: [path: string, nstype: number]
  /** clone3(2) with CLONE_INTO_CGROUP: the box is born in that cgroup of version 2. */
  clone_into_cgroup: [directory: string]
  sethostname: [name: string]
  mount: [source: string, target: string, fstype: string, flags: number, data: string]
  umount2: [target: string, flags: number]
  pivot_root: [newRoot: string, putOld: string]
  open_tree: [slot: number, path: string, flags: number]
  /** With MOUNT_ATTR_IDMAP `users` is the path of a user namespace; otherwise it is empty. */
  mount_setattr: [slot: number, flags: number, set: number, clear: number, users: string]
  move_mount: [slot: number, target: string]
  mkdir: [path: string, mode: number]
  rmdir: [path: string]
  mknod: [path: string, mode: number, dev: number]
  symlink: [target: string, linkpath: string]
  /** open(2) for writing, write(2), close(2). Never creates a file: the kernel's own files are all there. */
  write: [path: string, data: string]
  setgroups: [groups: readonly number[]]
  setgid: [gid: number]
  setuid: [uid: number]
  prctl: [option: number, arg2: number, arg3: number]
  capset: [effective: number, permitted: number, inheritable: number]
  /** prctl(PR_CAPBSET_DROP) of every capability that is not in the set. */
  capbset: [keep: number]
  /** -1 is RLIM_INFINITY. */
  setrlimit: [resource: number, soft: Wide, hard: Wide]
  /** seccomp(SECCOMP_SET_MODE_FILTER): the filter as bytes in hexadecimal, eight for each instruction. */
  seccomp: [flags: number, filter: string]
  keyctl: [operation: number, name: string]
  landlock_create_ruleset: [slot: number, fs: number, net: number, scoped: number]
  landlock_add_rule: [slot: number, path: string, access: number]
  landlock_restrict_self: [slot: number]
  /** Messages as bytes in hexadecimal. `pidAt`, unless it is 0: where in them the box's process number belongs. netlink(7). */
  netlink: [protocol: number, messages: string, pidAt: number]
  /** bpf(BPF_PROG_LOAD) of a BPF_PROG_TYPE_CGROUP_DEVICE program, as bytes in hexadecimal. */
  bpf_prog_load: [slot: number, program: string]
  bpf_prog_attach: [slot: number, directory: string]
  /**
   * A helper of the host's, or a hook. One that ends with another status than 0 gives ECANCELED; one that takes more than so many milliseconds is
   * ended, and gives ETIMEDOUT: 0 is all the time that it wants.
   */
  run: [file: string, argv: readonly string[], envp: readonly string[], stdin: string, timeout: number]
  /** A step that Node plays itself: launch/ask.ts. */
  ask: [what: string, json: string]
  open: [slot: number, path: string, flags: number]
  /** access(2) with X_OK: could execvpe start this? */
  access: [file: string, envp: readonly string[]]
  /** One byte, and until it is there the box waits: its launcher need not. What becomes of the steps that follow is written to `answers`. */
  read: [slot: number, answers: number]
  /** open_tree(2) and mount_setattr(2) in one. `propagation`: MS_PRIVATE, MS_SLAVE, MS_SHARED, or 0 to leave it as it is. */
  open_tree_attr: [slot: number, path: string, flags: number, set: number, clear: number, propagation: number]
  /** mount_setattr(2) with MOUNT_ATTR_IDMAP, by a user namespace that is made for it, with these maps: user_namespaces(7). */
  idmap: [slot: number, flags: number, uidMap: string, gidMap: string]
  close: [slot: number]
  /** What is in the slot's directory is copied, with owners and modes, into the one at the path. */
  copy: [slot: number, path: string]
  lchown: [path: string, owner: number, group: number]
  setdomainname: [name: string]
  /** Of the command: until it starts, files get the modes that the plan says. */
  umask: [mask: number]
  personality: [persona: number]
  /** The mode with its flags, and numbers of nodes. */
  set_mempolicy: [mode: number, nodes: readonly number[]]
  /** Of the process itself, '0', or of one that the host lane names. Times are nanoseconds. */
  sched_setattr: [
    pid: string,
    policy: number,
    flags: number,
    nice: number,
    priority: number,
    runtime: Wide,
    deadline: Wide,
    period: Wide,
  ]
  sched_setaffinity: [pid: string, processors: readonly number[]]
  ioprio_set: [which: number, who: string, priority: number]
  prlimit: [pid: string, resource: number, soft: Wide, hard: Wide]
  /** socket(2) and connect(2): AF_UNIX, SOCK_STREAM. */
  connect: [slot: number, path: string]
  /** memfd_create(2), and the text in it. */
  memfd_create: [slot: number, text: string]
  /** seccomp(2) with SECCOMP_FILTER_FLAG_NEW_LISTENER: the descriptor that it gives goes over the socket, with the text in `state`. */
  seccomp_listener: [flags: number, filter: string, socket: number, state: number]
  /** An interface of the host's, with its addresses, into the network of that path. rtnetlink(7). */
  move_link: [name: string, network: string, newName: string]
  /** tcgetattr(3) of the terminal that we were started from: what it was set to, it will be again. */
  tcgetattr: []
  /** Its other end is the monitor's, which relays to that terminal. */
  socketpair: [slot: number]
  /** A terminal of the box's own /dev/pts. 0 by 0: as large as the one that we were started from. */
  openpty: [master: number, slave: number, rows: number, columns: number]
  fchown: [slot: number, uid: number, gid: number]
  /** open_tree(2) of a descriptor, move_mount(2); a link at that place is not followed. */
  bind_fd: [slot: number, target: string]
  /** A descriptor goes with the words, SCM_RIGHTS; and then both are closed. */
  sendmsg: [socket: number, words: string, slot: number]
  /** setsid(2), TIOCSCTTY, and 0, 1 and 2 are the terminal. */
  login_tty: [slot: number]
  /** Of a process that the host lane names. */
  pidfd_open: [slot: number, pid: string]
  /** A session of its own, and no terminal that controls it: setsid(2). */
  setsid: []
  /** exec(3): execve(2) in each directory of the PATH in `envp`, until one succeeds. */
  execvpe: [file: string, argv: string[], envp: string[]]
}
// #endregion calls

/** 64 bits: above 2^53 a number would not be exact. */
type Wide = number | bigint

export type CallName = keyof Calls

/** What undoes a step, too, has a name and arguments; these are more than one system call each. */
export interface UndoCalls extends Pick<Calls, 'rmdir' | 'write' | 'ask'> {
  /** Ends what still lives in a cgroup, waits, and removes it with everything below it. */
  remove_cgroup: [directory: string]
  /** Puts what lives in a cgroup back into its parent, and removes it. */
  dissolve_cgroup: [directory: string]
  /** Removes an empty file below a root, following no links. */
  unlink_empty: [path: string, root: string]
}
