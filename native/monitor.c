/* The box's monitor: one process, one thread, which stays until the command has ended, and hands on what is meant for it. */
#include "launch.h"
#include "log.h"
#include "relay.h"

#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int box_pidfd = -1;

static uint64_t mask_of(const char *status, const char *field)
{
	const char *at = strstr(status, field);
	return at ? strtoull(at + strlen(field), NULL, 16) : 0;
}

/* Into a text that is all zeroes before, and so has an end. @returns whether there was anything to read. */
static bool read_of(pid_t pid, const char *name, char *text, size_t size)
{
	char path[32];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	return with_fd(fd >= 0 && read(fd, text, size - 1) > 0, fd);
}

/* A signal that PID 1 does not handle does not reach it: pid_namespaces(7). */
static bool is_heard(pid_t pid, int signal)
{
	char status[4096] = "";
	const bool is_read = read_of(pid, "status", status, sizeof status);
	return !is_read || (mask_of(status, "\nSigCgt:") | mask_of(status, "\nSigIgn:")) >> (signal - 1) & 1;
}

static const unsigned long FORKED_NO_EXEC = 0x40; /* PF_FORKNOEXEC: linux/sched.h */

/*
 * The socket at which the lanes meet is closed by execve(2), and by an end before it. A process that has not called execve(2) since its birth is marked as
 * such, dead or alive, until it is waited for: the flags are the seventh field behind its name, proc_pid_stat(5).
 */
bool never_began(pid_t pid)
{
	char stat[512] = "";
	if (!read_of(pid, "stat", stat, sizeof stat))
		return false;
	const char *at = strrchr(stat, ')');
	for (int field = 0; at && field < 7; field++)
		at = strchr(at + 1, ' ');
	return at && strtoul(at, NULL, 10) & FORKED_NO_EXEC;
}

static void send(int signal) { syscall(SYS_pidfd_send_signal, box_pidfd, signal, NULL, 0); }

bool end_box(void)
{
	send(SIGKILL);
	return true;
}

/*
 * Where it would not be heard, what the kernel does for any other process is done here. What a terminal's keys say the box has heard as well, unless it
 * has a terminal of its own.
 * @returns the exit status that this has settled; 0 when there is none.
 */
static int pass(pid_t pid, const struct signalfd_siginfo *event)
{
	const int signal = event->ssi_signo;
	if (!(born_in & CLONE_NEWPID) || is_heard(pid, signal)) {
		if (event->ssi_code != SI_KERNEL || relays() || getsid(pid) != getsid(0))
			send(signal);
		return 0;
	}
	if (signal == SIGWINCH) /* which does nothing to anybody who does not ask for it */
		return 0;
	send(SIGKILL);
	return 128 + signal;
}

static bool is_passed(int signal)
{
	const int passed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH };
	for (size_t n = 0; n < sizeof passed / sizeof *passed; n++)
		if (passed[n] == signal)
			return report_fd < 0; /* whoever started us and listens passes signals on */
	return false;
}

/* Reaps whatever has ended. @returns whether the box has; `status` is then as a shell says it. */
static bool reap(pid_t pid, int *status)
{
	bool ended = false;
	int how;
	for (pid_t child; (child = waitpid(-1, &how, WNOHANG)) > 0;)
		if (child == pid) {
			*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
			ended = true;
		}
	return ended;
}

/* The box's process number, or its exit status. Beside, then renamed: half a number is never seen, and none is of use after a loss of power. */
void keep(const char *path, int number)
{
	char draft[PATH_MAX];
	if (snprintf(draft, sizeof draft, "%s.%d", path, getpid()) >= PATH_MAX)
		stop("name a draft of the file");
	const int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && dprintf(fd, "%d", number) > 0 && close(fd) == 0 && rename(draft, path) == 0)
		return;
	const int error = errno;
	unlink(draft);
	errno = error;
	stop("keep a number in its file");
}

extern const char __executable_start, etext; /* the linker's: where our instructions begin and end */

/* What has made the box is not needed again. The kernel forgets that we have its pages, and finds them where they are if we should: madvise(2). */
static void keep_little(void)
{
	const uintptr_t page = sysconf(_SC_PAGESIZE);
	const uintptr_t first = (uintptr_t)&__executable_start & -page, end = (uintptr_t)&etext & -page;
	madvise((void *)first, end - first, MADV_DONTNEED);
}

// #region monitor
/* @returns the command's exit status; 128 + n when signal n ended it. */
int monitor(pid_t pid, const char *status_file, const sigset_t *all)
{
	int status = 125, settled = 0;
	struct signalfd_siginfo event;
	const int signals = signalfd(-1, all, SFD_CLOEXEC);
	if (signals < 0)
		stop("listen for signals");
	let_log_go();
	begin_relay();
	keep_little();
	for (bool ended = reap(pid, &status); !ended;) {
		struct pollfd polled[3 + RELAYED] = { { signals, POLLIN, 0 }, { streams[0].fd, POLLIN, 0 }, { streams[1].fd, POLLIN, 0 } };
		ask_relay(polled + 3);
		poll(polled, 3 + RELAYED, -1);
		relay(polled + 3);
		for (int n = 0; n < 2; n++)
			if (polled[1 + n].revents)
				drain(&streams[n]);
		if (!(polled[0].revents & POLLIN) || read(signals, &event, sizeof event) != sizeof event)
			continue;
		if (event.ssi_signo == SIGCHLD)
			ended = reap(pid, &status);
		else if (!relay_hears(event.ssi_signo) && is_passed(event.ssi_signo) && !settled)
			settled = pass(pid, &event);
	}
	finish(&streams[0]);
	finish(&streams[1]);
	end_relay();
	if (settled)
		status = settled;
	if (status_file)
		keep(status_file, status);
	return status;
}
// #endregion monitor
