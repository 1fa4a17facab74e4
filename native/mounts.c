/* The root, and what is mounted below it. Whatever is mounted on, or mounted, is a descriptor by then: mount(2), open_tree(2), move_mount(2). */
#include "launch.h"

#include <linux/mount.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> cannot both be included everywhere. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);

int box_chroot(const union arg *a) { return chroot(a[0].text); }
int box_fchdir(const union arg *a) { return slot(a[0].number) < 0 ? -1 : fchdir(slot(a[0].number)); }
int box_unshare(const union arg *a) { return unshare(a[0].number); }

int box_pivot_root(const union arg *a)
{
	const int result = syscall(SYS_pivot_root, a[0].text, a[1].text);
	old_root_in_sight |= result == 0;
	return result;
}

int box_umount2(const union arg *a)
{
	const int result = umount2(a[0].text, a[1].number);
	old_root_in_sight &= !(result == 0 && strcmp(a[0].text, ".") == 0);
	return result;
}

/* CVE-2024-21626: `/proc/self/fd/7` leads to wherever a descriptor was opened, and out of the box if one was left open. */
int box_chdir(const union arg *a)
{
	if (a[0].text[0] != '/')
		return chdir(a[0].text);
	int fd = resolve(a[0].text, O_PATH | O_DIRECTORY);
	return fd < 0 ? -1 : with_fd(fchdir(fd), fd);
}

// #region mount
/* CVE-2025-31133: a file is hidden by binding /dev/null over it, and that may have been exchanged. 1:3 is the real one: null(4). */
static int open_source(const char *path)
{
	struct stat what;
	int fd = resolve(path, O_PATH);
	if (strcmp(path, "/dev/null") != 0)
		return fd;
	if (fd >= 0 && fstat(fd, &what) == 0 && S_ISCHR(what.st_mode) && what.st_rdev == makedev(1, 3))
		return fd;
	errno = ENXIO;
	return with_fd(-1, fd);
}

/* What is in memory is anybody's to write to, unless a mode is asked for: tmpfs(5). It gets that of the directory which it covers. */
static const char *with_mode_of(int covered, const char *data)
{
	static char more[PATH_MAX]; /* the kernel reads a page of it */
	struct stat what;
	if (fstat(covered, &what) < 0)
		return data;
	snprintf(more, sizeof more, "mode=%o%s%s", what.st_mode & 07777, *data ? "," : "", data);
	return more;
}

int box_mount(const union arg *a)
{
	const char *source = a[0].text, *path = a[1].text, *type = a[2].text, *data = a[4].text;
	const unsigned long flags = a[3].number;
	if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0) /* the root is where it is, whatever a link says, and so is where we stand */
		return mount(source, path, type, flags, *data ? data : NULL);
	const bool binds = (flags & MS_BIND) && !(flags & MS_REMOUNT);
	int target = resolve_place(path, type);
	int from = target >= 0 && binds ? open_source(source) : -1;
	if (target < 0 || (binds && from < 0))
		return with_fd(-1, target);
	if (path[0] != '/' && strcmp(type, "tmpfs") == 0 && !(flags & MS_REMOUNT))
		data = with_mode_of(target, data);
	return with_fd(with_fd(mount_by_name(from, source, target, type, flags, data), from), target);
}
// #endregion mount

// #region tree
/* A copy of a mount that is shared would hand on to the host what is mounted in it later. So it is made private while it is nowhere yet. */
static int not_shared(int tree, uint64_t flags)
{
	struct mount_attr alone = { .propagation = MS_PRIVATE };
	if (tree < 0 || !(flags & OPEN_TREE_CLONE))
		return tree;
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | (flags & AT_RECURSIVE), &alone, sizeof alone) < 0)
		return with_fd(-1, tree);
	return tree;
}

/* A mount of its own of what is at the path, and nowhere yet. */
int host_open_tree(const union arg *a)
{
	int tree = syscall(SYS_open_tree, AT_FDCWD, a[1].text, a[2].number | OPEN_TREE_CLOEXEC);
	return fill_slot(a[0].number, not_shared(tree, a[2].number));
}

int box_open_tree(const union arg *a)
{
	int place = resolve(a[1].text, O_PATH);
	if (place < 0)
		return -1;
	int tree = with_fd(syscall(SYS_open_tree, place, "", a[2].number | AT_EMPTY_PATH | OPEN_TREE_CLOEXEC), place);
	return fill_slot(a[0].number, not_shared(tree, a[2].number));
}

/*
 * open_tree_attr(2), by the two calls that it is made of: kernels have it since 6.15. Here it is said what a copy hands on, and what is handed on
 * to it.
 */
static int keep_tree(int tree, const union arg *a)
{
	struct mount_attr wanted = { .attr_set = a[3].number, .attr_clr = a[4].number, .propagation = a[5].number };
	if (tree < 0)
		return -1;
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | (a[2].number & AT_RECURSIVE), &wanted, sizeof wanted) < 0)
		return with_fd(-1, tree);
	return fill_slot(a[0].number, tree);
}

int host_open_tree_attr(const union arg *a)
{
	return keep_tree(syscall(SYS_open_tree, AT_FDCWD, a[1].text, a[2].number | OPEN_TREE_CLOEXEC), a);
}

int box_open_tree_attr(const union arg *a)
{
	const int place = resolve(a[1].text, O_PATH);
	if (place < 0)
		return -1;
	return keep_tree(with_fd(syscall(SYS_open_tree, place, "", a[2].number | AT_EMPTY_PATH | OPEN_TREE_CLOEXEC), place), a);
}

/* mount_setattr(2). With MOUNT_ATTR_IDMAP the last argument is the path of a user namespace: its numbers are seen in this mount. */
int mount_setattr_of(const union arg *a)
{
	struct mount_attr attributes = { .attr_set = a[2].number, .attr_clr = a[3].number };
	int users = -1;
	if (slot(a[0].number) < 0)
		return -1;
	if (*a[4].text && (users = open(a[4].text, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	if (users >= 0)
		attributes.userns_fd = users;
	return with_fd(syscall(SYS_mount_setattr, slot(a[0].number), "", AT_EMPTY_PATH | a[1].number, &attributes, sizeof attributes), users);
}

/* Where it is to be. `/` is a place too: what is mounted there covers the root, and can be stood in by fchdir(2). */
int box_move_mount(const union arg *a)
{
	int from = slot(a[0].number);
	int target = from < 0 || !may_cover(a[1].text, from) ? -1 : resolve_place(a[1].text, "");
	if (target < 0)
		return -1;
	return with_fd(syscall(SYS_move_mount, from, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), target);
}

/* A file that is open, at another place too. What is there already is covered, but not if it is a link: it would lead somewhere else. */
int box_bind_fd(const union arg *a)
{
	struct stat what;
	const int from = slot(a[0].number), target = from < 0 ? -1 : resolve(a[1].text, O_PATH | O_NOFOLLOW);
	if (target < 0 || fstat(target, &what) < 0)
		return with_fd(-1, target);
	if (S_ISLNK(what.st_mode)) {
		errno = ELOOP;
		return with_fd(-1, target);
	}
	const int tree = not_shared(syscall(SYS_open_tree, from, "", OPEN_TREE_CLONE | AT_EMPTY_PATH | OPEN_TREE_CLOEXEC), OPEN_TREE_CLONE);
	const int moved = tree < 0 ? -1 : syscall(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	return with_fd(with_fd(moved, tree), target);
}
// #endregion tree
