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
  setrlimit: [resource: number, soft: number, hard: number]
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
  /** A helper of the host. One that ends with another status than 0 gives ECANCELED. */
  run: [file: string, argv: readonly string[], envp: readonly string[], stdin: string]
  /** A step that Node plays itself: launch/ask.ts. */
  ask: [what: string, json: string]
  /** exec(3): execve(2) in each directory of the PATH in `envp`, until one succeeds. */
  execvpe: [file: string, argv: string[], envp: string[]]
}
// #endregion calls

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
