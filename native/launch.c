/*
 * launch: plays a plan. Lesson 5.
 *
 *   launch [options] PLAN   PLAN is a file
 *   -p FD     the plan is read from a descriptor
 *   -r FD     what becomes of each step is reported to a descriptor
 *   -i FILE   the box's process number goes there
 *   -s FILE   and the command's exit status, when it has ended
 *   -l FILE   and what it says, line by line
 *   -k        the box lives on when whoever started us dies, once it runs
 *   -d        leave the box alone once it runs
 *   -1        the command is the child of a number 1 of ours
 *
 * One process, one thread, and a list of system calls (lanes.c). With the last step the child becomes the command; this process stays as its
 * monitor, and ends with its exit status.
 */
#include "launch.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct wish {
	int plan_fd;
	const char *pid_file, *status_file, *log_file;
	bool keeps, leaves;
};

static _Noreturn void usage(void)
{
	dprintf(STDERR_FILENO, "launch: cannot play this plan: none was named. Usage: launch [-r FD] [-i FILE] [-s FILE] [-l FILE] [-k | -d] [-1] PLAN\n");
	_exit(125);
}

static int number(const char *text)
{
	char *end;
	errno = 0;
	const long value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < 0 || value > INT32_MAX)
		usage();
	return (int)value;
}

static struct wish read_wish(int argc, char **argv)
{
	struct wish wish = { .plan_fd = -1 };
	for (int option; (option = getopt(argc, argv, "r:p:i:s:l:kd1")) != -1;)
		switch (option) {
		case 'r': report_fd = number(optarg); break;
		case 'p': wish.plan_fd = number(optarg); break;
		case 'i': wish.pid_file = optarg; break;
		case 's': wish.status_file = optarg; break;
		case 'l': wish.log_file = optarg; break;
		case 'k': wish.keeps = true; break;
		case 'd': wish.leaves = true; break;
		case '1': box_has_init = true; break;
		default: usage();
		}
	if (optind == argc - 1)
		wish.plan_fd = open(argv[optind], O_RDONLY | O_CLOEXEC);
	else if (wish.plan_fd < 0)
		usage();
	if (wish.leaves && (wish.keeps || wish.status_file || wish.log_file))
		usage(); /* who has left sees nothing of the end */
	return wish;
}

/*
 * Nothing that our caller forgot to close stays open: neither in the command (CVE-2024-21626) nor in the monitor. 0, 1 and 2 the command gets as we
 * have them. One that is closed is so for the command too; but nothing of ours may get its number, as whatever is written to it would go there.
 */
static void keep_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	const unsigned reports = report_fd > STDERR_FILENO ? report_fd : STDERR_FILENO;
	if (fd < 0 || (report_fd >= 0 && fcntl(report_fd, F_SETFD, FD_CLOEXEC) < 0) ||
	    (reports > 3 && syscall(SYS_close_range, 3, reports - 1, 0) < 0) || syscall(SYS_close_range, reports + 1, ~0U, 0) < 0)
		stop("close what its caller left open");
}

// #region main
int main(int argc, char **argv)
{
	sigset_t all, usual;
	run_sealed(argv);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) /* until the box runs it is nobody's but ours, and we are our parent's */
		stop("die with its parent");
	const struct wish wish = read_wish(argc, argv);
	const struct plan plan = read_plan(wish.plan_fd);
	keep_descriptors();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &usual);
	if (wish.log_file)
		open_log(wish.log_file);
	box_stays = wish.leaves;
	play_plan(plan, &usual);
	if (wish.pid_file)
		keep(wish.pid_file, box_pid);
	if (wish.leaves)
		return 0;
	if (wish.keeps && prctl(PR_SET_PDEATHSIG, 0) < 0)
		stop("live on without its parent");
	if (wish.keeps)
		report_fd = -1; /* nor does anybody else pass signals on */
	return monitor(box_pid, wish.status_file, &all);
}
// #endregion main
