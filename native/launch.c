/*
 * launch: plays a plan. Lesson 5.
 *
 *   launch PLAN             PLAN is a file
 *   launch -r FD -p FD      reports what it does to one descriptor, reads the plan from another
 *
 * One process, one thread, and a list of system calls. The host lane is played here; at the first step of the box lane a child is born, in
 * the namespaces that the host lane has asked for, and plays it. Where the lane changes, the two meet. With the last step the child becomes
 * the command; this process stays as its monitor, and ends with its exit status.
 *
 * A report is each step's index, errno and nanoseconds. With it whoever started us knows as much as we do, and passes signals on.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// #region plan
/*
 * A plan, encoded (src/plan/encode.ts): numbers are little-endian, and every string ends with a NUL.
 *
 *   plan  "BOXPLAN1", u32 number of steps, the steps
 *   step  u32 length of the rest, u8 lane, u8 call, u8 n, n × u8 errno that is fine, the arguments
 *   argument  a number: u64 · a string: u32 length with the NUL, bytes · a list: u32 number of strings, the strings
 */
enum { MAX_PLAN = 16 << 20, MAX_STEPS = 4096, MAX_ARGS = 5 };
enum lane { HOST, BOX };

union arg {
	uint64_t number;
	const char *text;
	char **list;
};

struct step {
	enum lane lane;
	uint8_t call;
	uint8_t fines;
	const uint8_t *fine;
	union arg args[MAX_ARGS];
};
// #endregion plan

/* What is left to be read. Nothing is read that is not there. */
struct bytes {
	const uint8_t *at;
	size_t left;
};

static _Noreturn void refuse(const char *why)
{
	dprintf(STDERR_FILENO, "launch: cannot play this plan: %s\n", why);
	_exit(125);
}

static _Noreturn void stop(const char *what)
{
	dprintf(STDERR_FILENO, "launch: cannot %s: %s\n", what, strerror(errno));
	_exit(125);
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
static char *take_text(struct bytes *from)
{
	uint32_t length = take_u32(from);
	const uint8_t *text = take(from, length);
	if (length == 0 || memchr(text, 0, length) != text + length - 1)
		refuse("a string in it does not end where it says");
	return (char *)text;
}
// #endregion text

static char **take_list(struct bytes *from)
{
	uint32_t count = take_u32(from);
	if (count > from->left / 5) /* each has a length and a NUL */
		refuse("a list in it is longer than the plan");
	char **list = calloc((size_t)count + 1, sizeof *list);
	if (!list)
		stop("remember a list");
	for (uint32_t n = 0; n < count; n++)
		list[n] = take_text(from);
	return list;
}

/* The directory of our own descriptors, as it was before any pivot: mount(2) wants a name, and this has one for each. */
static int self_fd = -1;

// #region resolve
/*
 * A path inside the box is a rumour until it has been walked: each link in it may have been put there by whoever made the image. So it is
 * walked below the box's own root, without the kernel's magic links, and what comes out is a descriptor, which nobody can exchange.
 */
static int resolve(const char *path, uint64_t flags)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	int fd = syscall(SYS_openat2, root, path, &how, sizeof how);
	int error = errno;
	close(root);
	errno = error;
	return fd;
}
// #endregion resolve

/* Walks to the directory, and leaves the last name for the call that makes it. */
static int resolve_parent(const char *path, char name[NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char parent[PATH_MAX];
	if (strlen(base) > NAME_MAX || (slash && (size_t)(slash - path) >= sizeof parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, base);
	if (!slash)
		return resolve(".", O_PATH | O_DIRECTORY);
	memcpy(parent, path, slash - path);
	parent[slash - path] = '\0';
	return resolve(parent[0] ? parent : "/", O_PATH | O_DIRECTORY);
}

static int with_fd(int result, int fd)
{
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return result;
}

static int mount_on(const char *source, int target, const char *type, unsigned long flags, const char *data)
{
	char name[16];
	snprintf(name, sizeof name, "%d", target);
	int here = open(".", O_PATH | O_CLOEXEC);
	if (here < 0 || fchdir(self_fd) < 0)
		return with_fd(-1, here);
	int result = mount(source, name, type, flags, *data ? data : NULL);
	int error = errno;
	if (fchdir(here) < 0)
		stop("come back to the working directory");
	errno = error;
	return with_fd(result, here);
}

static int box_mount(const union arg *a)
{
	if (strcmp(a[1].text, "/") == 0) /* the root is where it is, whatever a link says */
		return mount(a[0].text, "/", a[2].text, a[3].number, *a[4].text ? a[4].text : NULL);
	int target = resolve(a[1].text, O_PATH);
	if (target < 0)
		return -1;
	return with_fd(mount_on(a[0].text, target, a[2].text, a[3].number, a[4].text), target);
}

static int box_mkdir(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[0].text, name);
	return parent < 0 ? -1 : with_fd(mkdirat(parent, name, a[1].number), parent);
}

static int box_mknod(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[0].text, name);
	return parent < 0 ? -1 : with_fd(mknodat(parent, name, a[1].number, a[2].number), parent);
}

