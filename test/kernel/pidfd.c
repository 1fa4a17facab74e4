/*
 * pidfd: waits for a process at a socket, as whoever is to look after a container does.
 *
 *   pidfd SOCKET
 *
 * Says when it listens; then the word that came with the process, and its number; ends it, and says so when it has ended.
 */
#define _GNU_SOURCE
#include "receive.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* proc_pid_fdinfo(5). */
static int number_of(int pidfd)
{
	char path[64], line[256];
	int pid = -1;
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
	FILE *file = fopen(path, "r");
	while (file && pid < 0 && fgets(line, sizeof line, file))
		sscanf(line, "Pid: %d", &pid);
	return pid;
}

int main(int argc, char **argv)
{
	char word[64] = "", rest, go[2];
	const int end = argc == 2 ? accept_at(argv[1]) : -1;
	if (end < 0)
		return 125;
	const int pidfd = receive(end, word, sizeof word - 1);
	struct pollfd ended = { pidfd, POLLIN, 0 };
	printf("%s %d\nand nothing more: %zd\n", word, number_of(pidfd), read(end, &rest, 1));
	fflush(stdout);
	if (!fgets(go, sizeof go, stdin) || syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0 || poll(&ended, 1, 10000) != 1)
		return 125;
	puts("ended");
	return 0;
}
