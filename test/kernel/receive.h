/* What the helpers of the tests share that stand at a socket and are handed a descriptor: unix(7), SCM_RIGHTS. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* @returns -1 when no descriptor came with the words. */
static int receive(int from, char *words, size_t room)
{
	int fd = -1;
	char with[CMSG_SPACE(sizeof fd)] = { 0 };
	struct iovec said = { words, room };
	struct msghdr message = { .msg_iov = &said, .msg_iovlen = 1, .msg_control = with, .msg_controllen = sizeof with };
	const struct cmsghdr *head = recvmsg(from, &message, 0) > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (head && head->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(head), sizeof fd);
	return fd;
}

/* Says that it listens, and waits for the first who comes. @returns -1 when it cannot. */
static int accept_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1) < 0 || puts("listening") < 0 || fflush(stdout))
		return -1;
	return accept(listener, NULL, NULL);
}
