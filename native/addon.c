/*
 * addon: three calls that Node does not have, for src/launch/addon.ts. Lesson 5.
 *
 *   seal(name, bytes)      a descriptor that reads as these bytes for ever: nobody can write to it any more
 *   start(program)         { pid, socket }: a new process of that program, and our end of a socket to it
 *   wait(pid)              its exit status, 128 + n when signal n ended it; does not return before it has ended
 *
 * child_process.spawn forks, and fork(2) copies the page tables of a whole heap, to have them thrown away by execve(2). The child made here
 * borrows our memory until it becomes the program (CLONE_VM), and we stand still meanwhile (CLONE_VFORK): posix_spawn(3) does the same. However
 * large the heap is, it costs nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <node_api.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* From here on: JavaScript's values as C's, and back. A function that has thrown returns NULL, or false. */

static napi_value refuse(napi_env env, const char *what)
{
	napi_throw_type_error(env, NULL, what);
	return NULL;
}

/* As an error of Node's own: `error.errno` is negative. */
static napi_value throw_errno(napi_env env, int error)
{
	napi_value message, exception, number;
	if (napi_create_string_utf8(env, strerror(error), NAPI_AUTO_LENGTH, &message) == napi_ok &&
	    napi_create_error(env, NULL, message, &exception) == napi_ok && napi_create_int32(env, -error, &number) == napi_ok &&
	    napi_set_named_property(env, exception, "errno", number) == napi_ok)
		napi_throw(env, exception);
	return NULL;
}

static napi_value number_of(napi_env env, int32_t number)
{
	napi_value value;
	return napi_create_int32(env, number, &value) == napi_ok ? value : NULL;
}

static char *text_of(napi_env env, napi_value value)
{
	size_t length;
	if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
		return NULL;
	char *text = malloc(length + 1);
	if (text && napi_get_value_string_utf8(env, value, text, length + 1, &length) == napi_ok)
		return text;
	free(text);
	return NULL;
}

static void free_texts(char **texts)
{
	for (char **text = texts; text && *text; text++)
		free(*text);
	free(texts);
}

/* The strings of object[name], and a NULL. */
static char **texts_of(napi_env env, napi_value object, const char *name)
{
	napi_value list, item;
	uint32_t count;
	if (napi_get_named_property(env, object, name, &list) != napi_ok || napi_get_array_length(env, list, &count) != napi_ok)
		return NULL;
	char **texts = calloc((size_t)count + 1, sizeof *texts);
	for (uint32_t n = 0; texts && n < count; n++)
		if (napi_get_element(env, list, n, &item) != napi_ok || !(texts[n] = text_of(env, item))) {
			free_texts(texts);
			return NULL;
		}
	return texts;
}

/* The numbers of object[name], and room for one more. */
static int *numbers_of(napi_env env, napi_value object, const char *name, uint32_t *count)
{
	napi_value list, item;
	if (napi_get_named_property(env, object, name, &list) != napi_ok || napi_get_array_length(env, list, count) != napi_ok)
		return NULL;
	int *numbers = calloc((size_t)*count + 1, sizeof *numbers);
	for (uint32_t n = 0; numbers && n < *count; n++)
		if (napi_get_element(env, list, n, &item) != napi_ok || napi_get_value_int32(env, item, &numbers[n]) != napi_ok) {
			free(numbers);
			return NULL;
		}
	return numbers;
}

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

NAPI_MODULE_INIT()
{
	const napi_property_descriptor functions[] = {
		{ .utf8name = "seal", .method = js_seal, .attributes = napi_enumerable },
		{ .utf8name = "start", .method = js_start, .attributes = napi_enumerable },
		{ .utf8name = "wait", .method = js_wait, .attributes = napi_enumerable },
	};
	return napi_define_properties(env, exports, sizeof functions / sizeof *functions, functions) == napi_ok ? exports : NULL;
}
