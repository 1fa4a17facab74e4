/*
 * Paths inside the box. Each link in one may have been put there by whoever made the image, and may be exchanged while we look. So a path is
 * walked below the box's own root, without the kernel's magic links, and what comes out is a descriptor, which nobody can exchange.
 */
#include "launch.h"

#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The directory of our own descriptors, as it was before any pivot: mount(2) wants names, and this has one for each. */
static int self_fd = -1;

void remember_descriptors(void)
{
	self_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int with_fd(int result, int fd)
{
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return result;
}

/* What a descriptor names, opened once more; by no name but the descriptor's own. */
int reopen(int fd, int flags)
{
	char name[16];
	snprintf(name, sizeof name, "%d", fd);
	return openat(self_fd, name, flags | O_CLOEXEC);
}

static bool goes_up(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")); at += 2)
		if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

bool old_root_in_sight;

// #region resolve
/*
 * A path without a / at its beginning is walked below the working directory, and leaves that as little: a box can stand in a root that is not its
 * own yet. After pivot_root(".", ".") the old root is mounted on top of the new one, and `/..` is the host, as is where it stands. Until it has been
 * taken away no link is followed, as it may go up.
 */
int resolve_by(uint64_t rules, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | rules };
	const bool from_here = path[0] != '/';
	if (old_root_in_sight)
		how.resolve |= RESOLVE_NO_SYMLINKS;
	if (old_root_in_sight && (from_here || goes_up(path))) {
		errno = EXDEV;
		return -1;
	}
	int fd = -1, root = open(from_here ? "." : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	for (int tries = 0; tries < 100 && (tries == 0 || (fd < 0 && errno == EAGAIN)); tries++) /* something was renamed meanwhile */
		fd = syscall(SYS_openat2, root, path, &how, sizeof how);
	return with_fd(fd, root);
}

int resolve(const char *path, uint64_t flags) { return resolve_by(0, path, flags); }

/* Walks to the directory, and leaves the last name for the call that makes it. @param name has room for NAME_MAX + 1. */
int resolve_parent(const char *path, char *name)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char parent[PATH_MAX];
	if (strlen(base) > NAME_MAX || (slash && (size_t)(slash - path) >= sizeof parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, base);
	if (!slash)
		return resolve(".", O_PATH | O_DIRECTORY);
	memcpy(parent, path, slash - path);
	parent[slash - path] = '\0';
	return resolve(parent[0] ? parent : "/", O_PATH | O_DIRECTORY);
}
// #endregion resolve

// #region by-name
/* mount(2) by the names that two descriptors have in /proc/self/fd. @param source -1 when it is no path, but `source_path` as it is. */
int mount_by_name(int source, const char *source_path, int target, const char *type, unsigned long flags, const char *data)
{
	char from[16], to[16];
	snprintf(from, sizeof from, "%d", source);
	snprintf(to, sizeof to, "%d", target);
	int here = open(".", O_PATH | O_CLOEXEC);
	if (here < 0 || fchdir(self_fd) < 0)
		return with_fd(-1, here);
	int result = mount(source < 0 ? source_path : from, to, type, flags, *data ? data : NULL);
	int error = errno;
	if (fchdir(here) < 0)
		stop("come back to the working directory");
	errno = error;
	return with_fd(result, here);
}
// #endregion by-name
