/*
 * launch: plays a plan. Lesson 5.
 *
 *   launch [options] PLAN   PLAN is a file
 *   -p FD     the plan is read from a descriptor
 *   -r FD     what becomes of each step is reported to a descriptor
 *   -i FILE   the box's process number goes there, before the box is let go
 *   -s FILE   and the command's exit status, when it has ended
 *   -l FILE   and what it says, line by line
 *   -k        the box lives on when whoever started us dies, once it runs
 *   -d        leave the box alone once it runs
 *   -b        as -k, and whoever started us hears the end of our reports then, and may go
 *   -1        the command is the child of a number 1 of ours
 *   -f N      the command gets N descriptors more than 0, 1 and 2
 *   -o FD     what helpers and hooks say goes to a descriptor
 *
 * One process, one thread, and a list of system calls (lanes.c). With the last step the child becomes the command; this process stays as its
 * monitor, and ends with its exit status, or becomes another program: with -p, the words after the options.
 */
#include "launch.h"
#include "log.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct wish {
	int plan_fd;
	const char *status_file, *log_file;
	bool keeps, leaves, parts;
	char **afterwards;
};

static int last_fd = STDERR_FILENO; /* that the command gets */

static _Noreturn void usage(void)
{
	dprintf(STDERR_FILENO, "launch: cannot play this plan: none was named. Usage: launch [-r FD] [-i FILE] [-s FILE] [-l FILE] [-k | -b | -d] [-1] [-f N] [-o FD] PLAN | -p FD [PROGRAM [ARGUMENT …]]\n");
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
	for (int option; (option = getopt(argc, argv, "+r:p:i:s:l:kbd1f:o:")) != -1;)
		switch (option) {
		case 'r': report_fd = number(optarg); break;
		case 'p': wish.plan_fd = number(optarg); break;
		case 'i': pid_file = optarg; break;
		case 's': wish.status_file = optarg; break;
		case 'l': wish.log_file = optarg; break;
		case 'k': wish.keeps = true; break;
		case 'b': wish.keeps = wish.parts = true; break;
		case 'd': wish.leaves = true; break;
		case '1': box_has_init = true; break;
		case 'f': last_fd = STDERR_FILENO + number(optarg); break;
		case 'o': words_fd = number(optarg); break;
		default: usage();
		}
	if (wish.plan_fd < 0 && optind == argc - 1)
		wish.plan_fd = open(argv[optind], O_RDONLY | O_CLOEXEC);
	else if (wish.plan_fd < 0)
		usage();
	else if (optind < argc)
		wish.afterwards = argv + optind;
	if (wish.leaves && (wish.keeps || wish.status_file || wish.log_file || wish.afterwards))
		usage(); /* who has left sees nothing of the end */
	return wish;
}

static int close_between(int first, int last) { return first > last ? 0 : syscall(SYS_close_range, first, last, 0); }

/*
 * Nothing that our caller forgot to close stays open: neither in the command (CVE-2024-21626) nor in the monitor. 0, 1 and 2, and what else the
 * command is to get, it gets as we have them. One that is closed is so for the command too; but nothing of ours may get its number, as whatever is
 * written to it would go there.
 */
static void keep_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	const int low = report_fd < words_fd ? report_fd : words_fd, high = report_fd < words_fd ? words_fd : report_fd;
	const int first = low > last_fd ? low : last_fd, second = high > first ? high : first;
	if (fd < 0 || (report_fd >= 0 && fcntl(report_fd, F_SETFD, FD_CLOEXEC) < 0) ||
	    (words_fd > last_fd && fcntl(words_fd, F_SETFD, FD_CLOEXEC) < 0) || close_between(last_fd + 1, first - 1) < 0 ||
	    close_between(first + 1, second - 1) < 0 || syscall(SYS_close_range, second + 1, ~0U, 0) < 0)
		stop("close what its caller left open");
}

/* prctl(2) says nothing of a parent that has died before: then nobody holds the other end of our reports any more. */
static bool is_orphan(void)
{
	struct pollfd line = { .fd = report_fd };
	return report_fd >= 0 && poll(&line, 1, 0) > 0 && line.revents & POLLHUP;
}

/* They are at an end. Who waits for ours as well sees its line close with us, and who may go at once. */
static void end_reports(bool at_once)
{
	if (at_once && report_fd >= 0)
		close(report_fd);
	report_fd = -1;
}

/* What is left of the box is somebody else's work. They find us as our caller has: no signal is kept from them. */
static int become(char **program, const sigset_t *usual)
{
	sigprocmask(SIG_SETMASK, usual, NULL);
	execv(program[0], program);
	return 125;
}

// #region main
int main(int argc, char **argv)
{
	sigset_t all, usual;
	run_sealed(argv);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) /* until the box runs it is nobody's but ours, and we are our parent's */
		stop("die with its parent");
	const struct wish wish = read_wish(argc, argv);
	if (is_orphan())
		give_up();
	const struct plan plan = read_plan(wish.plan_fd);
	keep_descriptors();
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &usual);
	if (wish.log_file)
		open_log(wish.log_file);
	box_stays = wish.leaves;
	play_plan(plan, &usual);
	if (wish.leaves)
		return 0;
	if (wish.keeps && prctl(PR_SET_PDEATHSIG, 0) < 0)
		stop("live on without its parent");
	if (wish.keeps)
		end_reports(wish.parts); /* nor does anybody else pass signals on */
	const int status = monitor(box_pid, wish.status_file, &all);
	return wish.afterwards ? become(wish.afterwards, &usual) : status;
}
// #endregion main
