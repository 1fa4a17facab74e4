/*
 * The birth of the box. The host lane's wishes are noted here, and clone3(2) takes them with the birth itself: this process stays where it is.
 */
#include "launch.h"

#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// #region birth
uint64_t born_in;  /* namespaces, as flags */
uint32_t born_by;  /* the step that wished last: if there is no birth, it was in vain */
pid_t box_pid;
static int born_into = -1; /* a cgroup */

static const uint64_t NAMESPACES =
	CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUSER | CLONE_NEWUTS;

int host_unshare(const union arg *a)
{
	if (box_pid || a[0].number & ~NAMESPACES) {
		errno = EINVAL; /* too late; or one of clone3's other flags, which are not a plan's */
		return -1;
	}
	born_in |= a[0].number;
	born_by = playing;
	return 0;
}

int host_clone_into_cgroup(const union arg *a)
{
	born_into = open(a[0].text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	born_by = playing;
	return born_into < 0 ? -1 : 0;
}

pid_t birth(int *pidfd)
{
	struct clone_args how = { .flags = born_in | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD };
	if (born_into >= 0) {
		how.flags |= CLONE_INTO_CGROUP;
		how.cgroup = born_into;
	}
	return syscall(SYS_clone3, &how, sizeof how);
}
// #endregion birth

// #region setns
/*
 * Joins a namespace that is there already. With a PID namespace it is the next child that joins. Whoever is in there must not look into this
 * process meanwhile (CVE-2016-9962): until execve(2) nobody but root may.
 */
static int join(const union arg *a)
{
	prctl(PR_SET_DUMPABLE, 0);
	int fd = open(a[0].text, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : with_fd(setns(fd, a[1].number), fd);
}

/* Only for the next child: what else the launcher joined would be no longer the host's. */
int host_setns(const union arg *a)
{
	if (box_pid || a[1].number != CLONE_NEWPID) {
		errno = EINVAL;
		return -1;
	}
	return join(a);
}

int box_setns(const union arg *a)
{
	return join(a);
}
// #endregion setns
