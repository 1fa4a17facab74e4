/* Reports: each step's index, errno and nanoseconds, for whoever started us. With them they know as much as we do. */
#include "launch.h"

#include <endian.h>
#include <time.h>
#include <unistd.h>

struct result {
	uint32_t step;
	int32_t error;
	uint64_t nanoseconds;
};

int report_fd = -1;

/* Kept until the lane changes: whoever reads them should not be woken for each. */
static struct result results[MAX_STEPS + 2];
static size_t kept;

void report(uint32_t step, int32_t error, uint64_t nanoseconds)
{
	if (report_fd >= 0)
		results[kept++] = (struct result){ htole32(step), htole32(error), htole64(nanoseconds) };
}

void flush_reports(void)
{
	const size_t length = kept * sizeof *results;
	if (report_fd >= 0 && length > 0 && write(report_fd, results, length) != (ssize_t)length)
		give_up(); /* whoever wanted to know has gone */
	kept = 0;
}

// #region ask
/* A step of the host lane that is Node's to play. The answer is its errno. */
int host_ask(const union arg *a)
{
	int32_t answer;
	(void)a; /* whoever listens has the plan, too */
	report(playing | ASK, 0, 0);
	flush_reports();
	if (read(report_fd, &answer, sizeof answer) != sizeof answer)
		give_up(); /* there is nobody to ask */
	errno = le32toh(answer);
	return errno ? -1 : 0;
}
// #endregion ask

uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}