static int box_symlink(const union arg *a)
{
	char name[NAME_MAX + 1];
	int parent = resolve_parent(a[1].text, name);
	return parent < 0 ? -1 : with_fd(symlinkat(a[0].text, parent, name), parent);
}

static int write_all(int fd, const char *text)
{
	size_t length = strlen(text);
	ssize_t written = fd < 0 ? -1 : write(fd, text, length);
	if (written >= 0 && (size_t)written < length) {
		errno = EIO;
		written = -1;
	}
	return with_fd(written < 0 ? -1 : 0, fd);
}

static int host_write(const union arg *a) { return write_all(open(a[0].text, O_WRONLY | O_CLOEXEC), a[1].text); }
static int host_mkdir(const union arg *a) { return mkdir(a[0].text, a[1].number); }
static int host_rmdir(const union arg *a) { return rmdir(a[0].text); }
static int box_write(const union arg *a) { return write_all(resolve(a[0].text, O_WRONLY), a[1].text); }
static int box_chroot(const union arg *a) { return chroot(a[0].text); }
static int box_chdir(const union arg *a) { return chdir(a[0].text); }
static int box_unshare(const union arg *a) { return unshare(a[0].number); }
static int box_sethostname(const union arg *a) { return sethostname(a[0].text, strlen(a[0].text)); }
static int box_umount2(const union arg *a) { return umount2(a[0].text, a[1].number); }
static int box_pivot_root(const union arg *a) { return syscall(SYS_pivot_root, a[0].text, a[1].text); }
static int box_prctl(const union arg *a) { return prctl(a[0].number, a[1].number, 0, 0, 0); }

// #region birth
/* What the host lane's unshare has asked for: the namespaces of the next child. */
static uint64_t born_in;
static const uint64_t NAMESPACES = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS;

static int host_unshare(const union arg *a)
{
	if (a[0].number & ~NAMESPACES) {
		errno = EINVAL; /* clone3 has other flags, and they are not a plan's */
		return -1;
	}
	born_in |= a[0].number;
	return 0;
}

static pid_t birth(int *pidfd)
{
	struct clone_args how = { .flags = born_in | CLONE_PIDFD, .pidfd = (uintptr_t)pidfd, .exit_signal = SIGCHLD };
	return syscall(SYS_clone3, &how, sizeof how);
}
// #endregion birth

// #region execvpe
/* exec(3), in the PATH of the box. CVE-2024-21626: a working directory outside of the root would be a way out. */
static int box_execvpe(const union arg *a)
{
	char here[PATH_MAX], path[PATH_MAX];
	if (!getcwd(here, sizeof here) || here[0] != '/') {
		errno = EXDEV;
		return -1;
	}
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	if (strchr(a[0].text, '/'))
		return execve(a[0].text, a[1].list, a[2].list);
	const char *search = "/bin:/usr/bin";
	for (char **entry = a[2].list; *entry; entry++)
		if (strncmp(*entry, "PATH=", 5) == 0)
			search = *entry + 5;
	int verdict = ENOENT;
	for (const char *end; search; search = end ? end + 1 : NULL) {
		end = strchr(search, ':');
		int length = end ? end - search : (int)strlen(search);
		if (snprintf(path, sizeof path, "%.*s/%s", length ? length : 1, length ? search : ".", a[0].text) >= PATH_MAX)
			continue;
		execve(path, a[1].list, a[2].list);
		if (errno == ENOENT || errno == ENOTDIR)
			continue;
		verdict = errno;
		if (errno != EACCES)
			break;
	}
	errno = verdict;
	return -1;
}
// #endregion execvpe

