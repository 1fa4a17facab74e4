/* The yardstick for native/launch.c: the calls of a box without cgroups, one after the other, with nothing read, checked or reported. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct clone_args how = { .flags = CLONE_NEWPID, .exit_signal = SIGCHLD };
	const unsigned long safe = MS_NOSUID | MS_NOEXEC | MS_NODEV;
	if (argc != 3)
		return 125;
	const pid_t pid = syscall(SYS_clone3, &how, sizeof how);
	if (pid != 0) {
		int status;
		waitpid(pid, &status, 0);
		return WEXITSTATUS(status);
	}
	unshare(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS);
	sethostname("box", 3);
	mount("none", "/", "", MS_REC | MS_PRIVATE, NULL);
	mount(argv[1], argv[1], "", MS_BIND | MS_REC, NULL);
	chdir(argv[1]);
	syscall(SYS_pivot_root, ".", ".");
	umount2(".", MNT_DETACH);
	chdir("/");
	mkdir("/proc", 0755);
	mount("proc", "/proc", "proc", safe, NULL);
	mkdir("/dev", 0755);
	mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k");
	mkdir("/dev/pts", 0755);
	mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5");
	mkdir("/dev/shm", 0755);
	mount("shm", "/dev/shm", "tmpfs", safe, "mode=1777,size=65536k");
	mkdir("/sys", 0755);
	mount("sysfs", "/sys", "sysfs", safe | MS_RDONLY, NULL);
	const struct { const char *path; int major, minor; } devices[] = { { "/dev/null", 1, 3 }, { "/dev/zero", 1, 5 },
		{ "/dev/full", 1, 7 }, { "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 } };
	for (int n = 0; n < 6; n++)
		mknod(devices[n].path, S_IFCHR | 0666, makedev(devices[n].major, devices[n].minor));
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	symlink("pts/ptmx", "/dev/ptmx");
	execv(argv[2], &argv[2]);
	return 125;
}
