/*
 * exchange: two names of a directory change places, as often as they can, and neither is ever missing: renameat2(2), RENAME_EXCHANGE.
 *
 *   exchange ONE OTHER
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	while (argc == 3 && renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) == 0)
		continue;
	perror("exchange");
	return 1;
}
