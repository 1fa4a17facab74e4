/* One of the box's two streams, as the monitor reads it. */
enum { LINE = 4096 };

struct stream {
	const char *name;
	int fd; /* -1 when it is not logged, or has ended */
	size_t length;
	char *text; /* LINE bytes of it */
};

extern struct stream streams[2];

void open_log(const char *path);
void let_log_go(void);
ssize_t drain(struct stream *stream);
void finish(struct stream *stream);