// #region calls
/* The calls of a plan, in the order of src/plan/encode.ts. s: a string, n: a number, l: a list. */
static const struct call {
	const char *name;
	const char *takes;
	int (*play[2])(const union arg *); /* in the host lane, in the box lane */
	uint64_t namespace;                 /* without which it would change the host */
} calls[] = {
	{ "chroot", "s", { NULL, box_chroot }, 0 },
	{ "chdir", "s", { NULL, box_chdir }, 0 },
	{ "unshare", "n", { host_unshare, box_unshare }, 0 },
	{ "sethostname", "s", { NULL, box_sethostname }, CLONE_NEWUTS },
	{ "mount", "sssns", { NULL, box_mount }, CLONE_NEWNS },
	{ "umount2", "sn", { NULL, box_umount2 }, CLONE_NEWNS },
	{ "pivot_root", "ss", { NULL, box_pivot_root }, CLONE_NEWNS },
	{ "mkdir", "sn", { host_mkdir, box_mkdir }, 0 },
	{ "rmdir", "s", { host_rmdir, NULL }, 0 },
	{ "mknod", "snn", { NULL, box_mknod }, 0 },
	{ "symlink", "ss", { NULL, box_symlink }, 0 },
	{ "write", "ss", { host_write, box_write }, 0 },
	{ "prctl", "nn", { NULL, box_prctl }, 0 },
	{ "execvpe", "sll", { NULL, box_execvpe }, 0 },
};
// #endregion calls

enum { CALLS = sizeof calls / sizeof *calls };

static bool is_command(const struct step *step) { return calls[step->call].play[BOX] == box_execvpe; }

static struct step decode_step(struct bytes *from)
{
	uint32_t length = take_u32(from);
	struct bytes rest = { take(from, length), length };
	struct step step = { .lane = *take(&rest, 1), .call = *take(&rest, 1), .fines = *take(&rest, 1) };
	if (step.lane > BOX || step.call >= CALLS || !calls[step.call].play[step.lane])
		refuse("it has a call that is not known in its lane");
	step.fine = take(&rest, step.fines);
	for (size_t n = 0; calls[step.call].takes[n]; n++)
		switch (calls[step.call].takes[n]) {
		case 's': step.args[n].text = take_text(&rest); break;
		case 'n': step.args[n].number = take_u64(&rest); break;
		case 'l': step.args[n].list = take_list(&rest); break;
		}
	if (rest.left > 0)
		refuse("a step in it has more arguments than its call");
	return step;
}

// #region harm
/* Looks through a plan before anything of it is played: what changes the view of everybody needs a view of its own first. */
static void refuse_harm(const struct step *steps, size_t count)
{
	uint64_t own = 0;
	for (size_t n = 0; n < count; n++) {
		const struct call *call = &calls[steps[n].call];
		if (call->play[BOX] == box_unshare)
			own |= steps[n].args[0].number;
		if ((own & call->namespace) != call->namespace)
			refuse("it would change the host itself: an unshare is missing before it mounts or names anything");
		if (is_command(&steps[n]) != (n == count - 1))
			refuse("its last step, and no other, has to become the command");
	}
}
// #endregion harm

static struct step *decode(struct bytes from, size_t *count)
{
	if (from.left < 8 || memcmp(take(&from, 8), "BOXPLAN1", 8) != 0)
		refuse("it does not begin as one");
	*count = take_u32(&from);
	if (*count == 0 || *count > MAX_STEPS)
		refuse("it has no steps, or too many");
	struct step *steps = calloc(*count, sizeof *steps);
	if (!steps)
		stop("remember a plan");
	for (size_t n = 0; n < *count; n++)
		steps[n] = decode_step(&from);
	if (from.left > 0)
		refuse("something follows its last step");
	refuse_harm(steps, *count);
	return steps;
}

