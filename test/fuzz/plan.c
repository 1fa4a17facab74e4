/*
 * The decoder, fed with whatever libFuzzer comes up with. It is native/decode.c itself; only its way out is another: where the launcher ends, this
 * goes on with the next plan. Nothing is played.
 *
 * A plan that is taken has to be the bytes that it came as: encoded again, it is compared. So nothing in it was overlooked, and nothing read twice.
 */
#include "../../native/launch.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static jmp_buf way_out;
static void *kept(size_t count, size_t size);

#define _exit(status) longjmp(way_out, status)
#define calloc kept
#define malloc(size) kept(1, size)
#include "../../native/decode.c"
#include "../../native/number.c"
#undef malloc
#undef calloc
#undef _exit

/* Memory lives as long as the launcher: here, as long as one plan. */
static void **memory;
static size_t count_kept, room_for_kept;

static void *kept(size_t count, size_t size)
{
	if (count_kept == room_for_kept && !(memory = realloc(memory, (room_for_kept = 2 * room_for_kept + 64) * sizeof *memory)))
		abort();
	return memory[count_kept++] = calloc(count, size);
}

static void let_go(void)
{
	while (count_kept > 0)
		free(memory[--count_kept]);
}

static uint8_t *again; /* the plan, encoded a second time */
static size_t length;

static void put(const void *bytes, size_t size)
{
	memcpy(again + length, bytes, size);
	length += size;
}

static void put_u32(uint32_t value)
{
	value = htole32(value);
	put(&value, sizeof value);
}

static void put_u64(uint64_t value)
{
	value = htole64(value);
	put(&value, sizeof value);
}

static void put_text(const char *text)
{
	put_u32(strlen(text) + 1);
	put(text, strlen(text) + 1);
}

static void put_list(char **list)
{
	uint32_t count = 0;
	while (list[count])
		count++;
	put_u32(count);
	for (uint32_t n = 0; n < count; n++)
		put_text(list[n]);
}

static void put_arg(char kind, const union arg *arg)
{
	switch (kind) {
	case 'n': put_u64(arg->number); break;
	case 's': put_text(arg->text); break;
	case 'l': put_list(arg->list); break;
	case 'u':
		put_u32(arg->numbers.count);
		for (uint32_t n = 0; n < arg->numbers.count; n++)
			put_u64(arg->numbers.at[n]);
		break;
	default:
		put_u32(arg->blob.size);
		put(arg->blob.bytes, arg->blob.size);
	}
}

static void put_step(const struct step *step)
{
	const size_t start = length;
	const uint8_t head[] = { step->lane, step->call, step->fines };
	put_u32(0);
	put(head, sizeof head);
	put(step->fine, step->fines);
	for (int n = 0; calls[step->call].takes[n]; n++)
		put_arg(calls[step->call].takes[n], &step->args[n]);
	const uint32_t size = htole32(length - start - sizeof size);
	memcpy(again + start, &size, sizeof size);
}

static void compare(struct plan plan, const uint8_t *bytes, size_t size)
{
	again = kept(1, size + 1);
	length = 0;
	put("BOXPLAN1", 8);
	put_u32(plan.count);
	for (uint32_t n = 0; n < plan.count; n++)
		put_step(&plan.steps[n]);
	if (length != size || memcmp(again, bytes, size) != 0)
		abort();
}

/* Once the box's number is known no text of the host lane may hold its token. */
static void name(struct plan plan)
{
	box_pid = 4194303;
	name_box(plan, HOST, 4194304);
	name_box(plan, BOX, 1);
	for (uint32_t n = 0; n < plan.count; n++)
		if (plan.steps[n].lane == HOST && any(&plan.steps[n], is_named))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	report_fd = STDERR_FILENO; /* somebody who could be asked */
	if (setjmp(way_out) == 0) {
		const struct plan plan = decode((struct bytes){ bytes, size });
		compare(plan, bytes, size);
		name(plan);
	}
	let_go();
	return 0;
}
