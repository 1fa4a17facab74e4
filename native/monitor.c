/* The box's monitor: one process, one thread, which stays until the command has ended, and hands on what is meant for it. */
#include "launch.h"
#include "log.h"

#include <limits.h>
#include <linux/sched.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* A signal that PID 1 does not handle does not reach it: pid_namespaces(7). */
static bool is_heard(pid_t pid, int signal)
{
	char path[32], status[4096] = "";
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, status, sizeof status - 1) < 0)
		return with_fd(false, fd);
	close(fd);
	return (mask_of(status, "\nSigCgt:") | mask_of(status, "\nSigIgn:")) >> (signal - 1) & 1;
}

/* Where it would not be heard, what the kernel does for any other process is done here. */
static void pass(pid_t pid, int signal)
{
	const int heard = is_heard(pid, signal) || !(born_in & CLONE_NEWPID) ? signal : SIGKILL;
	syscall(SYS_pidfd_send_signal, box_pidfd, heard, NULL, 0);
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

/* Beside, synced, then renamed: half a status is never seen. */
static void keep_status(const char *path, int status)
{
	char draft[PATH_MAX];
	if (snprintf(draft, sizeof draft, "%s.%d", path, getpid()) >= PATH_MAX)
		stop("name the status's draft");
	int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || dprintf(fd, "%d\n", status) < 0 || fsync(fd) < 0 || close(fd) < 0 || rename(draft, path) < 0)
		stop("keep the exit status");
}

// #region monitor
/* @returns the command's exit status; 128 + n when signal n ended it. */
int monitor(pid_t pid, const char *status_file, const sigset_t *all)
{
	int status = 125;
	struct signalfd_siginfo event;
	const int signals = signalfd(-1, all, SFD_CLOEXEC);
	if (signals < 0)
		stop("listen for signals");
	let_log_go();
	for (bool ended = reap(pid, &status); !ended;) {
		struct pollfd polled[] = { { signals, POLLIN, 0 }, { streams[0].fd, POLLIN, 0 }, { streams[1].fd, POLLIN, 0 } };
		poll(polled, 3, -1);
		drain(&streams[0]);
		drain(&streams[1]);
		if (!(polled[0].revents & POLLIN) || read(signals, &event, sizeof event) != sizeof event)
			continue;
		if (event.ssi_signo == SIGCHLD)
			ended = reap(pid, &status);
		else if (is_passed(event.ssi_signo))
			pass(pid, event.ssi_signo);
	}
	drain(&streams[0]);
	drain(&streams[1]);
	if (status_file)
		keep_status(status_file, status);
	return status;
}
// #endregion monitor
