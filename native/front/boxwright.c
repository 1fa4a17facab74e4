/*
 * front: what is started as `boxwright`. Commands that end sooner than Node begins are the business of a program that Bun has compiled, if it is there and
 * no older than its source. All else is Node's: src/cli/boxwright.mjs.
 *
 * Without root everything is done in a user namespace, into which Node goes.
 */
#define _GNU_SOURCE
#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const hot[] = { "run", "ps", "rm", "images" };

static bool is_hot(const char *word)
{
	for (size_t n = 0; word && n < sizeof hot / sizeof *hot; n++)
		if (strcmp(word, hot[n]) == 0)
			return true;
	return false;
}

static bool is_later(const struct timespec *one, const struct timespec *other)
{
	return one->tv_sec > other->tv_sec || (one->tv_sec == other->tv_sec && one->tv_nsec > other->tv_nsec);
}

// #region current
/* Was it built after the last change of anything that it was built of? NAME.sources says what that is: a file a line, as seen from the project. */
static bool is_current(const char *name)
{
	char list[64], path[4096], source[4096];
	struct stat built, changed;
	const bool found = beside(name, path) && stat(path, &built) == 0;
	const int project = beside("..", path) ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	FILE *const sources = snprintf(list, sizeof list, "%s.sources", name) > 0 && beside(list, path) ? fopen(path, "re") : NULL;
	bool current = found && sources;
	while (current && fgets(source, sizeof source, sources)) {
		source[strcspn(source, "\n")] = '\0';
		current = fstatat(project, source, &changed, 0) == 0 && !is_later(&changed.st_mtim, &built.st_mtim);
	}
	if (sources)
		fclose(sources);
	close(project);
	return current;
}
// #endregion current

// #region boxwright
static void become_node(int argc, char **argv)
{
	char script[4096], *words[argc + 2];
	if (!beside("../src/cli/boxwright.mjs", script))
		return;
	words[0] = NODE;
	words[1] = script;
	for (int n = 1; n <= argc; n++)
		words[n + 1] = argv[n];
	execv(NODE, words);
}

int main(int argc, char **argv)
{
	if (is_hot(argv[1]) && geteuid() == 0 && is_current("boxwright.bun") && is_current("launch"))
		become_bun("boxwright", argv);
	become_node(argc, argv);
	dprintf(STDERR_FILENO, "boxwright: Cannot start Node, which was \"" NODE "\": %s\n  Build it again: npm run prepare\n", strerror(errno));
	return 125;
}
// #endregion boxwright
