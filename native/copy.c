/*
 * What a mount covers, copied into it: a directory of the root file system that is in memory from now on, and has in it what it had. Whoever made
 * the root file system has made it all, so no link is followed; and where it is copied to is empty and nobody else's yet.
 */
#include "launch.h"

#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DEEPEST = 128 };

struct entry { /* getdents64(2) */
	uint64_t inode;
	int64_t next;
	uint16_t length;
	uint8_t type;
	char name[];
};

static int copy_directory(int from, int to, int depth);

static int copy_bytes(int from, int to)
{
	ssize_t copied;
	while ((copied = sendfile(to, from, NULL, INT_MAX)) > 0)
		;
	return copied;
}

static int open_new(int to, const char *name, const struct stat *what)
{
	if (S_ISREG(what->st_mode))
		return openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return mkdirat(to, name, 0700) < 0 ? -1 : openat(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A file with what is in it, or a directory. */
static int copy_contents(int from, int to, const char *name, const struct stat *what, int depth)
{
	const struct timespec times[] = { what->st_atim, what->st_mtim };
	const int old = openat(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	const int new = old < 0 ? -1 : open_new(to, name, what);
	if (new < 0)
		return with_fd(-1, old);
	int result = S_ISREG(what->st_mode) ? copy_bytes(old, new) : copy_directory(old, new, depth + 1);
	if (result == 0 && (fchown(new, what->st_uid, what->st_gid) < 0 || fchmod(new, what->st_mode & 07777) < 0 || futimens(new, times) < 0))
		result = -1;
	return with_fd(with_fd(result, new), old);
}

/* A link, a pipe, a device: all that there is of it is its name. */
static int copy_name(int from, int to, const char *name, const struct stat *what)
{
	char target[PATH_MAX];
	if (S_ISLNK(what->st_mode)) {
		const ssize_t length = readlinkat(from, name, target, sizeof target - 1);
		if (length < 0)
			return -1;
		target[length] = '\0';
		if (symlinkat(target, to, name) < 0)
			return -1;
	} else if (mknodat(to, name, what->st_mode, what->st_rdev) < 0) {
		return -1;
	}
	return fchownat(to, name, what->st_uid, what->st_gid, AT_SYMLINK_NOFOLLOW);
}

static int copy_entry(int from, int to, const char *name, int depth)
{
	struct stat what;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (fstatat(from, name, &what, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	const bool holds = S_ISREG(what.st_mode) || S_ISDIR(what.st_mode);
	return holds ? copy_contents(from, to, name, &what, depth) : copy_name(from, to, name, &what);
}

static int copy_directory(int from, int to, int depth)
{
	_Alignas(struct entry) char entries[2048];
	ssize_t length;
	if (depth > DEEPEST) {
		errno = ENAMETOOLONG;
		return -1;
	}
	while ((length = syscall(SYS_getdents64, from, entries, sizeof entries)) > 0)
		for (ssize_t at = 0; at < length; at += ((struct entry *)(entries + at))->length)
			if (copy_entry(from, to, ((struct entry *)(entries + at))->name, depth) < 0)
				return -1;
	return length;
}

// #region copy
int box_copy(const union arg *a)
{
	const int covered = slot(a[0].number);
	const int from = covered < 0 ? -1 : openat(covered, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int to = from < 0 ? -1 : resolve(a[1].text, O_RDONLY | O_DIRECTORY);
	return with_fd(with_fd(to < 0 ? -1 : copy_directory(from, to, 0), to), from);
}
// #endregion copy
