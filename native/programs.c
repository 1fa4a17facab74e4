/* Other programs: the command that the box becomes, and helpers that the host lane runs and waits for. */
#include "launch.h"

#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

// #region execvpe
/* exec(3), in the PATH of the box. CVE-2024-21626: a working directory outside of the root would be a way out. */
int box_execvpe(const union arg *a)
{
	char here[PATH_MAX], path[PATH_MAX];
	if (!getcwd(here, sizeof here) || here[0] != '/') {
		errno = EXDEV;
		return -1;
	}
	if (strchr(a[0].text, '/'))
		return execve(a[0].text, a[1].list, a[2].list);
	const char *search = "/bin:/usr/bin";
	for (char **entry = a[2].list; *entry; entry++)
		if (strncmp(*entry, "PATH=", 5) == 0)
			search = *entry + 5;
	int verdict = ENOENT;
	for (const char *end; search; search = end ? end + 1 : NULL) {
		end = strchr(search, ':');
		int length = end ? end - search : (int)strlen(search);
		if (snprintf(path, sizeof path, "%.*s/%s", length ? length : 1, length ? search : ".", a[0].text) >= PATH_MAX)
			continue;
		execve(path, a[1].list, a[2].list);
		if (errno == ENOENT || errno == ENOTDIR)
			continue;
		verdict = errno;
		if (errno != EACCES)
			break;
	}
	errno = verdict;
	return -1;
}
// #endregion execvpe

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
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO); /* what it says is not the command's output */
	errno = posix_spawn(pid, a[0].text, &files, &attributes, a[1].list, a[2].list);
	return errno ? -1 : 0;
}

// #region run
/* A helper of the host: newuidmap(1), a hook. One that ends with another status than 0 has not done its work. */
int host_run(const union arg *a)
{
	pid_t pid;
	int status;
	int input = as_file(a[3].text);
	if (input < 0 || spawn(&pid, a, input) < 0)
		return with_fd(-1, input);
	if (waitpid(pid, &status, 0) != pid)
		return with_fd(-1, input);
	errno = ECANCELED;
	return with_fd(status == 0 ? 0 : -1, input);
}
// #endregion run
