/*
 * notify: stands between a container and the service manager that has asked for it. That the container's process is ready it says at a socket of its
 * own; here it is said again to the manager, and which process it is. sd_notify(3).
 *
 *   notify DIRECTORY SOCKET
 *
 * Says a byte at descriptor 3 when it listens in the directory, and reads the process's number there. Ends when it has passed the word on, or the
 * process has ended.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { OUR_CALLER = 3, PATIENCE_MS = 30000 };

// #region listen
/* By a short name: a socket's may have 108 bytes at most, and everybody in the container may speak to it. unix(7). */
static int listen_in(const char *directory)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "notify.sock" };
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || chdir(directory) < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	return chmod(address.sun_path, 0777) < 0 ? -1 : fd;
}

/* @ is for a name that no file has. */
static int connect_to(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t length = strlen(name);
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || length >= sizeof address.sun_path)
		return -1;
	memcpy(address.sun_path, name, length);
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	return connect(fd, (const struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + length) < 0 ? -1 : fd;
}
// #endregion listen

// #region pass
static int says_ready(const char *text)
{
	static const char READY[] = "READY=1";
	const char *at = strstr(text, READY);
	return at && (at == text || at[-1] == '\n') && (at[sizeof READY - 1] == '\0' || at[sizeof READY - 1] == '\n');
}

/* Whoever has ended when the manager comes to read is nobody's any more: it closes this pipe when it has read. sd_notify_barrier(3). */
static int wait_until_read(int manager)
{
	int ends[2];
	char text[] = "BARRIER=1";
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} with = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec words = { text, sizeof text - 1 };
	const struct msghdr message = { .msg_iov = &words, .msg_iovlen = 1, .msg_control = with.bytes, .msg_controllen = sizeof with.bytes };
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	memcpy(CMSG_DATA(&with.head), &ends[1], sizeof ends[1]);
	if (sendmsg(manager, &message, MSG_NOSIGNAL) < 0 || close(ends[1]) < 0)
		return -1;
	struct pollfd closed = { ends[0], 0, 0 };
	return poll(&closed, 1, PATIENCE_MS);
}

static int pass_on(int manager, long pid)
{
	char words[64];
	const int length = snprintf(words, sizeof words, "READY=1\nMAINPID=%ld", pid);
	return send(manager, words, length, MSG_NOSIGNAL) < 0 ? -1 : wait_until_read(manager);
}

static int relay(int listener, int manager, long pid)
{
	char text[4096];
	struct pollfd ends[] = { { listener, POLLIN, 0 }, { syscall(SYS_pidfd_open, pid, 0), POLLIN, 0 } };
	while (ends[1].fd >= 0 && poll(ends, 2, -1) > 0) {
		const ssize_t n = ends[0].revents ? recv(listener, text, sizeof text - 1, MSG_DONTWAIT) : 0;
		text[n > 0 ? n : 0] = '\0';
		if (says_ready(text))
			return pass_on(manager, pid);
		if (ends[1].revents)
			return 0;
	}
	return -1;
}
// #endregion pass

int main(int argc, char **argv)
{
	char number[32] = "";
	const int listener = argc == 3 ? listen_in(argv[1]) : -1, manager = listener < 0 ? -1 : connect_to(argv[2]);
	if (manager < 0 || write(OUR_CALLER, "", 1) != 1) {
		perror("notify");
		return 1;
	}
	if (read(OUR_CALLER, number, sizeof number - 1) <= 0)
		return 0; /* there is no container */
	return relay(listener, manager, strtol(number, NULL, 10)) < 0;
}
