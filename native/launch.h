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
enum { MAX_PLAN = 16 << 20, MAX_STEPS = 4096, MAX_ARGS = 5, MAX_SLOTS = 64 };
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
int resolve_parent(const char *path, char *name);
int with_fd(int result, int fd);
int mount_by_name(int source, const char *source_path, int target, const char *type, unsigned long flags, const char *data);

/* slots.c: descriptors that one step opens and a later one needs. */
int slot(uint64_t number);
int fill_slot(uint64_t number, int fd);
size_t fresh_slots(uint64_t *mask, int fds[MAX_SLOTS]);
void take_slots(uint64_t mask, const int *fds);
void close_slots(void);

/* number.c */
bool names_box(const struct step *step);
void name_box(struct plan plan);

/* birth.c: the box's process, and what it is to be born in. */
extern uint64_t born_in;
extern uint32_t born_by;
extern pid_t box_pid;
extern int box_pidfd;
pid_t birth(int *pidfd);
_Noreturn void give_up(void);

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
extern uint32_t playing; /* the step */
extern bool box_stays;   /* when we have gone */
void play_plan(struct plan plan, const sigset_t *usual);

/* log.c, monitor.c, seal.c */
void use_log(void);
void keep(const char *path, int number);
int monitor(pid_t pid, const char *status_file, const sigset_t *all);
void run_sealed(char **argv);

/* birth.c, files.c, mounts.c, rights.c, network.c, devices.c, programs.c: the calls. */
play host_unshare, host_setns, host_clone_into_cgroup, host_write, host_mkdir, host_rmdir, host_run, host_ask, host_bpf_prog_load, host_bpf_prog_attach;
play box_chroot, box_chdir, box_fchdir, box_unshare, box_setns, box_sethostname, box_pivot_root, box_mkdir, box_mknod, box_symlink, box_write, box_execvpe;
play box_mount, box_umount2, host_open_tree, box_open_tree, mount_setattr_of, box_move_mount;
play box_setgroups, box_setgid, box_setuid, box_prctl, box_capset, box_capbset, box_setrlimit, box_seccomp, box_keyctl;
play box_landlock_create_ruleset, box_landlock_add_rule, box_landlock_restrict_self;
play netlink;

#endif
