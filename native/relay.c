/*
 * The command has a terminal of its own, and whoever started us sits at another: the monitor hands on what is typed at ours, and what is said at the
 * box's. What a key means is for the box's to know. So ours is raw meanwhile, termios(3), and then what it was before.
 */
#include "launch.h"
#include "relay.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum { ROOM = 4096, MOST_LEFT = 128 << 10 };

/* One direction, and what is on its way. */
struct way {
	int from, to; /* -1 when there is nothing to be had, or nobody to have it */
	size_t length;
	char *bytes; /* ROOM of them */
};

static char typed[ROOM], said[ROOM];
static struct way in = { -1, -1, 0, typed }, out = { -1, -1, 0, said };
static struct way *const ways[] = { &in, &out };
static int caller = -1;       /* our caller's terminal */
static struct termios before; /* and what it was set to */
static int receiver = -1;     /* where the box hands us its master */
static int master = -1;
static pid_t parent;          /* ours, when the relay began */
static int dies_by;           /* and what its end was to do to us */

// #region caller
/* Any of the three may be something else, and we have a terminal all the same: tty(4). */
int host_tcgetattr(const union arg *a)
{
	(void)a;
	for (int fd = STDERR_FILENO; fd >= STDIN_FILENO && caller < 0; fd--)
		caller = isatty(fd) ? fd : -1;
	if (caller < 0)
		caller = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return caller < 0 ? -1 : tcgetattr(caller, &before);
}

/* The box has one end, and our monitor the other. When we go, there is nobody to relay. */
int host_socketpair(const union arg *a)
{
	int ends[2];
	errno = ENOTSUP;
	if (box_stays || receiver >= 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	receiver = ends[0];
	return give_slot(a[0].number, ends[1]);
}
// #endregion caller

struct winsize size_of_caller(void)
{
	struct winsize size = { 0 };
	if (caller >= 0)
		ioctl(caller, TIOCGWINSZ, &size);
	return size;
}

/* In the box, which may have a monitor as well. */
void let_relay_go(void)
{
	with_fd(0, receiver);
	receiver = caller = -1;
}

static int receive(void)
{
	char words[ROOM];
	int fd = -1;
	union {
		char bytes[CMSG_SPACE(sizeof fd)];
		struct cmsghdr head;
	} with = { 0 };
	struct iovec read = { words, sizeof words };
	struct msghdr message = { .msg_iov = &read, .msg_iovlen = 1, .msg_control = with.bytes, .msg_controllen = sizeof with.bytes };
	if (recvmsg(receiver, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) > 0 && message.msg_controllen >= CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(&with.head), sizeof fd);
	return fd;
}

/* The kernel tells the box: SIGWINCH. */
static void resize(void)
{
	const struct winsize size = size_of_caller();
	ioctl(master, TIOCSWINSZ, &size);
}

// #region keys
static struct termios raw(void)
{
	struct termios settings = before;
	cfmakeraw(&settings);
	return settings;
}

/* Not while somebody else is in front: then the keys are theirs. None is where it is not the terminal of our session. */
static void take_keys(void)
{
	const struct termios settings = raw();
	const pid_t front = tcgetpgrp(caller);
	if (front < 0 || front == getpgrp())
		tcsetattr(caller, TCSANOW, &settings);
}

/* Unless somebody has changed it meanwhile, and knows better. */
static void give_keys_back(void)
{
	struct termios now;
	const struct termios ours = raw();
	if (tcgetattr(caller, &now) == 0 && now.c_iflag == ours.c_iflag && now.c_oflag == ours.c_oflag && now.c_lflag == ours.c_lflag)
		tcsetattr(caller, TCSANOW, &before);
}
// #endregion keys

// #region begin
/* The command runs. While we have a slave as well, the kernel does not take the terminal for abandoned when the box has closed all of its own. */
void begin_relay(void)
{
	master = receiver < 0 ? -1 : receive();
	if (master < 0)
		return;
	if (fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK) < 0 || ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) < 0)
		stop("read the box's terminal");
	parent = getppid();
	if (prctl(PR_GET_PDEATHSIG, &dies_by) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		stop("give the terminal back when its parent dies");
	in = (struct way){ STDIN_FILENO, master, 0, typed };
	out = (struct way){ master, STDOUT_FILENO, 0, said };
	resize();
	take_keys();
}
// #endregion begin

