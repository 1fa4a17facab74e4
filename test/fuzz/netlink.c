/*
 * native/network.c's two readers of netlink messages: what a plan wants to say, and what the kernel answers. Each gets the bytes in memory of just
 * their size, so that the first one too many is noticed.
 */
#include "../../native/network.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int error = 0;
	uint8_t *copy = malloc(size);
	if (size > 0 && !copy)
		abort();
	if (size > 0)
		memcpy(copy, bytes, size);
	const struct blob messages = { size, copy };
	const int asked = count_acks(messages), answered = read_acks(messages, &error);
	const int most = (int)(size / sizeof(struct nlmsghdr));
	if (asked < -1 || asked > most || answered > most)
		abort();
	free(copy);
	return 0;
}
