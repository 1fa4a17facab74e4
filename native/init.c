/*
 * Number 1 of a PID namespace, when the command is not to be it: it hands on signals, reaps whoever is left an orphan, and when it ends, the kernel
 * ends all others. pid_namespaces(7).
 */
#include "launch.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

bool box_has_init;

// #region init
/* Returns in a child of this process, which is to become the command. Who has started us listens to that child alone. */
void be_init(int meeting_fd)
{
	sigset_t all;
	const pid_t pid = fork();
	if (pid < 0)
		stop("have the command's process born");
	if (pid == 0) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
			stop("end with number 1");
		return;
	}
	close(meeting_fd);
	if (report_fd >= 0)
		close(report_fd);
	report_fd = -1; /* so the monitor passes on what it is sent */
	born_in = 0;    /* its child has a default action for every signal */
	box_pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (box_pidfd < 0)
		stop("watch the command's process");
	sigfillset(&all);
	_exit(monitor(pid, NULL, &all));
}
// #endregion init
