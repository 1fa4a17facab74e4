// #region seal
/*
 * CVE-2019-5736: a command named /proc/self/exe would start this very file, inside the box, and the box could then write to it. So what runs is
 * a copy in memory that nobody can write to any more.
 */
#include "launch.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

static const int SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

/* Since Linux 6.3 a machine can be set up so that what is not said to be a program can't be made one: memfd_create(2). */
static int memory_for_program(void)
{
	const int fd = memfd_create("launch", MFD_CLOEXEC | MFD_ALLOW_SEALING | 0x10U /* MFD_EXEC */);
	return fd >= 0 || errno != EINVAL ? fd : memfd_create("launch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

void run_sealed(char **argv)
{
	const int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const int seals = self < 0 ? -1 : fcntl(self, F_GET_SEALS);
	if (seals >= 0 && (seals & SEALS) == SEALS) { /* not because of its name: anybody can give a file one */
		close(self);
		return;
	}
	const int copy = memory_for_program();
	struct stat size;
	if (self < 0 || copy < 0 || fstat(self, &size) < 0)
		stop("make a copy of itself");
	for (off_t sent = 0; sent < size.st_size;)
		if (sendfile(copy, self, &sent, size.st_size - sent) <= 0)
			stop("make a copy of itself");
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		stop("seal its copy");
	fexecve(copy, argv, environ);
	stop("start its copy");
}
// #endregion seal
