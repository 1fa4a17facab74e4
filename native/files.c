/* Files and directories. The host's paths are the host's own; the box's are rumours (path.c). */
#include "launch.h"

#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

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
/* CVE-2025-52881: what is mounted on /proc may be something else, and a sysctl or a label would be written into a file. */
static bool is_what_it_says(const char *path, int fd)
{
	struct statfs fs;
	if (strncmp(path, "/proc/", 6) != 0 || (fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC))
		return true;
	errno = ENOTSUP;
	return false;
}

int box_write(const union arg *a)
{
	int fd = resolve(a[0].text, O_WRONLY);
	if (fd >= 0 && !is_what_it_says(a[0].text, fd))
		return with_fd(-1, fd);
	return write_all(fd, a[1].text);
}
// #endregion procfs
