/*
 * A mount namespace of its own is a copy, and where mounts are shared – systemd shares all of them – copies tell each other what is mounted:
 * mount_namespaces(7). What the box mounts then appears on the host.
 */
#include "attack.h"
#include <sys/mount.h>
#include <sys/stat.h>

/* argv: where to mount something. */
void leaked_mount(char **argv)
{
	must(mkdir(argv[0], 0755), "make a place for a mount");
	must(mount("leaked", argv[0], "tmpfs", 0, NULL), "mount something");
}
