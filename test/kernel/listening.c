/*
 * Who answers for a filter: takes one descriptor from a socket, says what came with it, and answers so many notifications with an errno. It says the
 * number of each call, and looks on whether whoever sent it has closed the connection.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int take(int connection)
{
	static char text[1 << 20];
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr head;
	} with;
	struct iovec words = { text, sizeof text - 1 };
	struct msghdr message = { .msg_iov = &words, .msg_iovlen = 1, .msg_control = with.bytes, .msg_controllen = sizeof with.bytes };
	int fd = -1;
	ssize_t length = recvmsg(connection, &message, 0);
	if (length <= 0 || message.msg_controllen != CMSG_SPACE(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(&with.head), sizeof fd);
	for (ssize_t more; (more = read(connection, text + length, sizeof text - 1 - length)) > 0;)
		length += more;
	printf("%.*s\n", (int)length, text);
	fflush(stdout);
	return fd;
}

static int answer(int listener)
{
	struct seccomp_notif asked = { 0 };
	struct seccomp_notif_resp answer = { 0 };
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
		return -1;
	printf("%d\n", asked.data.nr);
	fflush(stdout);
	answer.id = asked.id;
	answer.error = -ENOTEMPTY;
	return ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (argc != 3)
		return 1;
	strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 || listen(listening, 8) < 0)
		return 1;
	puts("ready");
	fflush(stdout);
	int listener = take(accept(listening, NULL, NULL));
	if (listener < 0)
		return 1;
	for (int left = atoi(argv[2]); left > 0; left--)
		if (answer(listener) < 0)
			return 1;
	return 0;
}
