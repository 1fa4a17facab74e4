/*
 * addon: eight calls that Node does not have, for src/launch/addon.ts. Lesson 5.
 *
 *   seal(name, bytes)      a descriptor that reads as these bytes for ever: nobody can write to it any more
 *   start(program)         { pid, socket }: a new process of that program, and our end of a socket to it
 *   wait(pid)              its exit status, 128 + n when signal n ended it; does not return before it has ended
 *   watch(pid)             a descriptor that can be read from once that process has ended
 *   readable(fd, ms)       whether a descriptor can be read from by then; false as well when a signal has come
 *   detach(path)           a mount goes, whoever uses it
 *   adopt()                orphans among what this process has started become its children
 *   become({ args, env })  this process is another program from now on
 *
 * child_process.spawn forks, and fork(2) copies the page tables of a whole heap, to have them thrown away by execve(2). The child made here
 * borrows our memory until it becomes the program (CLONE_VM), and we stand still meanwhile (CLONE_VFORK): posix_spawn(3) does the same. However
 * large the heap is, it costs nothing.
 */
#define _GNU_SOURCE
#include "values.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// #region program
/* What is to be started. The child reads it in our memory, and leaves there why it could not. */
struct program {
	int file;          /* of the program, opened */
	char **args, **env;
	int *descriptors;  /* descriptors[n] of ours is to be its n */
	uint32_t count;
	bool session;      /* one of its own: setsid(2) */
	int error;
};
// #endregion program

/* As a fresh program expects them. No handler of ours may run in the child: it would run in our memory. So they go first. */
static int forget_signals(void)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	sigset_t none;
	for (int signal = 1; signal <= SIGRTMAX; signal++)
		if (sigaction(signal, &usual, NULL) < 0 && errno != EINVAL) /* SIGKILL, SIGSTOP, and two that are the C library's */
			return -1;
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Out of the way first: a number that is wanted may be another's at the moment. What is in its place stays open across execve(2). */
static int place_descriptors(struct program *program)
{
	for (uint32_t n = 0; n < program->count; n++)
		if ((program->descriptors[n] = fcntl(program->descriptors[n], F_DUPFD_CLOEXEC, program->count)) < 0)
			return -1;
	if ((program->file = fcntl(program->file, F_DUPFD_CLOEXEC, program->count)) < 0)
		return -1;
	for (uint32_t n = 0; n < program->count; n++)
		if (dup2(program->descriptors[n], n) < 0)
			return -1;
	return syscall(SYS_close_range, program->count, ~0U, CLOSE_RANGE_CLOEXEC);
}

/* Node has made its pipes non-blocking, and that is a property of the pipe: few programs expect it of what they read and write. */
static int block_stdio(void)
{
	for (int fd = 0; fd < 3; fd++) {
		const int flags = fcntl(fd, F_GETFL);
		if (flags >= 0 && (flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
			return -1;
	}
	return 0;
}

// #region child
/* The child. It has a stack of its own, and everything else is ours: it touches nothing but itself. */
static int become(void *argument)
{
	struct program *program = argument;
	if (forget_signals() == 0 && (!program->session || setsid() >= 0) && place_descriptors(program) == 0 && block_stdio() == 0)
		syscall(SYS_execveat, program->file, "", program->args, program->env, AT_EMPTY_PATH);
	program->error = errno;
	_exit(127);
}

/* Returns when the child has become the program, or has not: then with its errno, and no child is left. */
static pid_t start(struct program *program)
{
	_Alignas(16) char stack[16 << 10];
	sigset_t all, usual;
	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &usual) != 0)
		return -1;
	const pid_t pid = clone(become, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, program);
	const int error = pid < 0 ? errno : program->error;
	if (pid > 0 && error != 0)
		waitpid(pid, NULL, 0);
	pthread_sigmask(SIG_SETMASK, &usual, NULL);
	errno = error;
	return error == 0 ? pid : -1;
}
// #endregion child

