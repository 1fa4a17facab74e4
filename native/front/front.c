/*
 * front: what is started as `boxwright-runc`. It becomes the program that Bun has compiled of the runtime, where that stands beside this file. Otherwise
 * it becomes the Node that has bundled the runtime, which goes on from a snapshot, or begins with the bundle. Lesson 13.
 *
 * A script would name its interpreter, and could neither give it options nor keep our caller's environment from it: NODE_OPTIONS and BUN_OPTIONS
 * have a caller's code run, and NODE_EXTRA_CA_CERTS costs each start forty milliseconds, which is longer than a container takes.
 */
#define _GNU_SOURCE
#include "front.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What native/build.mjs has found: NODE is its own Node, OPTIONS are those that this one knows. */
static char *const options[] = { OPTIONS };
enum { HOW_MANY = sizeof options / sizeof *options };

/* An engine's, its event loop's, its memory's, its cryptography's: none is of use to us. What a container gets is in its config.json. */
static const char *const engines[] = { "NODE_", "BUN_", "UV_", "JSC_", "MIMALLOC_", "OPENSSL_" };

static bool is_for_engine(const char *entry)
{
	for (size_t n = 0; n < sizeof engines / sizeof *engines; n++)
		if (strncmp(entry, engines[n], strlen(engines[n])) == 0)
			return true;
	return false;
}

static void forget(char **entry)
{
	for (char **kept = entry; (*kept = *entry); entry++)
		if (!is_for_engine(*entry))
			kept++;
}

/* A Node that has come since reads no snapshot of another one, and says so and no more: then the bundle it is. */
static bool is_current(const char *snapshot)
{
	struct stat node, kept;
	return stat(NODE, &node) == 0 && stat(snapshot, &kept) == 0 && kept.st_mtime >= node.st_ctime;
}

/*
 * Node begins by reading five megabytes into memory that it has just asked for. Asked for in large pieces, and huge pages where the kernel has them,
 * that is three milliseconds less (measured): mallopt(3), GLIBC_TUNABLES.
 */
static bool ask_for_large_pieces(void)
{
	return setenv("MALLOC_TOP_PAD_", "16777216", true) == 0 && setenv("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1", true) == 0;
}

// #region front
static void become_node(int argc, char **argv)
{
	char snapshot[4096], bundle[4096], *words[HOW_MANY + argc + 5], **word = words;
	const bool found = beside("runc.blob", snapshot) && beside("runc.cjs", bundle);
	*word++ = "boxwright-runc";
	for (int n = 0; n < HOW_MANY; n++)
		*word++ = options[n];
	if (found && is_current(snapshot)) {
		*word++ = "--snapshot-blob";
		*word++ = snapshot;
		*word++ = "--";
	} else
		*word++ = bundle;
	for (int n = 1; n < argc; n++)
		*word++ = argv[n];
	*word = NULL;
	if (found && ask_for_large_pieces())
		execv(NODE, words);
}

int main(int argc, char **argv)
{
	forget(environ);
	become_bun("boxwright-runc", argv);
	become_node(argc, argv);
	dprintf(STDERR_FILENO, "boxwright-runc: Cannot start Node, which was \"" NODE "\": %s\n  Build it again: npm run prepare\n", strerror(errno));
	return 1;
}
// #endregion front