static struct bytes read_plan(int fd)
{
	uint8_t *plan = mmap(NULL, MAX_PLAN + 1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || plan == MAP_FAILED)
		stop("open the plan");
	size_t length = 0;
	for (ssize_t n; (n = read(fd, plan + length, MAX_PLAN + 1 - length)) != 0; length += n)
		if (n < 0)
			stop("read the plan");
	if (length > MAX_PLAN)
		refuse("it is longer than 16 MiB");
	close(fd);
	return (struct bytes){ plan, length };
}

/* What became of a step. Kept until the lane changes: whoever reads them should not be woken for each. */
struct result {
	uint32_t step;
	int32_t error;
	uint64_t nanoseconds;
};

static struct result results[MAX_STEPS];
static size_t kept;
static int report_fd = -1;

static void flush(void)
{
	const size_t length = kept * sizeof *results;
	if (report_fd >= 0 && length > 0 && write(report_fd, results, length) != (ssize_t)length)
		_exit(125); /* whoever wanted to know has gone */
	kept = 0;
}

static void report(uint32_t step, int32_t error, uint64_t nanoseconds)
{
	if (report_fd >= 0)
		results[kept++] = (struct result){ htole32(step), htole32(error), htole64(nanoseconds) };
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * UINT64_C(1000000000) + time.tv_nsec;
}

static bool is_fine(const struct step *step, int error)
{
	return error == 0 || (error < 256 && memchr(step->fine, error, step->fines));
}

/* Where a lane has come to: the next step, and 0, or the step that failed, and its errno. */
struct place {
	uint32_t step;
	int32_t error;
};

// #region play
/* Plays one step. Returns its errno, or 0 when it has done its work. */
static int play(const struct step *step, uint32_t n)
{
	const uint64_t start = now();
	const int error = calls[step->call].play[step->lane](step->args) < 0 ? errno : 0;
	report(n, error, now() - start);
	return is_fine(step, error) ? 0 : error;
}

/* Plays a lane's steps from `n` on, up to where the lane changes, or a step fails, or the command is next. */
static struct place play_lane(const struct step *steps, uint32_t n)
{
	struct place place = { n, 0 };
	for (const enum lane lane = steps[n].lane; steps[place.step].lane == lane; place.step++)
		if (is_command(&steps[place.step]) || (place.error = play(&steps[place.step], place.step)))
			break;
	flush();
	return place;
}
// #endregion play

static int meeting_fd = -1; /* one end of the socket at which the two lanes meet */

static void say(struct place place)
{
	if (send(meeting_fd, &place, sizeof place, MSG_NOSIGNAL) != sizeof place)
		_exit(125); /* there is nobody to say it to */
}

static bool hear(struct place *place) { return recv(meeting_fd, place, sizeof *place, 0) == sizeof *place; }