static int seal(const char *name, const void *bytes, size_t length)
{
	const int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	errno = EIO; /* of a write that is too short */
	if (pwrite(fd, bytes, length, 0) == (ssize_t)length &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	const int error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* From here on: what JavaScript calls. A function that has thrown returns NULL, or false. */

static bool program_of(napi_env env, napi_value object, struct program *program)
{
	napi_value file, session;
	return napi_get_named_property(env, object, "file", &file) == napi_ok &&
	       napi_get_value_int32(env, file, &program->file) == napi_ok &&
	       napi_get_named_property(env, object, "session", &session) == napi_ok &&
	       napi_get_value_bool(env, session, &program->session) == napi_ok &&
	       (program->args = texts_of(env, object, "args")) && (program->env = texts_of(env, object, "env")) &&
	       (program->descriptors = numbers_of(env, object, "descriptors", &program->count));
}

static void free_program(struct program *program)
{
	free_texts(program->args);
	free_texts(program->env);
	free(program->descriptors);
}

// #region started
/* The socket's other end is the program's first descriptor after those that it was given. */
static napi_value start_with_socket(napi_env env, struct program *program)
{
	int ends[2];
	napi_value started, pid_value, socket;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return throw_errno(env, errno);
	program->descriptors[program->count++] = ends[1];
	const pid_t pid = start(program);
	const int error = errno;
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return throw_errno(env, error);
	}
	pid_value = number_of(env, pid);
	socket = number_of(env, ends[0]);
	if (pid_value && socket && napi_create_object(env, &started) == napi_ok &&
	    napi_set_named_property(env, started, "pid", pid_value) == napi_ok &&
	    napi_set_named_property(env, started, "socket", socket) == napi_ok)
		return started;
	return NULL;
}
// #endregion started

static napi_value js_start(napi_env env, napi_callback_info info)
{
	size_t count = 1;
	napi_value object, started;
	struct program program = { .file = -1 };
	if (napi_get_cb_info(env, info, &count, &object, NULL, NULL) != napi_ok || count != 1 || !program_of(env, object, &program))
		started = refuse(env, "Cannot start a program: it is { file, args, env, descriptors, session }");
	else
		started = start_with_socket(env, &program);
	free_program(&program);
	return started;
}

static napi_value js_seal(napi_env env, napi_callback_info info)
{
	size_t count = 2, length;
	napi_value args[2];
	void *bytes;
	char *name = NULL;
	if (napi_get_cb_info(env, info, &count, args, NULL, NULL) != napi_ok || count != 2 ||
	    napi_get_buffer_info(env, args[1], &bytes, &length) != napi_ok || !(name = text_of(env, args[0])))
		return refuse(env, "Cannot seal bytes: a name is wanted, and a buffer");
	const int fd = seal(name, bytes, length);
	const int error = errno;
	free(name);
	return fd < 0 ? throw_errno(env, error) : number_of(env, fd);
}

static napi_value js_wait(napi_env env, napi_callback_info info)
{
	size_t count = 1;
	napi_value arg;
	int32_t pid;
	int status;
	if (napi_get_cb_info(env, info, &count, &arg, NULL, NULL) != napi_ok || count != 1 ||
	    napi_get_value_int32(env, arg, &pid) != napi_ok || pid <= 0)
		return refuse(env, "Cannot wait: a process number is wanted"); /* 0 and less would be anybody's child */
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return throw_errno(env, errno);
	return number_of(env, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* pidfd_open(2): unlike its number, the descriptor never becomes another process's. */
static napi_value js_watch(napi_env env, napi_callback_info info)
{
	size_t count = 1;
	napi_value arg;
	int32_t pid;
	if (napi_get_cb_info(env, info, &count, &arg, NULL, NULL) != napi_ok || count != 1 || napi_get_value_int32(env, arg, &pid) != napi_ok)
		return refuse(env, "Cannot watch a process: its number is wanted");
	const int fd = syscall(SYS_pidfd_open, pid, 0);
	return fd < 0 ? throw_errno(env, errno) : number_of(env, fd);
}

/* A signal is JavaScript's to see, and for that it has to go on: poll(2), EINTR. */
static napi_value js_readable(napi_env env, napi_callback_info info)
{
	size_t count = 2;
	napi_value args[2], answer;
	struct pollfd asked = { .events = POLLIN };
	int32_t milliseconds;
	if (napi_get_cb_info(env, info, &count, args, NULL, NULL) != napi_ok || count != 2 ||
	    napi_get_value_int32(env, args[0], &asked.fd) != napi_ok || napi_get_value_int32(env, args[1], &milliseconds) != napi_ok)
		return refuse(env, "Cannot wait until something can be read: a descriptor is wanted, and milliseconds");
	const int result = poll(&asked, 1, milliseconds);
	if (result < 0 && errno != EINTR)
		return throw_errno(env, errno);
	return napi_get_boolean(env, result > 0, &answer) == napi_ok ? answer : NULL;
}

/* prctl(2), PR_SET_CHILD_SUBREAPER. */
static napi_value js_adopt(napi_env env, napi_callback_info info)
{
	(void)info;
	return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? throw_errno(env, errno) : NULL;
}

/* Whoever uses it goes on doing so: umount2(2), MNT_DETACH. */
static napi_value js_detach(napi_env env, napi_callback_info info)
{
	size_t count = 1;
	napi_value arg;
	char *path;
	if (napi_get_cb_info(env, info, &count, &arg, NULL, NULL) != napi_ok || count != 1 || !(path = text_of(env, arg)))
		return refuse(env, "Cannot detach a mount: its path is wanted");
	const int result = umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW);
	const int error = errno;
	free(path);
	return result < 0 ? throw_errno(env, error) : number_of(env, 0);
}

/* All descriptors of ours close themselves, as Node and Bun open them. Does not return, unless with an error. */
static napi_value js_become(napi_env env, napi_callback_info info)
{
	size_t count = 1;
	napi_value object;
	struct program program = { .file = -1 };
	if (napi_get_cb_info(env, info, &count, &object, NULL, NULL) != napi_ok || count != 1 ||
	    !(program.args = texts_of(env, object, "args")) || !(program.env = texts_of(env, object, "env"))) {
		free_program(&program);
		return refuse(env, "Cannot become a program: it is { args, env }");
	}
	if (forget_signals() == 0 && block_stdio() == 0)
		execve(program.args[0], program.args, program.env);
	const int error = errno;
	free_program(&program);
	return throw_errno(env, error);
}

NAPI_MODULE_INIT()
{
	const napi_property_descriptor functions[] = {
		{ .utf8name = "become", .method = js_become, .attributes = napi_enumerable },
		{ .utf8name = "detach", .method = js_detach, .attributes = napi_enumerable },
		{ .utf8name = "adopt", .method = js_adopt, .attributes = napi_enumerable },
		{ .utf8name = "readable", .method = js_readable, .attributes = napi_enumerable },
		{ .utf8name = "seal", .method = js_seal, .attributes = napi_enumerable },
		{ .utf8name = "start", .method = js_start, .attributes = napi_enumerable },
		{ .utf8name = "watch", .method = js_watch, .attributes = napi_enumerable },
		{ .utf8name = "wait", .method = js_wait, .attributes = napi_enumerable },
	};
	return napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions) == napi_ok ? exports : NULL;
}
