/*
 * An interface of the host's that moves into the box's network, as a network card does that the box is to have for itself. The kernel takes its
 * addresses away on the move: they are read before, and given to it again. netdevice(7), rtnetlink(7).
 */
#include "launch.h"

#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Messages that are being put together, one after the other. */
static struct {
	uint8_t bytes[64 << 10];
	size_t size;
} letter;

static struct nlmsghdr *begin(uint16_t type, uint16_t flags, const void *body, size_t size)
{
	struct nlmsghdr *head = (struct nlmsghdr *)(letter.bytes + letter.size);
	memset(head, 0, NLMSG_SPACE(size));
	*head = (struct nlmsghdr){ .nlmsg_len = NLMSG_LENGTH(size), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags };
	memcpy(NLMSG_DATA(head), body, size);
	return head;
}

static void add(struct nlmsghdr *head, uint16_t type, const void *value, size_t size)
{
	struct rtattr *attribute = (struct rtattr *)((uint8_t *)head + NLMSG_ALIGN(head->nlmsg_len));
	memset(attribute, 0, RTA_SPACE(size));
	*attribute = (struct rtattr){ .rta_len = RTA_LENGTH(size), .rta_type = type };
	memcpy(RTA_DATA(attribute), value, size);
	head->nlmsg_len = NLMSG_ALIGN(head->nlmsg_len) + RTA_LENGTH(size);
}

static void end(const struct nlmsghdr *head) { letter.size += NLMSG_ALIGN(head->nlmsg_len); }

// #region keep
/* What a person gave it, and everybody may use: the rest the kernel makes again by itself. */
static bool is_to_be_kept(const struct ifaddrmsg *address, unsigned index, uint32_t flags)
{
	return address->ifa_index == index && address->ifa_scope == RT_SCOPE_UNIVERSE && flags & IFA_F_PERMANENT;
}

/* As it was, but for its lifetime and its label, which is the interface's old name; and nobody else has it: no need to wait and see. */
static void keep_address(struct nlmsghdr *told, unsigned index)
{
	static const uint32_t OURS = IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;
	const struct ifaddrmsg *address = NLMSG_DATA(told);
	uint32_t flags = address->ifa_flags;
	struct nlmsghdr *head = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address, sizeof *address);
	int left = IFA_PAYLOAD(told);
	for (struct rtattr *at = IFA_RTA(address); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (at->rta_type == IFA_FLAGS)
			memcpy(&flags, RTA_DATA(at), sizeof flags);
		else if (at->rta_type != IFA_CACHEINFO && at->rta_type != IFA_LABEL)
			add(head, at->rta_type, RTA_DATA(at), RTA_PAYLOAD(at));
	}
	if (!is_to_be_kept(address, index, flags))
		return;
	flags = (flags & OURS) | (address->ifa_family == AF_INET6 ? IFA_F_NODAD : 0);
	add(head, IFA_FLAGS, &flags, sizeof flags);
	end(head);
}

/* All of them go into the letter, in the order in which the kernel tells them: the first of a network is its main one. */
static int keep_addresses(int fd, unsigned index)
{
	static uint8_t told[32 << 10] __attribute__((aligned(8)));
	const struct ifaddrmsg all = { 0 };
	struct nlmsghdr *head = begin(RTM_GETADDR, NLM_F_DUMP, &all, sizeof all);
	if (send(fd, head, head->nlmsg_len, 0) < 0)
		return -1;
	for (;;) {
		int left = recv(fd, told, sizeof told, 0);
		if (left <= 0)
			return -1;
		for (struct nlmsghdr *at = (struct nlmsghdr *)told; NLMSG_OK(at, (unsigned)left); at = NLMSG_NEXT(at, left)) {
			if (at->nlmsg_type == NLMSG_DONE)
				return 0;
			if (letter.size + at->nlmsg_len + 64 > sizeof letter.bytes || at->nlmsg_type != RTM_NEWADDR) {
				errno = EMSGSIZE;
				return -1;
			}
			keep_address(at, index);
		}
	}
}
// #endregion keep

/* One message of its own. */
static int send_link(int fd, unsigned index, unsigned flags, int network, const char *name)
{
	const struct ifinfomsg link = { .ifi_index = index, .ifi_flags = flags, .ifi_change = flags };
	struct nlmsghdr *head = begin(RTM_NEWLINK, 0, &link, sizeof link);
	if (network >= 0) {
		add(head, IFLA_NET_NS_FD, &network, sizeof network);
		add(head, IFLA_IFNAME, name, strlen(name) + 1);
	}
	return talk(fd, (const uint8_t *)head, head->nlmsg_len, 1);
}

/* A socket belongs for ever to the network that it was made in. */
static int socket_in(int network)
{
	const int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (here < 0 || setns(network, CLONE_NEWNET) < 0)
		return with_fd(-1, here);
	const int fd = open_netlink(NETLINK_ROUTE);
	const int error = errno;
	if (setns(here, CLONE_NEWNET) < 0)
		stop("come back to its own network");
	errno = error;
	return with_fd(fd, here);
}

/* @returns 0 when the socket's network has no interface of that name. */
static unsigned index_in(int fd, const char *name)
{
	struct ifreq link = { 0 };
	strncpy(link.ifr_name, name, IFNAMSIZ - 1);
	return ioctl(fd, SIOCGIFINDEX, &link) < 0 ? 0 : link.ifr_ifindex;
}

/* One address at a time: the answers to some hundreds would not find room in the socket. */
static int settle(int fd, unsigned index)
{
	for (size_t at = 0; at < letter.size;) {
		struct nlmsghdr *head = (struct nlmsghdr *)(letter.bytes + at);
		((struct ifaddrmsg *)NLMSG_DATA(head))->ifa_index = index;
		if (talk(fd, (const uint8_t *)head, head->nlmsg_len, 1) < 0)
			return -1;
		at += NLMSG_ALIGN(head->nlmsg_len);
	}
	return send_link(fd, index, IFF_UP, -1, NULL);
}

// #region move
/* The kernel moves first, and finds only then that the name is somebody's. */
static bool is_free(int fd, const char *name)
{
	errno = strlen(name) < IFNAMSIZ ? EEXIST : EINVAL;
	return errno == EEXIST && index_in(fd, name) == 0;
}

static int move(int here, int there, int network, const union arg *a)
{
	const unsigned index = index_in(here, a[0].text);
	letter.size = 0;
	if (index == 0 || !is_free(there, a[2].text) || keep_addresses(here, index) < 0 || send_link(here, index, 0, network, a[2].text) < 0)
		return -1;
	return settle(there, index_in(there, a[2].text));
}

int host_move_link(const union arg *a)
{
	const int network = open(a[1].text, O_RDONLY | O_CLOEXEC);
	if (network < 0)
		return -1;
	const int here = open_netlink(NETLINK_ROUTE), there = here < 0 ? -1 : socket_in(network);
	const int result = there < 0 ? -1 : move(here, there, network, a);
	return with_fd(with_fd(with_fd(result, there), here), network);
}
// #endregion move
