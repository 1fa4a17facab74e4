/*
 * Who is asked by a filter: seccomp_unotify(2). The filter's own descriptor is sent to whoever is to answer, over a socket that the host lane has
 * connected; but it is there only when the filter is in force, and then to send it may be what the filter asks about, or forbids. So a thread that
 * the filter is not about sends it, and this one makes no call until that is done.
 */
#include "launch.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// #region connect
/* By the name that its descriptor has: a socket's own may have 108 bytes at most, unix(7). */
int host_connect(const union arg *a)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int place = open(a[1].text, O_PATH | O_CLOEXEC);
	const int end = place < 0 ? -1 : socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d", place);
	if (end < 0 || connect(end, (const struct sockaddr *)&address, sizeof address) < 0)
		return with_fd(with_fd(-1, end), place);
	return with_fd(give_slot(a[0].number, end), place);
}

/* A text that holds the box's number is known to the host lane: by such a file the box has it, too. */
int host_memfd_create(const union arg *a)
{
	const size_t length = strlen(a[1].text);
	const int fd = memfd_create("text", MFD_CLOEXEC);
	if (fd < 0 || write(fd, a[1].text, length) != (ssize_t)length)
		return with_fd(-1, fd);
	return fill_slot(a[0].number, fd);
}
// #endregion connect

struct errand {
	int socket;
	char *text;
	size_t length;
	atomic_bool ready;
	atomic_int listener; /* plus one: zero is not there yet, -1 never will be */
	atomic_int error;    /* plus one: zero is not done yet */
};

/* With the first byte goes the descriptor: config-linux.md §containerprocessstate. @returns an errno. */
static int send_listener(const struct errand *errand, int listener)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} with = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec words = { errand->text, errand->length };
	struct msghdr message = { .msg_iov = &words, .msg_iovlen = 1, .msg_control = with.bytes, .msg_controllen = sizeof with.bytes };
	memcpy(CMSG_DATA(&with.head), &listener, sizeof listener);
	for (ssize_t sent; words.iov_len > 0; words.iov_len -= sent) {
		if ((sent = sendmsg(errand->socket, &message, MSG_NOSIGNAL)) < 0)
			return errno;
		words.iov_base = (char *)words.iov_base + sent;
		message.msg_control = NULL;
		message.msg_controllen = 0;
	}
	return 0;
}

static const struct timespec MOMENT = { .tv_nsec = 20000 };

// #region errand
/* Of the usual kind, whatever the command is: a real-time one would share its processor with nobody of its own rank, and that is who waits for us. */
static int run_errand(void *given)
{
	struct errand *errand = given;
	const struct sched_param usual = { 0 };
	int listener;
	syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &usual);
	for (errand->ready = true; (listener = errand->listener) == 0;)
		nanosleep(&MOMENT, NULL);
	const int error = listener < 0 ? 0 : send_listener(errand, listener - 1);
	if (listener > 0)
		close(listener - 1); /* whoever holds it rules over the filter */
	close(errand->socket);
	errand->error = error + 1;
	return 0;
}

static int filter_and_tell(struct errand *errand, const union arg *a)
{
	static char stack[16 << 10] __attribute__((aligned(16)));
	const struct blob filter = a[1].blob;
	struct sock_fprog program = { filter.size / sizeof(struct sock_filter), (struct sock_filter *)filter.bytes };
	if (clone(run_errand, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, errand) < 0)
		return -1;
	while (!errand->ready)
		nanosleep(&MOMENT, NULL);
	const int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, a[0].number | SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	const int error = errno;
	errand->listener = listener < 0 ? -1 : listener + 1;
	while (errand->error == 0)
		; /* no call: the filter would be asked about it */
	errno = listener < 0 ? error : errand->error - 1;
	return errno ? -1 : 0;
}
// #endregion errand

/* @returns the text that a slot's file holds, or NULL. */
static char *text_in(int fd, size_t *length)
{
	struct stat file;
	if (fd < 0 || fstat(fd, &file) < 0)
		return NULL;
	char *text = malloc(file.st_size + 1);
	if (!text || pread(fd, text, file.st_size, 0) != file.st_size) {
		free(text);
		return NULL;
	}
	*length = file.st_size;
	return text;
}

int box_seccomp_listener(const union arg *a)
{
	struct errand errand = { .socket = slot(a[2].number) };
	errand.text = errand.socket < 0 ? NULL : text_in(slot(a[3].number), &errand.length);
	if (!errand.text)
		return -1;
	if (is_filter(a[1].blob))
		return filter_and_tell(&errand, a);
	errno = EINVAL;
	return -1;
}
