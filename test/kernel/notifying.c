/*
 * notifying: the two ends of a service manager's socket.
 *
 *   notifying listen SOCKET   says each of two messages
 *   notifying TEXT            sends it to NOTIFY_SOCKET
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int hear(int from)
{
	char text[256] = "", with[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec said = { text, sizeof text - 1 };
	struct msghdr message = { .msg_iov = &said, .msg_iovlen = 1, .msg_control = with, .msg_controllen = sizeof with };
	if (recvmsg(from, &message, 0) < 0)
		return -1;
	const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
	printf("%s%s\n", text, head ? " with a pipe" : "");
	return fflush(stdout) || (head && close(*(const int *)CMSG_DATA(head)));
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	const char *name = argc == 3 ? argv[2] : getenv("NOTIFY_SOCKET");
	if (argc < 2 || !name)
		return 125;
	strncpy(address.sun_path, name, sizeof address.sun_path - 1);
	if (argc == 2)
		return sendto(fd, argv[1], strlen(argv[1]), 0, (struct sockaddr *)&address, sizeof address) < 0;
	if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || puts("listening") < 0 || fflush(stdout))
		return 125;
	return hear(fd) || hear(fd);
}
