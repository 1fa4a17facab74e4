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

static struct wish read_wish(int argc, char **argv)
{
	struct wish wish = { .plan_fd = -1 };
	for (int option; (option = getopt(argc, argv, "r:p:i:s:l:kd1")) != -1;)
		switch (option) {
		case 'r': report_fd = atoi(optarg); break;
		case 'p': wish.plan_fd = atoi(optarg); break;
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
	return wish;
}

static void keep_pid(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || dprintf(fd, "%d", box_pid) < 0 || close(fd) < 0)
		stop("keep the box's number");
}

// #region main
int main(int argc, char **argv)
{
	sigset_t all, usual;
	run_sealed(argv);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* until the box runs it is nobody's but ours, and we are our parent's */
	const struct wish wish = read_wish(argc, argv);
	const struct plan plan = read_plan(wish.plan_fd);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &usual);
	if (wish.log_file)
		open_log(wish.log_file);
	box_stays = wish.leaves;
	play_plan(plan, &usual);
	if (wish.pid_file)
		keep_pid(wish.pid_file);
	if (wish.leaves)
		return 0;
	if (wish.keeps)
		prctl(PR_SET_PDEATHSIG, 0);
	return monitor(box_pid, wish.status_file, &all);
}
// #endregion main
