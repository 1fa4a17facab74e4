// #region calls
/* The calls of a plan, in the order of src/plan/calls.ts. n: a number, s: a string, l: a list of strings, u: of numbers, b: bytes. */
#include "launch.h"

#include <linux/sched.h>

const struct call calls[] = {
	{ "chroot", "s", { NULL, box_chroot }, 0 },
	{ "chdir", "s", { NULL, box_chdir }, 0 },
	{ "fchdir", "n", { NULL, box_fchdir }, 0 },
	{ "unshare", "n", { host_unshare, box_unshare }, 0 },
	{ "setns", "sn", { host_setns, box_setns }, 0 },
	{ "clone_into_cgroup", "s", { host_clone_into_cgroup, NULL }, 0 },
	{ "sethostname", "s", { NULL, box_sethostname }, CLONE_NEWUTS },
	{ "mount", "sssns", { NULL, box_mount }, CLONE_NEWNS },
	{ "umount2", "sn", { NULL, box_umount2 }, CLONE_NEWNS },
	{ "pivot_root", "ss", { NULL, box_pivot_root }, CLONE_NEWNS },
	{ "open_tree", "nsn", { host_open_tree, box_open_tree }, 0 },
	{ "mount_setattr", "nnnns", { mount_setattr_of, mount_setattr_of }, 0 },
	{ "move_mount", "ns", { NULL, box_move_mount }, CLONE_NEWNS },
	{ "mkdir", "sn", { host_mkdir, box_mkdir }, 0 },
	{ "rmdir", "s", { host_rmdir, NULL }, 0 },
	{ "mknod", "snn", { NULL, box_mknod }, 0 },
	{ "symlink", "ss", { NULL, box_symlink }, 0 },
	{ "write", "ss", { host_write, box_write }, 0 },
	{ "setgroups", "u", { NULL, box_setgroups }, 0 },
	{ "setgid", "n", { NULL, box_setgid }, 0 },
	{ "setuid", "n", { NULL, box_setuid }, 0 },
	{ "prctl", "nnn", { NULL, box_prctl }, 0 },
	{ "capset", "nnn", { NULL, box_capset }, 0 },
	{ "capbset", "n", { NULL, box_capbset }, 0 },
	{ "setrlimit", "nnn", { NULL, box_setrlimit }, 0 },
	{ "seccomp", "nb", { NULL, box_seccomp }, 0 },
	{ "keyctl", "ns", { NULL, box_keyctl }, 0 },
	{ "landlock_create_ruleset", "nnnn", { NULL, box_landlock_create_ruleset }, 0 },
	{ "landlock_add_rule", "nsn", { NULL, box_landlock_add_rule }, 0 },
	{ "landlock_restrict_self", "n", { NULL, box_landlock_restrict_self }, 0 },
	{ "netlink", "nbn", { netlink, netlink }, CLONE_NEWNET },
	{ "bpf_prog_load", "nb", { host_bpf_prog_load, NULL }, 0 },
	{ "bpf_prog_attach", "ns", { host_bpf_prog_attach, NULL }, 0 },
	{ "run", "slls", { host_run, NULL }, 0 },
	{ "ask", "ss", { host_ask, NULL }, 0 },
	{ "execvpe", "sll", { NULL, box_execvpe }, 0 },
};
// #endregion calls

const unsigned CALLS = sizeof calls / sizeof *calls;
