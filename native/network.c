/* netlink(7): what the kernel's networks are told, in messages that src/network/ has put together. */
#include "launch.h"

#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Takes the first message off the front. @returns false when there is none that is whole. */
static bool take_message(struct blob *from, struct nlmsghdr *head, const uint8_t **message)
{
	if (from->size < sizeof *head)
		return false;
	memcpy(head, from->bytes, sizeof *head);
	if (head->nlmsg_len < sizeof *head || head->nlmsg_len > from->size)
		return false;
	const uint32_t length = NLMSG_ALIGN(head->nlmsg_len) < from->size ? NLMSG_ALIGN(head->nlmsg_len) : from->size;
	*message = from->bytes;
	from->bytes += length;
	from->size -= length;
	return true;
}

/* Messages that ask for an answer; -1 when one of them is longer than what there is. */
static int count_acks(struct blob messages)
{
	struct nlmsghdr head;
	int acks = 0;
	for (const uint8_t *message; take_message(&messages, &head, &message);)
		acks += (head.nlmsg_flags & NLM_F_ACK) != 0;
	return messages.size == 0 ? acks : -1;
}

/* The answers in one datagram. @returns how many; the first error that is one goes to `error`. */
static int read_acks(struct blob answers, int *error)
{
	struct nlmsghdr head;
	int acks = 0;
	for (const uint8_t *answer; take_message(&answers, &head, &answer);) {
		int32_t code;
		if (head.nlmsg_type != NLMSG_ERROR || head.nlmsg_len < sizeof head + sizeof code)
			continue;
		memcpy(&code, answer + sizeof head, sizeof code);
		if (code && !*error)
			*error = code == INT32_MIN ? EBADMSG : -code;
		acks++;
	}
	return acks;
}

/* Only the kernel is spoken with, as it alone has the number 0; and its answers need not repeat what was said: netlink(7). */
int open_netlink(int protocol)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const struct timeval patience = { .tv_sec = 10 }; /* the kernel answers at once, or it never will */
	const int brief = 1;
	const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&kernel, sizeof kernel) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
	    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &brief, sizeof brief) == 0)
		return fd;
	return with_fd(-1, fd);
}

int talk(int fd, const uint8_t *bytes, size_t size, int acks)
{
	static uint8_t answer[32 << 10];
	int error = 0;
	if (send(fd, bytes, size, 0) != (ssize_t)size)
		return -1;
	while (acks > 0 && !error) {
		const ssize_t length = recv(fd, answer, sizeof answer, 0);
		if (length < 0 && errno == EINTR) /* we were stopped, and go on: signal(7) */
			continue;
		if (length < 0)
			return -1;
		acks -= read_acks((struct blob){ length, answer }, &error);
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
	const int acks = count_acks(message);
	if (acks < 0 || a[2].number > message.size || (a[2].number && message.size - a[2].number < sizeof pid)) {
		errno = EBADMSG;
		return -1;
	}
	uint8_t *bytes = malloc(message.size + 1);
	int fd = bytes ? open_netlink(a[0].number) : -1;
	if (fd >= 0)
		memcpy(bytes, message.bytes, message.size);
	if (fd >= 0 && a[2].number)
		memcpy(bytes + a[2].number, &pid, sizeof pid);
	int result = fd < 0 ? -1 : talk(fd, bytes, message.size, acks);
	free(bytes);
	return with_fd(result, fd);
}
// #endregion netlink
