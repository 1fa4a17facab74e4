/* Other programs: the command that the box becomes, and helpers that the host lane runs and waits for. */
#include "launch.h"

#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// #region execvpe
typedef int attempt(const char *path, const union arg *a);

/* As exec(3) looks for a command: in each directory of the PATH that it is to have. */
static int along_path(const union arg *a, char **env, attempt *try)
{
	char path[PATH_MAX];
	if (strchr(a[0].text, '/'))
		return try(a[0].text, a);
	const char *search = "/bin:/usr/bin";
	for (char **entry = env; *entry; entry++)
		if (strncmp(*entry, "PATH=", 5) == 0)
			search = *entry + 5;
	int verdict = ENOENT;
	for (const char *end; search; search = end ? end + 1 : NULL) {
		end = strchr(search, ':');
		int length = end ? end - search : (int)strlen(search);
		if (snprintf(path, sizeof path, "%.*s/%s", length ? length : 1, length ? search : ".", a[0].text) >= PATH_MAX)
			continue;
		if (try(path, a) == 0)
			return 0;
		if (errno == ENOENT || errno == ENOTDIR)
			continue;
		verdict = errno;
		if (errno != EACCES)
			break;
	}
	errno = verdict;
	return -1;
}

static int start(const char *path, const union arg *a) { return execve(path, a[1].list, a[2].list); }

/* CVE-2024-21626: a working directory outside of the root would be a way out. A filter that forbids the question is no answer: then chdir, which goes
 * where the root file system leads and nowhere else, was before it. */
static int stands_inside(void)
{
	char here[PATH_MAX];
	return getcwd(here, sizeof here) ? here[0] == '/' : errno == EPERM || errno == EACCES || errno == ENOSYS;
}

int box_execvpe(const union arg *a)
{
	if (stands_inside())
		return along_path(a, a[2].list, start);
	errno = EXDEV;
	return -1;
}
// #endregion execvpe

// #region access
/* A directory may be "executed" as well, but not started. A filter may stand already, which then answers for the file system: profiles older than
 * faccessat2(2) do not know it, and whoever forbids even the older call is not asked again. */
static int could_start(const char *path, const union arg *a)
{
	struct stat what;
	(void)a;
	if (syscall(SYS_faccessat, AT_FDCWD, path, X_OK) < 0 || stat(path, &what) < 0)
		return errno == EPERM || errno == ENOSYS ? 0 : -1;
	errno = EACCES;
	return S_ISREG(what.st_mode) ? 0 : -1;
}

/* Before the box is let go: whoever asked for a command that is not there hears it now, and not from a box that is running. */
int box_access(const union arg *a) { return along_path(a, a[1].list, could_start); }
// #endregion access

/* A file in memory, to be read from its beginning. */
static int as_file(const char *text)
{
	const size_t length = strlen(text);
	int fd = memfd_create("stdin", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (write(fd, text, length) != (ssize_t)length || lseek(fd, 0, SEEK_SET) < 0)
		return with_fd(-1, fd);
	return fd;
}

int words_fd = STDERR_FILENO;

static int spawn(pid_t *pid, const union arg *a, int input)
{
	sigset_t none, all;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_t files;
	sigemptyset(&none);
	sigfillset(&all);
	if ((errno = posix_spawnattr_init(&attributes)) || (errno = posix_spawn_file_actions_init(&files)))
		return -1;
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP); /* to be ended with all that it starts */
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, words_fd, STDOUT_FILENO); /* what it says is not the command's output */
	posix_spawn_file_actions_adddup2(&files, words_fd, STDERR_FILENO);
	errno = posix_spawn(pid, a[0].text, &files, &attributes, a[1].list, a[2].list);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return errno ? -1 : 0;
}

static void end(pid_t pid)
{
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Whoever makes the box has no other way to tell us that it is no longer wanted. */
static bool box_has_ended(void)
{
	siginfo_t how = { 0 };
	return box_pid && waitid(P_PID, box_pid, &how, WEXITED | WNOHANG | WNOWAIT) == 0 && how.si_pid;
}

/* Every signal is blocked here, so SIGCHLD waits for us. @returns -1 with ETIMEDOUT when the program was not done in time: it is ended then. */
static int wait_for(pid_t pid, uint64_t milliseconds, int *status)
{
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	const uint64_t end_at = milliseconds ? now() + milliseconds * 1000000 : UINT64_MAX;
	for (pid_t ended; (ended = waitpid(pid, status, WNOHANG)) != pid;) {
		const uint64_t at = now(), left = at < end_at ? end_at - at : 0;
		if (ended < 0)
			return -1;
		if (left > 0 && !box_has_ended()) {
			const struct timespec patience = { left / 1000000000, left % 1000000000 };
			sigtimedwait(&child, NULL, &patience);
			continue;
		}
		end(pid);
		if (left > 0)
			box_was_killed();
		errno = ETIMEDOUT;
		return -1;
	}
	return 0;
}

// #region run
/* A helper of the host, newuidmap(1) for one, or a hook. One that ends with another status than 0 has not done its work. */
int run(const union arg *a)
{
	pid_t pid;
	int status = 0;
	const int input = as_file(a[3].text);
	if (input < 0 || spawn(&pid, a, input) < 0 || wait_for(pid, a[4].number, &status) < 0)
		return with_fd(-1, input);
	errno = ECANCELED;
	return with_fd(status == 0 ? 0 : -1, input);
}
// #endregion run
