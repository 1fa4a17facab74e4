/*
 * The yardstick for native/launch: the calls of a box without cgroups, one after the other, with nothing read, checked or reported.
 *
 *   bare ROOTFS NAMESPACES FILTER COMMAND    NAMESPACES is a number, flags of unshare(2); FILTER a file, as seccomp(2) takes it
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_filter instructions[4096];

static struct sock_fprog read_filter(const char *path)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t length = read(fd, instructions, sizeof instructions);
	close(fd);
	return (struct sock_fprog){ .len = length / sizeof *instructions, .filter = instructions };
}

static void file_systems(const char *root)
{
	const unsigned long safe = MS_NOSUID | MS_NOEXEC | MS_NODEV;
	mount("none", "/", "", MS_REC | MS_PRIVATE, NULL);
	mount(root, root, "", MS_BIND | MS_REC, NULL);
	chdir(root);
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
}

static void devices(void)
{
	const struct { const char *path; int major, minor; } devices[] = { { "/dev/null", 1, 3 }, { "/dev/zero", 1, 5 },
		{ "/dev/full", 1, 7 }, { "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 } };
	for (int n = 0; n < 6; n++)
		mknod(devices[n].path, S_IFCHR | 0666, makedev(devices[n].major, devices[n].minor));
	symlink("/proc/self/fd", "/dev/fd");
	symlink("/proc/self/fd/0", "/dev/stdin");
	symlink("/proc/self/fd/1", "/dev/stdout");
	symlink("/proc/self/fd/2", "/dev/stderr");
	symlink("pts/ptmx", "/dev/ptmx");
}

int main(int argc, char **argv)
{
	struct clone_args how = { .flags = CLONE_NEWPID, .exit_signal = SIGCHLD };
	if (argc != 5)
		return 125;
	struct sock_fprog filter = read_filter(argv[3]);
	const pid_t pid = syscall(SYS_clone3, &how, sizeof how);
	if (pid != 0) {
		int status;
		waitpid(pid, &status, 0);
		return WEXITSTATUS(status);
	}
	unshare(strtoul(argv[2], NULL, 10));
	sethostname("box", 3);
	file_systems(argv[1]);
	devices();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
		return 125;
	execv(argv[4], &argv[4]);
	return 125;
}
