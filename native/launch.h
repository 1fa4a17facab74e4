/* What the files of launch share: a plan as it is in memory, and the few things that every part of it needs. */
#ifndef LAUNCH_H
#define LAUNCH_H

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// #region step
enum { MAX_PLAN = 16 << 20, MAX_STEPS = 16384, MAX_ARGS = 8, MAX_SLOTS = 64 };
enum lane { HOST, BOX };

struct blob {
	uint32_t size;
	const uint8_t *bytes;
};

struct numbers {
	uint32_t count;
	uint64_t *at;
};

union arg {
	uint64_t number;
	const char *text;
	char **list;
	struct numbers numbers;
	struct blob blob;
};

struct step {
	enum lane lane;
	uint8_t call;
	uint8_t fines;
	const uint8_t *fine;
	union arg args[MAX_ARGS];
};

struct plan {
	struct step *steps;
	uint32_t count;
};
// #endregion step

/* calls.c: the vocabulary. A call that a lane does not know has no function there. */
typedef int play(const union arg *args);

struct call {
	const char *name;
	const char *takes;
	play *in[2];        /* in the host lane, in the box lane */
	uint64_t namespace; /* without which it would change the host, in the box lane */
};

extern const struct call calls[];
extern const unsigned CALLS;

/* decode.c */
struct plan read_plan(int fd);
_Noreturn void refuse(const char *why);
_Noreturn void stop(const char *what);

/* harm.c */
uint64_t given_by(const struct step *step);
uint64_t needed_by(const struct step *step);

/* path.c: a path inside the box is walked below the box's root. */
void remember_descriptors(void);
extern bool old_root_in_sight;
int resolve(const char *path, uint64_t flags);
int resolve_by(uint64_t rules, const char *path, uint64_t flags);
int reopen(int fd, int flags);
int resolve_parent(const char *path, char *name);
int with_fd(int result, int fd);
int mount_by_name(int source, const char *source_path, int target, const char *type, unsigned long flags, const char *data);

/* places.c: where something is to be mounted. */
int resolve_place(const char *path, const char *type);
bool may_cover(const char *path, int what);

/* slots.c: descriptors that one step opens and a later one needs. */
int slot(uint64_t number);
int fill_slot(uint64_t number, int fd);
int close_slot(uint64_t number);
size_t fresh_slots(uint64_t *mask, int fds[MAX_SLOTS]);
int give_slot(uint64_t number, int fd);
void close_given(void);
void take_slots(uint64_t mask, const int *fds);
void close_slots(void);

/* number.c */
bool names_box(const struct step *step);
void name_box(struct plan plan, enum lane lane, pid_t pid);

/* birth.c: the box's process, and what it is to be born in. */
extern uint64_t born_in;
extern uint32_t born_by;
extern pid_t box_pid;
extern int box_pidfd;
pid_t birth(int *pidfd);
_Noreturn void give_up(void);
_Noreturn void box_was_killed(void);
_Noreturn void leave(void);

/* report.c: what became of each step, for whoever started us. */
enum { ASK = 1u << 31 };
static const uint32_t PID_REPORT = UINT32_MAX;
extern int report_fd;
void report(uint32_t step, int32_t error, uint64_t nanoseconds);
void flush_reports(void);
uint64_t now(void);

/* init.c */
extern bool box_has_init; /* number 1 is one of ours, and the command its child */
void be_init(int meeting_fd);

/* lanes.c */
extern uint32_t playing;     /* the step */
extern bool box_stays;       /* when we have gone */
extern const char *pid_file; /* where the box's number is to be known before we let go of it */
extern mode_t command_umask;
void play_plan(struct plan plan, const sigset_t *usual);

/* programs.c */
extern int words_fd; /* where helpers and hooks say what they have to say */

/* log.c, monitor.c, seal.c */
void use_log(void);
void keep(const char *path, int number);
bool end_box(void);
bool never_began(pid_t pid);
int monitor(pid_t pid, const char *status_file, const sigset_t *all);
void run_sealed(char **argv);

/* rights.c */
bool is_filter(struct blob filter);

/* network.c */
int open_netlink(int protocol);
int talk(int fd, const uint8_t *bytes, size_t size, int acks);

/* birth.c, files.c, mounts.c, places.c, copy.c, idmap.c, rights.c, process.c, listener.c, network.c, link.c, devices.c, programs.c, terminal.c, relay.c: the calls. */
play host_unshare, host_setns, host_clone_into_cgroup, host_open, host_write, host_mkdir, host_mknod, host_rmdir, host_ask, host_bpf_prog_load, host_bpf_prog_attach;
play box_chroot, box_chdir, box_fchdir, box_unshare, box_setns, box_sethostname, box_setsid, box_pivot_root, box_mkdir, box_mknod, box_symlink, box_write, box_read, box_access, box_execvpe;
play box_mount, box_umount2, host_open_tree, box_open_tree, mount_setattr_of, box_move_mount;
play host_open_tree_attr, box_open_tree_attr, host_idmap, box_copy, host_lchown, box_lchown, box_setdomainname, close_of;
play box_setgroups, box_setgid, box_setuid, box_prctl, box_capset, box_capbset, box_setrlimit, box_seccomp, box_keyctl;
play box_landlock_create_ruleset, box_landlock_add_rule, box_landlock_restrict_self;
play netlink, run;
play box_umask, box_personality, box_set_mempolicy, sched_setattr_of, sched_setaffinity_of, ioprio_set_of, host_prlimit;
play host_connect, host_memfd_create, box_seccomp_listener, host_move_link;
play host_tcgetattr, host_socketpair, box_openpty, box_fchown, box_bind_fd, sendmsg_of, box_login_tty, host_pidfd_open;

#endif
