/* Who the command is, and what it may: credentials(7), capabilities(7), seccomp(2), landlock(7), keyctl(2). */
#include "launch.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// #region users
/* A change of user takes back what prctl(2) calls the parent-death signal: it is asked for again. */
static int still_dies_with_us(int result)
{
	return result < 0 ? -1 : prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* 32 bits, the last of which is nobody: -1 would leave root as it is, and 2^32 be root again (CVE-2024-40635). */
static bool is_id(uint64_t number)
{
	if (number < UINT32_MAX)
		return true;
	errno = EINVAL;
	return false;
}

int box_setgid(const union arg *a)
{
	const uint64_t id = a[0].number;
	return !is_id(id) ? -1 : still_dies_with_us(syscall(SYS_setresgid, id, id, id));
}

int box_setuid(const union arg *a)
{
	const uint64_t id = a[0].number;
	return !is_id(id) ? -1 : still_dies_with_us(syscall(SYS_setresuid, id, id, id));
}

int box_setgroups(const union arg *a)
{
	const struct numbers groups = a[0].numbers;
	gid_t *list = calloc(groups.count + 1, sizeof *list);
	if (!list)
		return -1;
	bool known = true;
	for (uint32_t n = 0; n < groups.count && (known = is_id(groups.at[n])); n++)
		list[n] = groups.at[n];
	int result = known ? syscall(SYS_setgroups, groups.count, list) : -1;
	free(list);
	return result;
}
// #endregion users

int box_prctl(const union arg *a) { return prctl(a[0].number, a[1].number, a[2].number, 0, 0); }
int box_setsid(const union arg *a) { (void)a; return setsid() < 0 ? -1 : 0; }
int box_sethostname(const union arg *a) { return sethostname(a[0].text, strlen(a[0].text)); }
int box_setdomainname(const union arg *a) { return setdomainname(a[0].text, strlen(a[0].text)); }

// #region capabilities
/* Two words of 32 bits for each of the three sets: capset(2). */
int box_capset(const union arg *a)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[2];
	for (int word = 0; word < 2; word++)
		sets[word] = (struct __user_cap_data_struct){ a[0].number >> 32 * word, a[1].number >> 32 * word, a[2].number >> 32 * word };
	return syscall(SYS_capset, &header, sets);
}

/* prctl(PR_CAPBSET_DROP) of each capability that this kernel knows and the set has not. */
int box_capbset(const union arg *a)
{
	for (unsigned capability = 0; capability < 64 && prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		if (!(a[0].number >> capability & 1) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return -1;
	return 0;
}
// #endregion capabilities

// #region seccomp
bool is_filter(struct blob filter)
{
	return filter.size % sizeof(struct sock_filter) == 0 && filter.size / sizeof(struct sock_filter) <= BPF_MAXINSNS;
}

int box_seccomp(const union arg *a)
{
	const struct blob filter = a[1].blob;
	struct sock_fprog program = { filter.size / sizeof(struct sock_filter), (struct sock_filter *)filter.bytes };
	if (is_filter(filter))
		return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, a[0].number, &program);
	errno = EINVAL;
	return -1;
}
// #endregion seccomp

int box_keyctl(const union arg *a) { return syscall(SYS_keyctl, a[0].number, *a[1].text ? a[1].text : NULL, 0, 0, 0) < 0 ? -1 : 0; }

enum { TRUNCATE = 1 << 14, IOCTL_DEV = 1 << 15 }; /* newer than some headers */

// #region landlock
/* struct landlock_ruleset_attr; an older kernel takes a longer one when what it does not know is zero. */
int box_landlock_create_ruleset(const union arg *a)
{
	const uint64_t handled[3] = { a[1].number, a[2].number, a[3].number };
	const size_t known = handled[2] ? 24 : handled[1] ? 16 : 8;
	return fill_slot(a[0].number, syscall(SYS_landlock_create_ruleset, handled, known, 0));
}

/* Nothing is made, or removed, below a file: the kernel refuses to hear of it. */
static const uint64_t OF_FILES = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | TRUNCATE | IOCTL_DEV;

int box_landlock_add_rule(const union arg *a)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = a[2].number };
	int ruleset = slot(a[0].number);
	struct stat what;
	rule.parent_fd = ruleset < 0 ? -1 : resolve(a[1].text, O_PATH);
	if (rule.parent_fd < 0)
		return -1;
	if (fstat(rule.parent_fd, &what) == 0 && !S_ISDIR(what.st_mode))
		rule.allowed_access &= OF_FILES;
	return with_fd(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0), rule.parent_fd);
}

int box_landlock_restrict_self(const union arg *a)
{
	return slot(a[0].number) < 0 ? -1 : syscall(SYS_landlock_restrict_self, slot(a[0].number), 0);
}
// #endregion landlock
