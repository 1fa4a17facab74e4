/*
 * What the box says, in a file: one line for each of its lines, as Kubernetes' CRI wants them,
 *
 *   2016-10-06T00:17:09.669794202Z stdout F the line
 *
 * F: a full line; P: a part of one that is longer than our memory, or was never ended.
 */
#include "launch.h"
#include "log.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static char texts[2][LINE];
struct stream streams[2] = { { .name = "stdout", .fd = -1, .text = texts[0] }, { .name = "stderr", .fd = -1, .text = texts[1] } };
static int ours[2] = { -1, -1 };
static int log_fd = -1;

void open_log(const char *path)
{
	log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (log_fd < 0)
		stop("open the log");
	for (int n = 0; n < 2; n++) {
		int ends[2];
		if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0)
			stop("make a pipe");
		streams[n].fd = ends[0];
		ours[n] = ends[1];
	}
}

/* In the box. */
void use_log(void)
{
	for (int n = 0; n < 2; n++)
		if (ours[n] >= 0 && dup2(ours[n], STDOUT_FILENO + n) < 0)
			stop("take the log's pipe");
}

/* In the monitor: the box alone has the other ends from here on. */
void let_log_go(void)
{
	for (int n = 0; n < 2; n++)
		if (ours[n] >= 0)
			close(ours[n]);
}

/* A full disk does not stop the box: what does not fit is lost, and the next line that fits begins a line. */
static void write_line(const char *name, char tag, const char *text, size_t length)
{
	static bool torn;
	char head[64];
	struct timespec time;
	struct tm day;
	clock_gettime(CLOCK_REALTIME, &time);
	gmtime_r(&time.tv_sec, &day);
	const int size = snprintf(head, sizeof head, "%s%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ %s %c ", torn ? "\n" : "", day.tm_year + 1900,
		day.tm_mon + 1, day.tm_mday, day.tm_hour, day.tm_min, day.tm_sec, time.tv_nsec, name, tag);
	const struct iovec parts[] = { { head, size }, { (char *)text, length }, { "\n", 1 } };
	const ssize_t written = writev(log_fd, parts, 3);
	torn = written < 0 ? torn : (size_t)written < size + length + 1;
}

/* Whole lines are written; what is left of the last one waits for its end. */
static void write_lines(struct stream *stream, bool ended)
{
	char *at = stream->text, *end = stream->text + stream->length;
	for (char *newline; (newline = memchr(at, '\n', end - at)); at = newline + 1)
		write_line(stream->name, 'F', at, newline - at);
	stream->length = end - at;
	if (stream->length == LINE || (ended && stream->length > 0)) {
		write_line(stream->name, 'P', at, stream->length);
		stream->length = 0;
	}
	memmove(stream->text, at, stream->length);
}

// #region log
/* Reads once: a box that never stops talking must not keep us from its signals. @returns how much there was. */
ssize_t drain(struct stream *stream)
{
	const ssize_t n = read(stream->fd, stream->text + stream->length, LINE - stream->length);
	if (n < 0)
		return n;
	stream->length += n;
	write_lines(stream, n == 0);
	if (n == 0) {
		close(stream->fd);
		stream->fd = -1;
	}
	return n;
}

/* The box has ended: what it had said by then is read. Whoever it has left behind may still hold the other end, and is not waited for. */
void finish(struct stream *stream)
{
	int left = 0;
	if (stream->fd < 0 || ioctl(stream->fd, FIONREAD, &left) < 0)
		return;
	for (ssize_t n = 1; left > 0 && n > 0; left -= n)
		n = drain(stream);
	write_lines(stream, true);
}
// #endregion log
