/*
 * A terminal of the box's own: pts(4). What is written to its slave, which the command gets, is read from its master, and the other way round. The
 * box opens both, in a /dev/pts of its own, and hands the master to whoever sits before the terminal, over a socket: unix(7), SCM_RIGHTS.
 */
#include "launch.h"
#include "relay.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

// #region send
/* A descriptor goes with the words, and is no longer ours; nor is the socket. */
int sendmsg_of(const union arg *a)
{
	const int to = slot(a[0].number), sent = slot(a[2].number);
	union {
		char bytes[CMSG_SPACE(sizeof sent)];
		struct cmsghdr head;
	} with = { .head = { .cmsg_len = CMSG_LEN(sizeof sent), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec words = { (char *)a[1].text, strlen(a[1].text) };
	const struct msghdr message = { .msg_iov = &words, .msg_iovlen = 1, .msg_control = with.bytes, .msg_controllen = sizeof with.bytes };
	if (to < 0 || sent < 0)
		return -1;
	memcpy(CMSG_DATA(&with.head), &sent, sizeof sent);
	return sendmsg(to, &message, MSG_NOSIGNAL) < 0 || close_slot(a[0].number) < 0 ? -1 : close_slot(a[2].number);
}
// #endregion send

// #region openpty
/* Of a devpts, the device 5:2. It is looked at before it is opened: nobody knows what opening something else would do. */
static int open_master(void)
{
	struct statfs fs;
	struct stat what;
	const int place = resolve("/dev/pts/ptmx", O_PATH);
	if (place < 0 || fstatfs(place, &fs) < 0 || fstat(place, &what) < 0)
		return with_fd(-1, place);
	if (fs.f_type == DEVPTS_SUPER_MAGIC && S_ISCHR(what.st_mode) && what.st_rdev == makedev(5, 2))
		return with_fd(reopen(place, O_RDWR | O_NOCTTY), place);
	errno = ENOTTY;
	return with_fd(-1, place);
}

/* CVE-2025-52565: what is called /dev/pts/0 may be a link. The slave is opened by no name, but as the other end of the master: TIOCGPTPEER. */
int box_openpty(const union arg *a)
{
	const int unlocked = 0;
	struct winsize size = { .ws_row = a[2].number, .ws_col = a[3].number };
	if (size.ws_row == 0 && size.ws_col == 0)
		size = size_of_caller();
	const int master = open_master();
	if (master < 0 || ioctl(master, TIOCSPTLCK, &unlocked) < 0 || ioctl(master, TIOCSWINSZ, &size) < 0)
		return with_fd(-1, master);
	const int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return with_fd(-1, master);
	return fill_slot(a[0].number, master) < 0 ? with_fd(-1, slave) : fill_slot(a[1].number, slave);
}
// #endregion openpty

int box_fchown(const union arg *a) { return slot(a[0].number) < 0 ? -1 : fchown(slot(a[0].number), a[1].number, a[2].number); }

// #region login
/* A session of the box's own. Its terminal's keys speak to it and to nobody else, and it may put no words into the mouth of another: TIOCSTI. */
int box_login_tty(const union arg *a)
{
	const int slave = slot(a[0].number);
	if (slave < 0 || setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		return -1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(slave, fd) < 0)
			return -1;
	let_relay_go();
	return close_slot(a[0].number);
}
// #endregion login
