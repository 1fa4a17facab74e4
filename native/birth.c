/*
 * The birth of the box. The host lane's wishes are noted here, and clone3(2) takes them with the birth itself: this process stays where it is.
 */
#include "launch.h"

#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

uint64_t born_in;  /* namespaces, as flags */
uint32_t born_by;  /* the step that wished last: if there is no birth, it was in vain */
pid_t box_pid;
static int born_into = -1; /* a cgroup */

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

// #region joined
/* Namespaces that are there already: whoever is to be born in them has a parent that has joined them. */
static struct {
	int fd;
	uint64_t kind;
	uint32_t step;
	bool done;
} joined[8];
static unsigned joins;

static bool is_joined(uint64_t kind)
{
	bool found = false;
	for (unsigned n = 0; n < joins; n++)
		found |= joined[n].kind == kind;
	return found;
}

/*
 * A PID namespace has to be joined by a parent, for its child; a user namespace, where the box's other ones are to belong to it; and those that
 * are somebody else's, before the box has a user namespace of its own. Other programs that the host lane runs are not to be born there. Who is in
 * there must not look into our child (CVE-2016-9962).
 */
int host_setns(const union arg *a)
{
	const uint64_t kind = a[1].number;
	const bool is_one = kind && !(kind & ~NAMESPACES) && !(kind & (kind - 1));
	if (wish(is_one && !is_joined(kind)) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
		return -1;
	const int fd = open(a[0].text, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (ioctl(fd, NS_GET_NSTYPE) != (int)kind) {
		errno = EINVAL;
		return with_fd(-1, fd);
	}
	joined[joins].fd = fd;
	joined[joins].kind = kind;
	joined[joins++].step = playing;
	return 0;
}
// #endregion joined

// #region birth
int host_unshare(const union arg *a)
{
	if (wish((a[0].number & ~NAMESPACES) == 0) < 0) /* not one of clone3's other flags */
		return -1;
	born_in |= a[0].number;
	return 0;
}

int host_clone_into_cgroup(const union arg *a)
{
	if (wish(born_into < 0) < 0)
		return -1;
	born_into = open(a[0].text, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return born_into < 0 ? -1 : 0;
}

/* @param parent CLONE_PARENT when the child is to be our parent's: it is told of its end by the signal that it is told of ours. */
static pid_t clone_box(int *pidfd, uint64_t parent)
{
	struct clone_args how = { .flags = born_in | parent | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = parent ? 0 : SIGCHLD };
	if (born_into >= 0) {
		how.flags |= CLONE_INTO_CGROUP;
		how.cgroup = born_into;
	}
	return syscall(SYS_clone3, &how, sizeof how);
}

static pid_t birth_here(int *pidfd)
{
	if (joins == 0)
		return clone_box(pidfd, 0);
	const int here = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	if (here < 0 || setns(joined[0].fd, CLONE_NEWPID) < 0)
		return with_fd(-1, here);
	const pid_t pid = clone_box(pidfd, 0);
	const int error = errno;
	if (pid != 0 && setns(here, CLONE_NEWPID) < 0)
		stop("come back to its own PID namespace");
	errno = error;
	return with_fd(pid, here);
}
// #endregion birth

// #region by-way-of
struct born {
	pid_t pid;
	int error;
	uint32_t step;
};

/*
 * What belongs to the host comes first, and what belongs to the user namespace after that one: root outside may join both, in this order.
 * @param step the one that is being played.
 */
static bool join_all(uint32_t *step)
{
	const bool may_wait = is_joined(CLONE_NEWUSER);
	for (int round = 0; round < 3; round++)
		for (unsigned n = 0; n < joins; n++) {
			if (joined[n].done || (joined[n].kind == CLONE_NEWUSER) != (round == 1))
				continue;
			*step = joined[n].step;
			joined[n].done = setns(joined[n].fd, joined[n].kind) == 0;
			if (!joined[n].done && !(round == 0 && may_wait && errno == EPERM))
				return false;
		}
	return true;
}

/* In a child of ours: whoever has gone into a user namespace does not come back. Returns in the box alone. */
static void go_between(int to)
{
	int pidfd;
	struct born born = { .pid = -1, .step = born_by };
	if (join_all(&born.step)) {
		born.step = born_by;
		born.pid = clone_box(&pidfd, CLONE_PARENT);
	}
	if (born.pid == 0)
		return;
	born.error = errno;
	_exit(write(to, &born, sizeof born) == sizeof born ? 0 : 125);
}

/* The box is our child all the same. */
static pid_t birth_by_way_of_others(int *pidfd)
{
	int ends[2];
	struct born born;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	const pid_t between = fork();
	if (between == 0) {
		go_between(ends[1]);
		return 0;
	}
	close(ends[1]);
	const bool heard = between > 0 && with_fd(read(ends[0], &born, sizeof born), ends[0]) == sizeof born;
	if (between < 0 || waitpid(between, NULL, 0) != between)
		return -1;
	if (heard)
		born_by = born.step;
	errno = heard ? born.error : ECHILD;
	if (!heard || born.pid < 0 || (*pidfd = syscall(SYS_pidfd_open, born.pid, 0)) < 0)
		return -1;
	return born.pid;
}
// #endregion by-way-of

/* A PID namespace alone we come back from ourselves. */
pid_t birth(int *pidfd)
{
	const bool comes_back = joins == 0 || (joins == 1 && is_joined(CLONE_NEWPID));
	return comes_back ? birth_here(pidfd) : birth_by_way_of_others(pidfd);
}

/* Ends, and whatever there is of the box with it: execve(2) may have taken PR_SET_PDEATHSIG back. */
_Noreturn void give_up(void)
{
	if (box_pidfd >= 0)
		syscall(SYS_pidfd_send_signal, box_pidfd, SIGKILL, NULL, 0);
	leave();
}

_Noreturn void box_was_killed(void)
{
	errno = ECHILD;
	if (report_fd >= 0)
		give_up(); /* whoever listens hears that it has ended, and says why */
	stop("finish the box: its process was killed meanwhile");
}

/* A box's own filter may refuse even exit_group(2), and a C library would ask for ever: an instruction that there is not ends it as well. */
_Noreturn void leave(void)
{
	syscall(SYS_exit_group, 125);
	__builtin_trap();
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
