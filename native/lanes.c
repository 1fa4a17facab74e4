/*
 * The two lanes. The host's is played here; at the first step that needs the box a child is born, and plays the box's. Where the lane changes, the
 * two meet at a socket, and say how far they have come.
 */
#include "launch.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

uint32_t playing;
bool box_stays;
const char *pid_file;
mode_t command_umask;

/* Where a lane has come to: the next step, and 0, or the step that failed, and its errno. */
struct place {
	uint32_t step;
	int32_t error;
	uint64_t slots; /* what the other side is handed, as a mask */
};

static bool is_fine(const struct step *step, int error)
{
	return error == 0 || (error < 256 && memchr(step->fine, error, step->fines));
}

static bool is_command(const struct step *step) { return calls[step->call].in[BOX] == box_execvpe; }

/* From here on the box goes its own way: it becomes the command, or waits until somebody else says that it may. */
static bool is_threshold(const struct step *step) { return is_command(step) || calls[step->call].in[BOX] == box_read; }

/* The box can't be named before it is born. */
static bool waits_for_box(const struct step *step) { return !box_pid && (step->lane == BOX || names_box(step)); }

// #region play
/* Plays one step. Returns its errno, or 0 when it has done its work. */
static int play_step(const struct step *step, uint32_t n)
{
	const uint64_t start = now();
	playing = n;
	const int error = calls[step->call].in[step->lane](step->args) < 0 ? errno : 0;
	report(n, error, now() - start);
	return is_fine(step, error) ? 0 : error;
}

/* Plays a lane's steps from `n` on, up to where the lane changes, or a step fails, or the threshold is next. */
static struct place play_lane(struct plan plan, uint32_t n)
{
	struct place place = { .step = n };
	for (const enum lane lane = plan.steps[n].lane; plan.steps[place.step].lane == lane; place.step++) {
		const struct step *step = &plan.steps[place.step];
		if (is_threshold(step) || (lane == HOST && waits_for_box(step)) || (place.error = play_step(step, place.step)))
			break;
	}
	flush_reports();
	return place;
}
// #endregion play

static int meeting_fd = -1; /* one end of the socket at which the two lanes meet */

// #region meet
union ancillary {
	char bytes[CMSG_SPACE(MAX_SLOTS * sizeof(int))];
	struct cmsghdr head;
};

/* @param fds what goes with it. */
static void say(struct place place, const int *fds, size_t count)
{
	union ancillary with = { 0 };
	struct iovec words = { &place, sizeof place };
	struct msghdr message = { .msg_iov = &words, .msg_iovlen = 1 };
	if (count > 0) {
		message.msg_control = with.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
		with.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(count * sizeof *fds), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(&with.head), fds, count * sizeof *fds);
	}
	if (sendmsg(meeting_fd, &message, MSG_NOSIGNAL) != sizeof place)
		give_up(); /* there is nobody to say it to */
}

static bool hear(struct place *place)
{
	union ancillary with = { 0 };
	struct iovec words = { place, sizeof *place };
	struct msghdr message = { .msg_iov = &words, .msg_iovlen = 1, .msg_control = with.bytes, .msg_controllen = sizeof with.bytes };
	if (recvmsg(meeting_fd, &message, MSG_CMSG_CLOEXEC) != sizeof *place)
		return false;
	if (place->slots && message.msg_controllen >= CMSG_LEN(__builtin_popcountll(place->slots) * sizeof(int)))
		take_slots(place->slots, (const int *)CMSG_DATA(&with.head));
	return true;
}
// #endregion meet

