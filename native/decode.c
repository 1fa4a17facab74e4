/*
 * A plan, encoded (src/plan/encode.ts), back in memory. Numbers are little-endian, and every string ends with a NUL.
 *
 *   plan      "BOXPLAN1", u32 number of steps, the steps
 *   step      u32 length of the rest, u8 lane, u8 call, u8 n, n × u8 errno that is fine, the arguments
 *   argument  n: u64 · s: u32 length with the NUL, bytes · l: u32 number of strings, the strings
 *             u: u32 number of numbers, the numbers · b: u32 length, bytes
 *
 * It runs as root, and anybody can have written it. Before a byte is believed it is looked whether it is there; and before anything is played,
 * whether what changes the view of everybody comes after a view of its own.
 */
#include "launch.h"

#include <endian.h>
#include <linux/sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What is left to be read. */
struct bytes {
	const uint8_t *at;
	size_t left;
};

_Noreturn void refuse(const char *why)
{
	dprintf(words_fd, "launch: cannot play this plan: %s\n", why);
	_exit(125);
}

_Noreturn void stop(const char *what)
{
	dprintf(words_fd, "launch: cannot %s: %s\n", what, strerror(errno));
	give_up();
}

// #region take
static const uint8_t *take(struct bytes *from, size_t length)
{
	if (length > from->left)
		refuse("it ends in the middle of a step");
	const uint8_t *taken = from->at;
	from->at += length;
	from->left -= length;
	return taken;
}
// #endregion take

static uint32_t take_u32(struct bytes *from)
{
	uint32_t value;
	memcpy(&value, take(from, sizeof value), sizeof value);
	return le32toh(value);
}

static uint64_t take_u64(struct bytes *from)
{
	uint64_t value;
	memcpy(&value, take(from, sizeof value), sizeof value);
	return le64toh(value);
}

// #region text
static const char *take_text(struct bytes *from)
{
	uint32_t length = take_u32(from);
	const uint8_t *text = take(from, length);
	if (length == 0 || memchr(text, 0, length) != text + length - 1)
		refuse("a string in it does not end where it says");
	return (const char *)text;
}
// #endregion text

/* @param least bytes that each entry has. */
static uint32_t take_count(struct bytes *from, size_t least)
{
	uint32_t count = take_u32(from);
	if (count > from->left / least)
		refuse("a list in it is longer than the plan");
	return count;
}

static void *room(size_t count, size_t size)
{
	void *memory = calloc(count, size);
	if (!memory)
		stop("remember a plan");
	return memory;
}

static char **take_list(struct bytes *from)
{
	uint32_t count = take_count(from, 5); /* a length and a NUL */
	char **list = room((size_t)count + 1, sizeof *list);
	for (uint32_t n = 0; n < count; n++)
		list[n] = (char *)take_text(from);
	return list;
}

static struct numbers take_numbers(struct bytes *from)
{
	uint32_t count = take_count(from, sizeof(uint64_t));
	struct numbers numbers = { count, room((size_t)count + 1, sizeof(uint64_t)) };
	for (uint32_t n = 0; n < count; n++)
		numbers.at[n] = take_u64(from);
	return numbers;
}

static struct blob take_blob(struct bytes *from)
{
	uint32_t size = take_u32(from);
	return (struct blob){ size, take(from, size) };
}

static union arg take_arg(struct bytes *from, char kind)
{
	switch (kind) {
	case 'n': return (union arg){ .number = take_u64(from) };
	case 's': return (union arg){ .text = take_text(from) };
	case 'l': return (union arg){ .list = take_list(from) };
	case 'u': return (union arg){ .numbers = take_numbers(from) };
	default: return (union arg){ .blob = take_blob(from) };
	}
}

static struct step take_step(struct bytes *from)
{
	uint32_t length = take_u32(from);
	struct bytes rest = { take(from, length), length };
	struct step step = { 0 };
	step.lane = *take(&rest, 1);
	step.call = *take(&rest, 1);
	step.fines = *take(&rest, 1);
	if (step.lane > BOX || step.call >= CALLS || !calls[step.call].in[step.lane])
		refuse("it has a call that is not known in its lane");
	step.fine = take(&rest, step.fines);
	for (size_t n = 0; calls[step.call].takes[n]; n++)
		step.args[n] = take_arg(&rest, calls[step.call].takes[n]);
	if (rest.left > 0)
		refuse("a step in it has more arguments than its call");
	return step;
}

// #region harm
/* What changes the view of everybody needs a view of its own first: asked for, or joined. */
static void refuse_harm(struct plan plan)
{
	uint64_t own = 0;
	bool let_go = false;
	for (uint32_t n = 0; n < plan.count; n++) {
		const struct step *step = &plan.steps[n];
		play *in_host = calls[step->call].in[HOST], *in_box = calls[step->call].in[BOX];
		own |= given_by(step);
		if (needed_by(step) & ~own)
			refuse("it would change the host itself: an unshare is missing before it mounts, names or sets anything");
		if ((in_box == box_execvpe) != (n == plan.count - 1))
			refuse("its last step, and no other, has to become the command");
		if (let_go && step->lane == HOST)
			refuse("the host has something to do in it when it has let the box go");
		let_go |= in_box == box_read;
		if (in_host == host_ask && report_fd < 0)
			refuse("it has a step that only boxwright can play");
	}
}
// #endregion harm

static struct plan decode(struct bytes from)
{
	if (from.left < 8 || memcmp(take(&from, 8), "BOXPLAN1", 8) != 0)
		refuse("it does not begin as one");
	struct plan plan = { .count = take_u32(&from) };
	if (plan.count == 0 || plan.count > MAX_STEPS)
		refuse("it has no steps, or too many");
	plan.steps = room(plan.count, sizeof *plan.steps);
	for (uint32_t n = 0; n < plan.count; n++)
		plan.steps[n] = take_step(&from);
	if (from.left > 0)
		refuse("something follows its last step");
	refuse_harm(plan);
	return plan;
}

struct plan read_plan(int fd)
{
	uint8_t *bytes = mmap(NULL, MAX_PLAN + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || bytes == MAP_FAILED)
		stop("open the plan");
	size_t length = 0;
	for (ssize_t n; length <= MAX_PLAN && (n = read(fd, bytes + length, MAX_PLAN + 1 - length)) != 0; length += n)
		if (n < 0)
			stop("read the plan");
	if (length > MAX_PLAN)
		refuse("it is longer than 16 MiB");
	close(fd);
	return decode((struct bytes){ bytes, length });
}
