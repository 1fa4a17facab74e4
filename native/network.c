/* netlink(7): what the kernel's networks are told, in messages that src/network/ has put together. */
#include "launch.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Messages that ask for an answer; -1 when one of them is longer than what there is. */
static int count_acks(const uint8_t *bytes, size_t size)
{
	int acks = 0;
	for (size_t at = 0; at < size;) {
		struct nlmsghdr head;
		if (size - at < sizeof head)
			return -1;
		memcpy(&head, bytes + at, sizeof head);
		if (head.nlmsg_len < sizeof head || head.nlmsg_len > size - at)
			return -1;
		acks += (head.nlmsg_flags & NLM_F_ACK) != 0;
		at += NLMSG_ALIGN(head.nlmsg_len) < size - at ? NLMSG_ALIGN(head.nlmsg_len) : size - at;
	}
	return acks;
}

/* The answers in one datagram. @returns how many; the first error that is one goes to `error`. */
static int read_acks(const uint8_t *bytes, size_t size, int *error)
{
	int acks = 0;
	struct nlmsghdr head;
	for (size_t at = 0; size - at >= sizeof head; at += NLMSG_ALIGN(head.nlmsg_len)) {
		int32_t code;
		memcpy(&head, bytes + at, sizeof head);
		if (head.nlmsg_len < sizeof head || head.nlmsg_len > size - at)
			break;
		if (head.nlmsg_type != NLMSG_ERROR || head.nlmsg_len < sizeof head + sizeof code)
			continue;
		memcpy(&code, bytes + at + sizeof head, sizeof code);
		if (code && !*error)
			*error = -code;
		acks++;
		if (NLMSG_ALIGN(head.nlmsg_len) > size - at)
			break;
	}
	return acks;
}

static int talk(int fd, const uint8_t *bytes, size_t size, int acks)
{
	static uint8_t answer[32 << 10];
	const struct timeval patience = { .tv_sec = 10 }; /* the kernel answers at once, or it never will */
	int error = 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	if (send(fd, bytes, size, 0) != (ssize_t)size)
		return -1;
	while (acks > 0 && !error) {
		ssize_t length = recv(fd, answer, sizeof answer, 0);
		if (length < 0)
			return -1;
		acks -= read_acks(answer, length, &error);
	}
	errno = error;
	return error ? -1 : 0;
}

// #region netlink
/* Sends messages, and waits until each that asks for it has been answered. The box's number is put where the third argument says. */
int netlink(const union arg *a)
{
	const struct blob message = a[1].blob;
	const uint32_t pid = box_pid;
	const int acks = count_acks(message.bytes, message.size);
	if (acks < 0 || a[2].number > message.size || (a[2].number && message.size - a[2].number < sizeof pid)) {
		errno = EBADMSG;
		return -1;
	}
	uint8_t *bytes = malloc(message.size + 1);
	int fd = bytes ? socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, a[0].number) : -1;
	if (fd >= 0)
		memcpy(bytes, message.bytes, message.size);
	if (fd >= 0 && a[2].number)
		memcpy(bytes + a[2].number, &pid, sizeof pid);
	int result = fd < 0 ? -1 : talk(fd, bytes, message.size, acks);
	free(bytes);
	return with_fd(result, fd);
}
// #endregion netlink
