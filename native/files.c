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
int host_mkdir(const union arg *a) { return mkdir(a[0].text, a[1].number); }
int host_rmdir(const union arg *a) { return rmdir(a[0].text); }

// #region in-box
int box_mkdir(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[0].text, name);
	return parent < 0 ? -1 : with_fd(mkdirat(parent, name, a[1].number), parent);
}

int box_mknod(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[0].text, name);
	return parent < 0 ? -1 : with_fd(mknodat(parent, name, a[1].number, a[2].number), parent);
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
