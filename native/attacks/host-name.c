/*
 * The host's name is a few bytes in the kernel, one for all processes of a UTS namespace: sethostname(2). A box that has none of its own
 * renames the machine, and logs, prompts and certificates believe it.
 */
#include "attack.h"

/* argv: the new name. */
void host_name(char **argv)
{
	must(sethostname(argv[0], strlen(argv[0])), "rename the host");
}
