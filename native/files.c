/* Files and directories. The host's paths are the host's own; the box's are rumours (path.c). */
#include "launch.h"

#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PROC_ROOT_INODE = 1 }; /* fs/proc/root.c */

static int write_all(int fd, const char *text)
{
	size_t length = strlen(text);
	ssize_t written = fd < 0 ? -1 : write(fd, text, length);
	if (written >= 0 && (size_t)written < length) {
		errno = EIO;
		written = -1;
	}
	return with_fd(written < 0 ? -1 : 0, fd);
}

int host_write(const union arg *a) { return write_all(open(a[0].text, O_WRONLY | O_CLOEXEC), a[1].text); }
int host_open(const union arg *a) { return fill_slot(a[0].number, open(a[1].text, (a[2].number & ~(uint64_t)O_CREAT) | O_CLOEXEC)); }
int host_mkdir(const union arg *a) { return mkdir(a[0].text, a[1].number); }
int host_mknod(const union arg *a) { return mknod(a[0].text, a[1].number, a[2].number); }
int host_rmdir(const union arg *a) { return rmdir(a[0].text); }
int host_lchown(const union arg *a) { return lchown(a[0].text, a[1].number, a[2].number); }

// #region read
/* Who has the other end says when it goes on. A fifo that was opened to be written as well never ends: fifo(7). */
int box_read(const union arg *a)
{
	char byte;
	const int from = slot(a[0].number);
	const ssize_t n = from < 0 ? -1 : read(from, &byte, 1);
	if (n == 0)
		errno = EPIPE;
	return n == 1 ? 0 : -1;
}
// #endregion read

// #region in-box
int box_mkdir(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[0].text, name);
	return parent < 0 ? -1 : with_fd(mkdirat(parent, name, a[1].number), parent);
}

/* A device, or a pipe, that is there already will do when it is the one that was asked for. */
static bool is_there(int parent, const char *name, mode_t mode, dev_t device)
{
	struct stat found;
	if (S_ISREG(mode) || fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return (found.st_mode & S_IFMT) == (mode & S_IFMT) && (S_ISFIFO(mode) || found.st_rdev == device);
}

int box_mknod(const union arg *a)
{
	char name[NAME_MAX + 1];
	const mode_t mode = a[1].number;
	const int parent = resolve_parent(a[0].text, name);
	if (parent < 0)
		return -1;
	const int result = mknodat(parent, name, mode, a[2].number);
	if (result == 0 || errno != EEXIST)
		return with_fd(result, parent);
	const bool will_do = is_there(parent, name, mode, a[2].number);
	errno = EEXIST;
	return with_fd(will_do ? 0 : -1, parent);
}

int box_lchown(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[0].text, name);
	return parent < 0 ? -1 : with_fd(fchownat(parent, name, a[1].number, a[2].number, AT_SYMLINK_NOFOLLOW), parent);
}

int box_symlink(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[1].text, name);
	return parent < 0 ? -1 : with_fd(symlinkat(a[0].text, parent, name), parent);
}
// #endregion in-box

// #region procfs
/*
 * A file in /proc. What is mounted there, or on top of the file, may be something else: a setting or a label would be written to whatever that is
 * (CVE-2019-16884, CVE-2025-52881). So /proc has to be one, from its root, and no other mount is entered on the way.
 */
static int open_setting(const char *path)
{
	struct open_how how = { .flags = O_WRONLY | O_CLOEXEC, .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS };
	struct statfs fs;
	struct stat root;
	const int proc = resolve("/proc", O_PATH | O_DIRECTORY);
	if (proc < 0 || fstatfs(proc, &fs) < 0 || fstat(proc, &root) < 0)
		return with_fd(-1, proc);
	if (fs.f_type == PROC_SUPER_MAGIC && root.st_ino == PROC_ROOT_INODE)
		return with_fd(syscall(SYS_openat2, proc, path, &how, sizeof how), proc);
	errno = ENOTSUP;
	return with_fd(-1, proc);
}

/* Not waiting: what looks like a file may be a pipe that nobody reads. */
int box_write(const union arg *a)
{
	static const char PROC[] = "/proc/";
	const bool sets = strncmp(a[0].text, PROC, sizeof PROC - 1) == 0;
	return write_all(sets ? open_setting(a[0].text + sizeof PROC - 1) : resolve(a[0].text, O_WRONLY | O_NONBLOCK), a[1].text);
}
// #endregion procfs
