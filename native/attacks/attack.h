/* What the attacks share. Each is a function of its own file, made by main.c under the name of that file. */
#ifndef ATTACK_H
#define ATTACK_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends the program when the kernel has refused, and leaves a word on what. It proves nothing, and helps to understand. Returns the result. */
#define LAST_WORDS "/tmp/last-words"
long must(long result, const char *what);

/* Where a procfs is: /proc, or one that the box mounts for itself where nobody has. */
const char *proc(void);

/* What has been found goes into a file of the box, which the host compares with its secret. */
void bring_home(const char *loot, const void *found, size_t length);

#endif
