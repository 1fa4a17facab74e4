/*
 * ID-mapped mounts. The kernel takes the numbers from a user namespace, and there may be none yet that has them: one is made, by a process that
 * does nothing else, and lives on in the mount alone. mount_setattr(2), user_namespaces(7).
 */
#include "launch.h"

#include <linux/mount.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_of(pid_t pid, const char *file, int flags)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
	return open(path, flags | O_CLOEXEC);
}

static int write_map(pid_t pid, const char *file, const char *map)
{
	const int fd = open_of(pid, file, O_WRONLY);
	return fd < 0 ? -1 : with_fd(write(fd, map, strlen(map)) == (ssize_t)strlen(map) ? 0 : -1, fd);
}

/* Waits to be killed: it holds the namespace until that is held by a descriptor. */
static pid_t hold_namespace(void)
{
	struct clone_args how = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD };
	const pid_t pid = syscall(SYS_clone3, &how, sizeof how);
	if (pid != 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
		for (;;)
			pause();
	_exit(125);
}

/* @returns a descriptor of a user namespace with these maps. */
static int namespace_with(const char *uids, const char *gids)
{
	const pid_t pid = hold_namespace();
	if (pid < 0)
		return -1;
	const bool mapped = write_map(pid, "uid_map", uids) == 0 && write_map(pid, "gid_map", gids) == 0;
	const int users = mapped ? open_of(pid, "ns/user", O_RDONLY) : -1;
	const int error = errno;
	kill(pid, SIGKILL);
	if (waitpid(pid, NULL, 0) != pid)
		stop("reap a process of our own");
	errno = error;
	return users;
}

// #region idmap
int host_idmap(const union arg *a)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP };
	const int tree = slot(a[0].number);
	const int users = tree < 0 ? -1 : namespace_with(a[2].text, a[3].text);
	if (users < 0)
		return -1;
	attributes.userns_fd = users;
	return with_fd(syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | a[1].number, &attributes, sizeof attributes), users);
}
// #endregion idmap
