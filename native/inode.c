/*
 * inode: the calls about files that Node does not have, for src/layer/inode.ts. Lesson 9.
 *
 *   chroot(path)                           this process has another root, and stands in it: chroot(2), chdir(2)
 *   mknod(path, mode, major, minor)        a device or a fifo: mknod(2)
 *   utimensat(path, seconds, nanoseconds)  both times; of a link itself: utimensat(2)
 *   lsetxattr(path, name, value)           an extended attribute, of a link itself: xattr(7)
 *   lgetxattr(path, name)                  its value
 *   llistxattr(path)                       all names, each with a NUL behind it
 *   lremovexattr(path, name)
 *
 * Paths, names and values are buffers: for the kernel they are bytes, in no encoding.
 */
#define _GNU_SOURCE
#include "values.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

/* What a call was given. A path or a name that is longer than the kernel takes is refused as the kernel would. */
struct given {
	char path[PATH_MAX], name[XATTR_NAME_MAX + 1];
	void *value;
	size_t length;
	int64_t numbers[3];
};

static bool string_in(napi_env env, napi_value buffer, char *string, size_t room)
{
	void *bytes;
	size_t length;
	if (napi_get_buffer_info(env, buffer, &bytes, &length) != napi_ok)
		return refuse(env, "Cannot make a system call: a buffer is wanted");
	if (length >= room)
		return throw_errno(env, ENAMETOOLONG);
	if (memchr(bytes, 0, length))
		return throw_errno(env, EINVAL);
	memcpy(string, bytes, length);
	string[length] = 0;
	return true;
}

/* `form` has a letter for each argument: p a path, n a name, v a value, i a number. */
static bool take(napi_env env, napi_callback_info info, const char *form, struct given *given)
{
	size_t count = 4, numbers = 0;
	napi_value args[4];
	if (napi_get_cb_info(env, info, &count, args, NULL, NULL) != napi_ok || count < strlen(form))
		return refuse(env, "Cannot make a system call: arguments are missing");
	for (size_t n = 0; form[n]; n++) {
		bool fine = true;
		if (form[n] == 'p')
			fine = string_in(env, args[n], given->path, sizeof given->path);
		else if (form[n] == 'n')
			fine = string_in(env, args[n], given->name, sizeof given->name);
		else if (form[n] == 'v')
			fine = napi_get_buffer_info(env, args[n], &given->value, &given->length) == napi_ok ||
			       refuse(env, "Cannot make a system call: a value is a buffer");
		else
			fine = napi_get_value_int64(env, args[n], &given->numbers[numbers++]) == napi_ok ||
			       refuse(env, "Cannot make a system call: a number is wanted");
		if (!fine)
			return false;
	}
	return true;
}

static napi_value result_of(napi_env env, int result)
{
	return result < 0 ? throw_errno(env, errno) : number_of(env, result);
}

static napi_value js_chroot(napi_env env, napi_callback_info info)
{
	struct given given;
	if (!take(env, info, "p", &given))
		return NULL;
	return result_of(env, chroot(given.path) < 0 ? -1 : chdir("/"));
}

static napi_value js_mknod(napi_env env, napi_callback_info info)
{
	struct given given;
	if (!take(env, info, "piii", &given))
		return NULL;
	return result_of(env, mknod(given.path, given.numbers[0], makedev(given.numbers[1], given.numbers[2])));
}

static napi_value js_utimensat(napi_env env, napi_callback_info info)
{
	struct given given;
	if (!take(env, info, "pii", &given))
		return NULL;
	const struct timespec time = { .tv_sec = given.numbers[0], .tv_nsec = given.numbers[1] };
	return result_of(env, utimensat(AT_FDCWD, given.path, (struct timespec[]){ time, time }, AT_SYMLINK_NOFOLLOW));
}

static napi_value js_lsetxattr(napi_env env, napi_callback_info info)
{
	struct given given;
	if (!take(env, info, "pnv", &given))
		return NULL;
	return result_of(env, lsetxattr(given.path, given.name, given.value, given.length, 0));
}

static napi_value js_lremovexattr(napi_env env, napi_callback_info info)
{
	struct given given;
	if (!take(env, info, "pn", &given))
		return NULL;
	return result_of(env, lremovexattr(given.path, given.name));
}

static napi_value copied(napi_env env, const char *bytes, ssize_t length)
{
	napi_value buffer;
	if (length < 0)
		return throw_errno(env, errno);
	return napi_create_buffer_copy(env, length, bytes, NULL, &buffer) == napi_ok ? buffer : NULL;
}

static char room[XATTR_SIZE_MAX]; /* XATTR_LIST_MAX is the same */

static napi_value js_lgetxattr(napi_env env, napi_callback_info info)
{
	struct given given;
	if (!take(env, info, "pn", &given))
		return NULL;
	return copied(env, room, lgetxattr(given.path, given.name, room, sizeof room));
}

static napi_value js_llistxattr(napi_env env, napi_callback_info info)
{
	struct given given;
	if (!take(env, info, "p", &given))
		return NULL;
	return copied(env, room, llistxattr(given.path, room, sizeof room));
}

NAPI_MODULE_INIT()
{
	const napi_property_descriptor functions[] = {
		{ .utf8name = "chroot", .method = js_chroot, .attributes = napi_enumerable },
		{ .utf8name = "mknod", .method = js_mknod, .attributes = napi_enumerable },
		{ .utf8name = "utimensat", .method = js_utimensat, .attributes = napi_enumerable },
		{ .utf8name = "lsetxattr", .method = js_lsetxattr, .attributes = napi_enumerable },
		{ .utf8name = "lgetxattr", .method = js_lgetxattr, .attributes = napi_enumerable },
		{ .utf8name = "llistxattr", .method = js_llistxattr, .attributes = napi_enumerable },
		{ .utf8name = "lremovexattr", .method = js_lremovexattr, .attributes = napi_enumerable },
	};
	return napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions) == napi_ok ? exports : NULL;
}