/* Node, which reads our reports, has raised its own limit of descriptors: 1024 is what select(2) can take. */
static void lower_descriptors(void)
{
	struct rlimit limit;
	if (report_fd >= 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1024) {
		limit.rlim_cur = 1024;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

// #region box
/* The box lane. Is told where to begin, plays, says how far it came; and becomes the command, which closes the socket. */
static _Noreturn void box(const struct step *steps, const sigset_t *usual)
{
	const mode_t usual_mask = umask(0); /* a plan says which modes it wants */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	self_fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (struct place place; hear(&place);) {
		place = play_lane(steps, place.step);
		say(place);
		if (place.error || !is_command(&steps[place.step]))
			continue;
		umask(usual_mask);
		lower_descriptors();
		sigprocmask(SIG_SETMASK, usual, NULL);
		place.error = play(&steps[place.step], place.step);
		flush();
		say(place);
	}
	_exit(125);
}
// #endregion box

enum { PID_REPORT = UINT32_MAX };

static pid_t begin_box(const struct step *steps, const sigset_t *usual)
{
	int ends[2], pidfd;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		stop("make a socket");
	const pid_t pid = birth(&pidfd);
	if (pid < 0)
		stop("make a process in namespaces of its own");
	meeting_fd = ends[pid == 0];
	close(ends[pid != 0]);
	if (pid == 0)
		box(steps, usual);
	report(PID_REPORT, pid, 0);
	flush();
	return pid;
}

/* A step has failed. Whoever asked may want to look at the box before it goes: it is kept until they have closed their end, or said a byte. */
static _Noreturn void fail(const struct step *steps, struct place place)
{
	char byte;
	if (report_fd < 0)
		dprintf(STDERR_FILENO, "launch: step %u, %s: %s\n", place.step + 1, calls[steps[place.step].call].name, strerror(place.error));
	else if (read(report_fd, &byte, 1) < 0)
		_exit(125);
	_exit(125); /* and the box with it: PR_SET_PDEATHSIG */
}

// #region host
/* The host lane. Returns the process that has become the command. */
static pid_t host(const struct step *steps, size_t count, const sigset_t *usual)
{
	pid_t pid = 0;
	for (struct place place = { 0, 0 }; pid == 0 || place.step < count - 1;) {
		if (steps[place.step].lane == HOST) {
			place = play_lane(steps, place.step);
		} else {
			if (pid == 0)
				pid = begin_box(steps, usual);
			say(place);
			if (!hear(&place))
				stop("finish the box: its process was killed meanwhile");
		}
		if (place.error)
			fail(steps, place);
	}
	const uint64_t start = now();
	struct place refused;
	if (hear(&refused))
		fail(steps, refused);
	report(count - 1, 0, now() - start);
	flush();
	return pid;
}
// #endregion host

/* A signal that PID 1 does not handle does not reach it. Then what the kernel does for any other process is done here. */
static bool is_heard(pid_t pid, int signal)
{
	char path[32], line[256];
	unsigned long long mask = 0, heard = 0;
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *status = fopen(path, "re");
	while (status && fgets(line, sizeof line, status))
		if (sscanf(line, "SigCgt: %llx", &mask) == 1 || sscanf(line, "SigIgn: %llx", &mask) == 1)
			heard |= mask;
	if (status)
		fclose(status);
	return heard >> (signal - 1) & 1;
}

static void pass(pid_t pid, int signal)
{
	kill(pid, is_heard(pid, signal) || !(born_in & CLONE_NEWPID) ? signal : SIGKILL);
}

// #region monitor
/* Stays until the command has ended, and hands on what is meant for it. Returns its exit status; 128 + n when signal n ended it. */
static int monitor(pid_t pid, const sigset_t *all)
{
	int status;
	for (int signal;;) {
		sigwait(all, &signal);
		const bool is_ours = report_fd >= 0; /* whoever started us passes signals on */
		if (signal == SIGCHLD && waitpid(pid, &status, WNOHANG) == pid && !WIFSTOPPED(status))
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (!is_ours && (signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT))
			pass(pid, signal);
	}
}
// #endregion monitor

// #region seal
/*
 * CVE-2019-5736: a command named /proc/self/exe would start this very file, inside the box, and the box could then write to it. So what runs is
 * a copy in memory that nobody can write to any more.
 */
static void run_sealed(char **argv)
{
	char path[64];
	const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length >= 7 && memcmp(path, "/memfd:", 7) == 0)
		return;
	const int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	const int copy = memfd_create("launch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat size;
	if (self < 0 || copy < 0 || fstat(self, &size) < 0)
		stop("make a copy of itself");
	for (off_t sent = 0; sent < size.st_size;)
		if (sendfile(copy, self, &sent, size.st_size - sent) <= 0)
			stop("make a copy of itself");
	if (fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		stop("seal its copy");
	fexecve(copy, argv, environ);
	stop("start its copy");
}
// #endregion seal

int main(int argc, char **argv)
{
	int plan_fd = -1;
	run_sealed(argv);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int option; (option = getopt(argc, argv, "r:p:")) != -1;)
		if (option == 'r')
			report_fd = atoi(optarg);
		else if (option == 'p')
			plan_fd = atoi(optarg);
		else
			return 125;
	if (optind == argc - 1)
		plan_fd = open(argv[optind], O_RDONLY | O_CLOEXEC);
	else if (plan_fd < 0)
		refuse("none was named. Usage: launch PLAN");
	size_t count;
	const struct step *steps = decode(read_plan(plan_fd), &count);
	sigset_t all, usual;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &usual);
	return monitor(host(steps, count, &usual), &all);
}
