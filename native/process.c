/* What a process is to the scheduler, to disks and to memory: all of it outlives execve(2). sched(7), ioprio_set(2), set_mempolicy(2), umask(2). */
#include "launch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 0 is whoever asks; any other number the host lane's alone. @returns -1 with EINVAL when it is none. */
static pid_t process(const char *text)
{
	char *end;
	errno = 0;
	const long pid = strtol(text, &end, 10);
	if (errno == 0 && end != text && *end == '\0' && pid >= 0 && pid <= INT32_MAX)
		return pid;
	errno = EINVAL;
	return -1;
}

// #region masks
enum { MOST_BITS = 8192, WORD_BITS = sizeof(unsigned long) * CHAR_BIT };

/* Numbers of processors or nodes, as the kernel takes them: a bit each. */
static unsigned long *bits_of(struct numbers numbers)
{
	static unsigned long bits[MOST_BITS / WORD_BITS];
	memset(bits, 0, sizeof bits);
	for (uint32_t n = 0; n < numbers.count; n++) {
		if (numbers.at[n] >= MOST_BITS) {
			errno = EINVAL;
			return NULL;
		}
		bits[numbers.at[n] / WORD_BITS] |= 1UL << numbers.at[n] % WORD_BITS;
	}
	return bits;
}

int sched_setaffinity_of(const union arg *a)
{
	const pid_t pid = process(a[0].text);
	const unsigned long *bits = bits_of(a[1].numbers);
	return pid < 0 || !bits ? -1 : syscall(SYS_sched_setaffinity, pid, MOST_BITS / CHAR_BIT, bits);
}

/* A mode of its own, such as MPOL_LOCAL, takes no nodes: set_mempolicy(2). */
int box_set_mempolicy(const union arg *a)
{
	const unsigned long *bits = bits_of(a[1].numbers);
	if (!bits)
		return -1;
	return a[1].numbers.count ? syscall(SYS_set_mempolicy, a[0].number, bits, MOST_BITS + 1) : syscall(SYS_set_mempolicy, a[0].number, NULL, 0);
}
// #endregion masks

// #region scheduler
/* struct sched_attr, which not every C library has. */
struct scheduling {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t least_utilization, most_utilization;
};

int sched_setattr_of(const union arg *a)
{
	const pid_t pid = process(a[0].text);
	const struct scheduling how = {
		.size = sizeof how,
		.policy = a[1].number,
		.flags = a[2].number,
		.nice = a[3].number,
		.priority = a[4].number,
		.runtime = a[5].number,
		.deadline = a[6].number,
		.period = a[7].number,
	};
	return pid < 0 ? -1 : syscall(SYS_sched_setattr, pid, &how, 0);
}

int ioprio_set_of(const union arg *a)
{
	const pid_t pid = process(a[1].text);
	return pid < 0 ? -1 : syscall(SYS_ioprio_set, a[0].number, pid, a[2].number);
}
// #endregion scheduler

// #region limits
int box_setrlimit(const union arg *a)
{
	const struct rlimit limit = { a[1].number, a[2].number };
	return setrlimit(a[0].number, &limit);
}

/* The same from outside: who has rights in a user namespace alone may not raise a limit. */
int host_prlimit(const union arg *a)
{
	const pid_t pid = process(a[0].text);
	const struct rlimit limit = { a[2].number, a[3].number };
	return pid < 0 ? -1 : prlimit(pid, a[1].number, &limit, NULL);
}
// #endregion limits

int host_pidfd_open(const union arg *a)
{
	const pid_t pid = process(a[1].text);
	return pid < 0 ? -1 : fill_slot(a[0].number, syscall(SYS_pidfd_open, pid, 0));
}

int box_personality(const union arg *a) { return personality(a[0].number) < 0 ? -1 : 0; }

/* Until then files get the modes that the plan says. */
int box_umask(const union arg *a)
{
	command_umask = a[0].number & 0777;
	return 0;
}
