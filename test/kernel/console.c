/*
 * console: sits before a terminal that a runtime hands over at a socket.
 *
 *   console SOCKET
 *
 * Says when it listens; then what was said with the terminal, and its size; then what is said at the terminal, and types there what it reads itself.
 */
#define _GNU_SOURCE
#include "receive.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int pass(int from, int to)
{
	char bytes[4096];
	const ssize_t n = read(from, bytes, sizeof bytes);
	return n > 0 && write(to, bytes, n) == n;
}

int main(int argc, char **argv)
{
	char words[4096] = "", rest;
	struct winsize size;
	const int end = argc == 2 ? accept_at(argv[1]) : -1;
	if (end < 0)
		return 125;
	const int master = receive(end, words, sizeof words - 1);
	if (master < 0 || ioctl(master, TIOCGWINSZ, &size) < 0)
		return 125;
	printf("%s %d×%d\n", words, size.ws_row, size.ws_col);
	printf("and nothing more: %zd\n", read(end, &rest, 1)); /* waits until the runtime has closed its own */
	fflush(stdout);
	struct pollfd polled[] = { { master, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
	while (poll(polled, 2, -1) > 0) {
		if (polled[0].revents && !pass(master, STDOUT_FILENO))
			return 0;
		if (polled[1].revents && !pass(STDIN_FILENO, master))
			polled[1].fd = -1;
	}
	return 125;
}
