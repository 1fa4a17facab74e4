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
static int born_into = -1;      /* a cgroup */
static int born_among = -1;     /* a PID namespace that is there already */

static const uint64_t NAMESPACES =
	CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWTIME | CLONE_NEWUSER | CLONE_NEWUTS;

/* @returns -1 with EINVAL when the wish comes too late, or is none of a plan's. */
static int wish(bool is_one)
{
	if (box_pid || !is_one) {
		errno = EINVAL;
		return -1;
	}
	born_by = playing;
	return 0;
}

/* @returns -1 with EINVAL of a second wish of the kind. */
static int wish_for(int *what, int fd)
{
	if (fd < 0 || wish(*what < 0) < 0)
		return with_fd(-1, fd);
	*what = fd;
	return 0;
}

int host_unshare(const union arg *a)
{
	if (wish((a[0].number & ~NAMESPACES) == 0) < 0) /* not one of clone3's other flags */
		return -1;
	born_in |= a[0].number;
	return 0;
}

int host_clone_into_cgroup(const union arg *a)
{
	return wish_for(&born_into, open(a[0].text, O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* Only a PID namespace has to be joined by a parent, for its child. Other programs that the host lane runs are not to be born there. */
int host_setns(const union arg *a)
{
	return wish(a[1].number == CLONE_NEWPID) < 0 ? -1 : wish_for(&born_among, open(a[0].text, O_RDONLY | O_CLOEXEC));
}

static pid_t clone_box(int *pidfd)
{
	struct clone_args how = { .flags = born_in | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD };
	if (born_into >= 0) {
		how.flags |= CLONE_INTO_CGROUP;
		how.cgroup = born_into;
	}
	return syscall(SYS_clone3, &how, sizeof how);
}

pid_t birth(int *pidfd)
{
	if (born_among < 0)
		return clone_box(pidfd);
	const int here = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (here < 0 || setns(born_among, CLONE_NEWPID) < 0)
		return with_fd(-1, here);
	const pid_t pid = clone_box(pidfd);
	const int error = errno;
	if (pid != 0 && setns(here, CLONE_NEWPID) < 0)
		stop("come back to its own PID namespace");
	errno = error;
	return with_fd(pid, here);
}
// #endregion birth

/* Ends, and whatever there is of the box with it: execve(2) may have taken PR_SET_PDEATHSIG back. */
_Noreturn void give_up(void)
{
	if (box_pidfd >= 0)
		syscall(SYS_pidfd_send_signal, box_pidfd, SIGKILL, NULL, 0);
	_exit(125);
}

// #region setns
/*
 * Joins a namespace that is there already. Whoever is in there must not look into this process meanwhile (CVE-2016-9962): until execve(2) nobody
 * but root may. And like any change of rights it takes back that the box dies with us.
 */
int box_setns(const union arg *a)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return -1;
	const int fd = open(a[0].text, O_RDONLY | O_CLOEXEC);
	return fd < 0 || with_fd(setns(fd, a[1].number), fd) < 0 ? -1 : prctl(PR_SET_PDEATHSIG, SIGKILL);
}
// #endregion setns
