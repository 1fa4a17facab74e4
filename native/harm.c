/*
 * What a step gives, and what it needs, so that it changes the box and not the host. This is against what was left out of a plan: whoever means to
 * change the host has the host lane for it.
 */
#include "launch.h"

#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>

static const uint64_t NOTHING_GIVES_IT = UINT64_C(1) << 63;

/* Which namespace has its own of which settings: ipc_namespaces(7), uts_namespaces(7), network_namespaces(7). All others are the machine's. */
static const struct {
	const char *begins;
	uint64_t namespace;
} OWNERS[] = {
	{ "kernel/hostname", CLONE_NEWUTS }, { "kernel/domainname", CLONE_NEWUTS },
	{ "kernel/msg", CLONE_NEWIPC },      { "kernel/sem", CLONE_NEWIPC },
	{ "kernel/shm", CLONE_NEWIPC },      { "fs/mqueue/", CLONE_NEWIPC },
	{ "net/", CLONE_NEWNET },            { "user/", CLONE_NEWUSER },
};

static uint64_t owner_of(const char *path)
{
	static const char SETTINGS[] = "/proc/sys/";
	if (strncmp(path, SETTINGS, sizeof SETTINGS - 1) != 0)
		return 0;
	for (size_t n = 0; n < sizeof OWNERS / sizeof *OWNERS; n++)
		if (strncmp(path + sizeof SETTINGS - 1, OWNERS[n].begins, strlen(OWNERS[n].begins)) == 0)
			return OWNERS[n].namespace;
	return NOTHING_GIVES_IT;
}

/* Namespaces, as flags. One whose failure would be fine may not be there. */
uint64_t given_by(const struct step *step)
{
	play *does = calls[step->call].in[BOX];
	if (step->fines > 0)
		return 0;
	return (does == box_unshare ? step->args[0].number : does == box_setns ? step->args[1].number : 0) & ~NOTHING_GIVES_IT;
}

/* A tree that is no copy is the mount itself: mount_setattr(2) would make the host's own read-only. */
uint64_t needed_by(const struct step *step)
{
	const struct call *call = &calls[step->call];
	if ((call->in[BOX] == box_open_tree || call->in[BOX] == box_open_tree_attr) && !(step->args[2].number & OPEN_TREE_CLONE))
		return step->lane == HOST ? NOTHING_GIVES_IT : CLONE_NEWNS;
	if (step->lane == HOST)
		return 0;
	return call->in[BOX] == box_write ? owner_of(step->args[0].text) : call->namespace;
}