/* Node, which reads our reports, has raised its own limit of descriptors: 1024 is what select(2) can take. */
static void lower_descriptors(void)
{
	struct rlimit limit;
	if (report_fd >= 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > 1024) {
		limit.rlim_cur = 1024;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

// #region threshold
/* Once its number is known, whoever has started the box may go. */
static void wait_to_be_known(void)
{
	struct place place;
	if (pid_file && !hear(&place))
		leave();
	if (box_stays)
		prctl(PR_SET_PDEATHSIG, 0);
}

/* The box waits, and there is nobody any more whom it could tell. What becomes of it is for whoever lets it go on, and for them a failure alone. */
static _Noreturn void go_on_alone(struct plan plan, uint32_t n, const sigset_t *usual)
{
	const int answers = slot(plan.steps[n].args[1].number);
	int error = 0;
	prctl(PR_SET_DUMPABLE, 0); /* others may be in its PID namespace: they have no business with what it holds */
	close(meeting_fd);
	if (report_fd >= 0)
		close(report_fd);
	report_fd = -1;
	for (; error == 0; n++) {
		if (is_command(&plan.steps[n]))
			sigprocmask(SIG_SETMASK, usual, NULL);
		error = play_step(&plan.steps[n], n);
	}
	report_fd = answers;
	report(n - 1, error, 0);
	flush_reports();
	leave();
}
// #endregion threshold

// #region box
/* The box lane. Is told where to begin, plays, says how far it came; and becomes the command, which closes the socket. */
static _Noreturn void box(struct plan plan, const sigset_t *usual)
{
	command_umask = umask(0); /* a plan says which modes it wants */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) /* and should we be dead by now, there is nobody to be heard */
		stop("die with its launcher");
	use_log();
	lower_descriptors();
	remember_descriptors();
	name_box(plan, BOX, getpid());
	for (struct place place; hear(&place);) {
		place = play_lane(plan, place.step);
		say(place, NULL, 0);
		const struct step *step = &plan.steps[place.step];
		if (place.error || !is_threshold(step))
			continue;
		wait_to_be_known();
		umask(command_umask);
		if (!is_command(step))
			go_on_alone(plan, place.step, usual);
		if (box_has_init)
			be_init(meeting_fd);
		if (sigprocmask(SIG_SETMASK, usual, NULL) == 0)
			place.error = play_step(step, place.step);
		else
			report(place.step, place.error = errno, 0);
		flush_reports();
		say(place, NULL, 0);
	}
	leave();
}
// #endregion box

/* A step has failed. Whoever asked may want to look at the box before it goes: it is kept until they have closed their end, or said a byte. */
static _Noreturn void fail(struct plan plan, struct place place)
{
	char byte;
	if (pid_file)
		unlink(pid_file);
	if (report_fd < 0)
		dprintf(STDERR_FILENO, "launch: step %u, %s: %s\n", place.step + 1, calls[plan.steps[place.step].call].name, strerror(place.error));
	else if (read(report_fd, &byte, 1) < 0)
		give_up();
	give_up();
}

static void begin_box(struct plan plan, const sigset_t *usual)
{
	int ends[2], pidfd;
	const uint64_t start = now();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		stop("make a socket");
	const pid_t pid = birth(&pidfd);
	if (pid < 0) {
		const struct place place = { .step = born_by, .error = errno };
		report(born_by, place.error, now() - start);
		flush_reports();
		fail(plan, place);
	}
	meeting_fd = ends[pid == 0];
	close(ends[pid != 0]);
	if (pid == 0)
		box(plan, usual);
	box_pid = pid;
	box_pidfd = pidfd;
	name_box(plan, HOST, pid);
	report(PID_REPORT, pid, now() - start);
	flush_reports();
}

static struct place meet(struct place place)
{
	int fds[MAX_SLOTS];
	const size_t count = fresh_slots(&place.slots, fds);
	say(place, fds, count);
	close_given();
	if (hear(&place))
		return place;
	box_was_killed();
}

// #region host
/* The host lane, from the first step to the threshold. */
void play_plan(struct plan plan, const sigset_t *usual)
{
	struct place place = { 0 };
	for (bool ready = false; !ready;) {
		const struct step *step = &plan.steps[place.step];
		if (waits_for_box(step))
			begin_box(plan, usual);
		place = step->lane == HOST ? play_lane(plan, place.step) : meet(place);
		if (place.error)
			fail(plan, place);
		ready = step->lane == BOX && is_threshold(&plan.steps[place.step]); /* the box has heard that it is its turn */
	}
	close_slots();
	if (pid_file) {
		keep(pid_file, box_pid);
		say(place, NULL, 0);
	}
	const uint64_t start = now();
	struct place refused;
	if (hear(&refused))
		fail(plan, refused);
	if (is_command(&plan.steps[place.step]) && !box_has_init && never_began(box_pid))
		box_was_killed();
	report(place.step, 0, now() - start);
	flush_reports();
}
// #endregion host