bool relays(void) { return parent > 0; }

/* Who reads from a terminal that has lines finds their end by a key. It says "no more of this line" first. */
static void say_the_end(void)
{
	struct termios settings;
	if (tcgetattr(master, &settings) < 0 || !(settings.c_lflag & ICANON))
		return;
	for (int n = 0; n < 2 && in.length < ROOM; n++)
		in.bytes[in.length++] = settings.c_cc[VEOF];
}

/* There is nobody at our terminal any more, and so at the box's: SIGHUP, says the kernel. */
static void hang_up(void)
{
	close(master);
	master = in.from = in.to = out.from = out.to = -1;
	in.length = out.length = 0;
}

// #region relay
static ssize_t fill(struct way *way)
{
	const ssize_t n = read(way->from, way->bytes + way->length, ROOM - way->length);
	if (n > 0)
		way->length += n;
	else if (n == 0 || errno != EAGAIN)
		way->from = -1;
	return n;
}

static void empty(struct way *way)
{
	const ssize_t n = write(way->to, way->bytes, way->length);
	if (n < 0 && errno != EAGAIN)
		hang_up();
	if (n <= 0)
		return;
	way->length -= n;
	memmove(way->bytes, way->bytes + n, way->length);
}

void ask_relay(struct pollfd polled[RELAYED])
{
	for (int n = 0; n < 2; n++) {
		const struct way *way = ways[n];
		*polled++ = (struct pollfd){ way->length < ROOM ? way->from : -1, POLLIN, 0 };
		*polled++ = (struct pollfd){ way->length > 0 ? way->to : -1, POLLOUT, 0 };
	}
}

/* Waits for nobody: who does not read must not keep us from signals, nor from the other direction. */
void relay(const struct pollfd polled[RELAYED])
{
	for (int n = 0; n < 2; n++, polled += 2) {
		if (polled[0].revents && fill(ways[n]) == 0 && ways[n] == &in)
			say_the_end();
		if (polled[1].revents)
			empty(ways[n]);
	}
}
// #endregion relay

// #region hears
/* Whoever sat there with us has died. The box ends with them, unless it is to live on. */
static bool leave_terminal(void)
{
	give_keys_back();
	hang_up();
	return !dies_by || end_box();
}

/* @returns whether the signal was meant for us. */
bool relay_hears(int signal)
{
	if (!relays())
		return false;
	switch (signal) {
	case SIGWINCH: resize(); return true;
	case SIGTSTP: give_keys_back(); raise(SIGSTOP); return true;
	case SIGCONT: take_keys(); in.from = STDIN_FILENO; return true; /* in the background nothing can be read */
	case SIGTERM: return getppid() != parent && leave_terminal();
	default: return false;
	}
}
// #endregion hears

// #region end
static void flush(void)
{
	for (struct pollfd heard = { out.to, POLLOUT, 0 }; out.length > 0; empty(&out))
		poll(&heard, 1, -1);
}

/*
 * The box has ended. What it had said by then is read, and no more than the kernel can have kept: whoever it has left behind may go on talking. Then
 * our caller's terminal is what it was before, however the box has ended.
 */
void end_relay(void)
{
	flush();
	for (ssize_t n, left = MOST_LEFT; master >= 0 && left > 0; left -= n) {
		struct pollfd more = { master, POLLIN, 0 };
		if (poll(&more, 1, 0) <= 0 || (n = fill(&out)) <= 0)
			break;
		flush();
	}
	if (relays())
		give_keys_back();
}
// #endregion end
