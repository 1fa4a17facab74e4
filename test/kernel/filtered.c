/*
 * filtered: installs a seccomp filter and makes calls under it, each in a child of its own.
 *
 *   filtered FILTER < CALLS      FILTER is a file of struct sock_filter; a call is a line: number and six arguments
 *
 * Prints for each call the errno, 0 when there was none, or -N when signal N ended the child.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_filter instructions[BPF_MAXINSNS];

static unsigned short read_filter(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t length = fd < 0 ? -1 : read(fd, instructions, sizeof instructions);
	if (length <= 0 || length % sizeof *instructions || close(fd) < 0)
		exit(125);
	return length / sizeof *instructions;
}

static _Noreturn void child(const struct sock_fprog *filter, const unsigned long long call[7])
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, filter) < 0)
		_exit(255);
	long result = syscall(call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
	_exit(result < 0 ? errno : 0);
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 125;
	struct sock_fprog filter = { read_filter(argv[1]), instructions };
	unsigned long long call[7];
	while (scanf("%llu %llu %llu %llu %llu %llu %llu", call, call + 1, call + 2, call + 3, call + 4, call + 5, call + 6) == 7) {
		pid_t pid = fork();
		if (pid == 0)
			child(&filter, call);
		int status;
		if (pid < 0 || waitpid(pid, &status, 0) < 0)
			return 125;
		printf("%d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
	}
	return 0;
}
