/* What Bun has compiled, in one program: `boxwright-runc`, and what `boxwright` has to do soonest (src/cli/compiled.ts). */
#define _GNU_SOURCE
#include "front.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *beside(const char *name, char path[static 4096])
{
	const ssize_t length = readlink("/proc/self/exe", path, 4000);
	char *slash = length < 0 ? NULL : memrchr(path, '/', (size_t)length);
	return slash ? strcpy(slash + 1, name), path : NULL;
}

// #region bun
/*
 * Nothing that ends so soon is worth a compiler and its threads, or a search for garbage before there are sixty megabytes; and its memory comes in huge pages
 * where the kernel has them, not in two thousand small ones. All of it measured.
 */
static bool ask_for_little(void)
{
	return setenv("BUN_JSC_useJIT", "0", true) == 0 && setenv("BUN_JSC_largeHeapSize", "60000000", true) == 0 && setenv("MIMALLOC_ALLOW_THP", "1", true) == 0;
}

/* Comes back where there is none. */
void become_bun(char *name, char **argv)
{
	char program[4096];
	argv[0] = name;
	if (beside("boxwright.bun", program) && ask_for_little())
		execv(program, argv);
}
// #endregion bun
