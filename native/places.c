/*
 * Places for mounts, in a root that the box stands in and that is not its own yet: what is there, somebody else has made. A link in it may lead
 * to /proc, and what is mounted there would stand between the kernel and all that believes it: CVE-2019-16884, CVE-2019-19921, CVE-2023-28642.
 */
#include "launch.h"

#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_proc(int fd)
{
	struct statfs fs;
	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

static bool names_proc(const char *path) { return strncmp(path, "proc", 4) == 0 && (path[4] == '/' || path[4] == '\0'); }

/* The directory of the root that is to be its /proc, whether or not something is mounted on it yet. */
static bool is_place_of_proc(int fd)
{
	struct stat place, proc;
	const int found = resolve("proc", O_PATH);
	const bool same = found >= 0 && fstat(fd, &place) == 0 && fstat(found, &proc) == 0 && place.st_dev == proc.st_dev && place.st_ino == proc.st_ino;
	return with_fd(same, found);
}

static bool is_kernels(const char *type) { return strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0; }

// #region place
/* What shows the kernel is mounted where it was asked for, and by no link; all else may be led anywhere but into /proc. */
int resolve_place(const char *path, const char *type)
{
	if (path[0] == '/') /* of the plan's own, in the root of the box */
		return resolve(path, O_PATH);
	if (names_proc(path) || is_kernels(type))
		return resolve_by(RESOLVE_NO_SYMLINKS, path, O_PATH);
	const int place = resolve(path, O_PATH);
	if (place < 0 || !(is_proc(place) || is_place_of_proc(place)))
		return place;
	errno = ELOOP;
	return with_fd(-1, place);
}

/* Only a /proc is bound on /proc. */
bool may_cover(const char *path, int what)
{
	if (strcmp(path, "proc") != 0 || is_proc(what))
		return true;
	errno = ENOTSUP;
	return false;
}
// #endregion place
