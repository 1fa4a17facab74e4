/*
 * Descriptors that one step opens and a later one needs: a mount that is nowhere yet, a ruleset that is not in force. A plan gives each a number
 * of its own. What the host lane has opened the box gets when the two meet next: unix(7), SCM_RIGHTS.
 */
#include "launch.h"

#include <unistd.h>

static struct {
	int fd; /* plus one: zero is none */
	bool handed;
	bool given; /* handed over, and not kept */
} slots[MAX_SLOTS];

/* @returns -1 with EBADF when nothing has been opened under that number. */
int slot(uint64_t number)
{
	if (number >= MAX_SLOTS || slots[number].fd == 0) {
		errno = EBADF;
		return -1;
	}
	return slots[number].fd - 1;
}

int fill_slot(uint64_t number, int fd)
{
	if (fd < 0)
		return -1;
	if (number >= MAX_SLOTS || slots[number].fd != 0) {
		errno = EBADF;
		return with_fd(-1, fd);
	}
	slots[number].fd = fd + 1;
	return 0;
}

/* In this process: what the other side has been handed it keeps. The number can then be given to another. */
int close_slot(uint64_t number)
{
	const int fd = slot(number);
	if (fd < 0)
		return -1;
	slots[number].fd = 0;
	slots[number].handed = false;
	return close(fd);
}

int close_of(const union arg *a) { return close_slot(a[0].number); }

/* The box alone is to hold it: whoever is at the other end is to see it closed when the box has. */
int give_slot(uint64_t number, int fd)
{
	if (fill_slot(number, fd) < 0)
		return -1;
	slots[number].given = true;
	return 0;
}

/* Those that have not been handed over: their numbers as a mask, and the descriptors, the lowest number first. @returns how many. */
size_t fresh_slots(uint64_t *mask, int fds[MAX_SLOTS])
{
	size_t count = 0;
	*mask = 0;
	for (unsigned n = 0; n < MAX_SLOTS; n++) {
		if (slots[n].fd == 0 || slots[n].handed)
			continue;
		slots[n].handed = true;
		*mask |= UINT64_C(1) << n;
		fds[count++] = slots[n].fd - 1;
	}
	return count;
}

void close_given(void)
{
	for (unsigned n = 0; n < MAX_SLOTS; n++)
		if (slots[n].given && slots[n].handed && slots[n].fd != 0) {
			close(slots[n].fd - 1);
			slots[n].fd = 0;
			slots[n].handed = slots[n].given = false;
		}
}

/* All of this process: what is mounted and in force by now is held by the box itself. */
void close_slots(void)
{
	for (unsigned n = 0; n < MAX_SLOTS; n++) {
		if (slots[n].fd != 0)
			close(slots[n].fd - 1);
		slots[n].fd = 0;
	}
}

void take_slots(uint64_t mask, const int *fds)
{
	for (unsigned n = 0; n < MAX_SLOTS; n++)
		if (mask >> n & 1)
			fill_slot(n, *fds++);
}
